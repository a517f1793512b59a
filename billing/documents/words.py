"""Words on documents. Only what has the context "document" is translated (billing/locale): the pages around it are not."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import npgettext, pgettext_lazy

from billing.choices import DocumentKind, Unit

_TITLES = {
    DocumentKind.INVOICE: pgettext_lazy("document", "Invoice"),
    DocumentKind.CREDIT_NOTE: pgettext_lazy("document", "Credit note"),
    DocumentKind.DEBIT_NOTE: pgettext_lazy("document", "Debit note"),
    DocumentKind.PROFORMA: pgettext_lazy("document", "Pro forma invoice"),
    DocumentKind.DEPOSIT: pgettext_lazy("document", "Deposit invoice"),
    DocumentKind.FINAL: pgettext_lazy("document", "Final invoice"),
}
_UNITS = {
    Unit.HOUR: pgettext_lazy("document", "h"),
    Unit.PIECE: pgettext_lazy("document", "pcs"),
    Unit.FLAT: pgettext_lazy("document", "flat"),
}


def title_of(kind: str) -> str:
    return str(_TITLES[DocumentKind(kind)])


def unit_of(unit: str) -> str:
    """The unit in the language of the document; one that has no word there as the choice is called."""
    known = Unit(unit)
    return str(_UNITS.get(known, known.label))


def later(span: timedelta) -> str:
    """How long after the work it was billed: in hours up to two days."""
    hours = max(1, round(span / timedelta(hours=1)))
    if hours < 24:
        return npgettext("document", "%d hour later", "%d hours later", hours) % hours
    days = round(hours / 24)
    return npgettext("document", "%d day later", "%d days later", days) % days
