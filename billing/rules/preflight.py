"""The checks every invoice passes before it may leave: small named functions over plain facts.

An error stops the invoice. A warning lets it go with a typed reason. Each finding names what to fix and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.choices import Severity, TaxTreatment

from . import doubts
from .facts import Check, EntryFacts, Finding, Fix, Found, InvoiceFacts, LineFacts
from .money import ZERO

__all__ = [
    "CHECKS",
    "Check",
    "EntryFacts",
    "Finding",
    "Fix",
    "InvoiceFacts",
    "LineFacts",
    "Report",
    "examine",
    "is_unusual",
]

STALE_AFTER = timedelta(days=7)
HISTORY_NEEDED = 5
UNUSUAL_Z = Decimal("3.5")  # Iglewicz and Hoaglin's cut for the modified z-score
_MAD_SCALE = Decimal("0.6745")
_LEAST_SPREAD = Decimal("0.1")  # of the median: a client billed the same each month may still differ by a tenth


def _says_what(facts: InvoiceFacts, now: datetime) -> Found:
    for line in facts.lines:
        if not line.description.strip() or (line.entries and not line.detail.strip()):
            why = _("The client would see: “%s” and nothing else.") % line.description.strip()
            yield _("A line does not say what was done"), why, Fix.LINE, line.line_id


def _has_total(facts: InvoiceFacts, now: datetime) -> Found:
    if facts.total <= ZERO:
        yield _("The total is not above zero"), _("Add a line, or discard the draft."), Fix.INVOICE, None


def _has_recipient(facts: InvoiceFacts, now: datetime) -> Found:
    if not facts.recipients and not facts.goes_by_post:
        why = _("No contact receives invoices, and no invoice e-mail is set.")
        yield _("Nobody would get it"), why, Fix.TERMS, None


def _own_recipient(facts: InvoiceFacts, now: datetime) -> Found:
    if facts.foreign_recipients:
        why = ", ".join(facts.foreign_recipients)
        yield _("It would go to a contact of another client"), why, Fix.TERMS, None


def _seller_complete(facts: InvoiceFacts, now: datetime) -> Found:
    if not facts.seller_name.strip() or not facts.seller_address.strip():
        why = _("An invoice must name who sends it.")
        yield _("Your shop's name or address is missing"), why, Fix.SHOP, None
    if not facts.seller_tax_id.strip() and any(line.tax_rate for line in facts.lines):
        why = _("Whoever charges tax must print their number.")
        yield _("Your shop's tax number is missing"), why, Fix.SHOP, None


def _buyer_complete(facts: InvoiceFacts, now: datetime) -> Found:
    if not facts.buyer_address.strip():
        yield _("The client's address is missing"), _("Many must have it to book the invoice."), Fix.CLIENT, None


def _untaxed_explained(facts: InvoiceFacts, now: datetime) -> Found:
    if facts.tax_treatment == TaxTreatment.REVERSE_CHARGE and not (facts.buyer_tax_id and facts.tax_reason):
        why = _("Reverse charge needs the client's tax number and the reason on the invoice.")
        yield _("Reverse charge is not explained"), why, Fix.TAX, None
    explained = (TaxTreatment.STANDARD, TaxTreatment.REVERSE_CHARGE)
    if facts.tax_treatment not in explained and not facts.tax_reason:
        why = _("An invoice without tax must print its reason, for example the article of the law.")
        yield _("It is not said why no tax is charged"), why, Fix.TAX, None


def _untaxed_carries_none(facts: InvoiceFacts, now: datetime) -> Found:
    taxed = [line for line in facts.lines if line.tax_rate]
    if facts.tax_treatment != TaxTreatment.STANDARD and taxed:
        why = ngettext("%d line carries tax.", "%d lines carry tax.", len(taxed)) % len(taxed)
        yield _("Tax is charged that the invoice says is not"), why, Fix.TAX, None


def _tax_of_today(facts: InvoiceFacts, now: datetime) -> Found:
    copied, today = (facts.tax_treatment, facts.tax_reason), (facts.terms_treatment, facts.terms_reason)
    other = [line for line in facts.lines if line.tax_rate != facts.terms_rate and not line.tax_by_hand]
    if copied != today or (other and facts.terms_rate is not None):
        why = _("The terms or the shop's rate were changed after it was drafted.")
        yield _("The tax is not what holds for this client today"), why, Fix.TAX, None


def _tax_expected(facts: InvoiceFacts, now: datetime) -> Found:
    untaxed = [line for line in facts.lines if not line.tax_rate]
    if facts.tax_treatment == TaxTreatment.STANDARD and facts.seller_tax_id and untaxed:
        why = ngettext("%d line carries no tax.", "%d lines carry no tax.", len(untaxed)) % len(untaxed)
        yield _("Tax is missing"), why, Fix.TERMS, None


def _order_number(facts: InvoiceFacts, now: datetime) -> Found:
    if facts.po_required and not facts.po_number.strip():
        why = _("This client pays nothing without one.")
        yield _("No purchase order number"), why, Fix.ORDER, None


def _e_invoice_complete(facts: InvoiceFacts, now: datetime) -> Found:
    lacking = facts.e_invoice
    missing = _("Missing: %s.")
    if lacking.of_shop:
        yield _("The e-invoice lacks something of yours"), missing % ", ".join(lacking.of_shop), Fix.DOCUMENTS, None
    if lacking.of_client:
        yield _("The e-invoice lacks something of the client"), missing % ", ".join(lacking.of_client), Fix.TERMS, None
    for why in lacking.of_tax:
        yield _("It cannot be an e-invoice"), f"{why}.", Fix.TERMS, None


def _no_overlap(facts: InvoiceFacts, now: datetime) -> Found:
    for line in facts.lines:
        for entry in line.entries:
            if entry.overlaps:
                why = _("#%(ticket)d: %(who)s has other work at the same time.") % _of(entry)
                yield _("Time overlaps"), why, Fix.LINE, line.line_id


def _not_in_future(facts: InvoiceFacts, now: datetime) -> Found:
    for line in facts.lines:
        for entry in line.entries:
            if entry.ended_at > now:
                why = _("#%(ticket)d: %(who)s logged time that is not over yet.") % _of(entry)
                yield _("Time lies in the future"), why, Fix.LINE, line.line_id


def _of(entry: EntryFacts) -> dict[str, object]:
    return {"ticket": entry.ticket_number, "who": entry.who}


def _is_fresh(facts: InvoiceFacts, now: datetime) -> Found:
    age = now - facts.created_at
    if age > STALE_AFTER:
        why = _("Prices, people or work may have changed since.")
        yield ngettext("Drafted %d day ago", "Drafted %d days ago", age.days) % age.days, why, Fix.INVOICE, None


def _usual_total(facts: InvoiceFacts, now: datetime) -> Found:
    if is_unusual(facts.total, facts.usual_totals):
        why = _("It is far from what this client's last %d invoices came to.") % len(facts.usual_totals)
        yield _("The total is unusual for this client"), why, Fix.INVOICE, None


def is_unusual(total: Decimal, history: tuple[Decimal, ...]) -> bool:
    """Whether a total lies beyond a modified z-score of 3.5 of at least five earlier ones."""
    if len(history) < HISTORY_NEEDED:
        return False
    middle = median(history)
    spread = max(median(abs(value - middle) for value in history), abs(middle) * _LEAST_SPREAD)
    return spread > ZERO and abs(total - middle) * _MAD_SCALE / spread > UNUSUAL_Z


_E, _W = Severity.ERROR, Severity.WARNING
CHECKS: tuple[Check, ...] = (
    Check("says_what", gettext_lazy("Every line says what was done"), _E, _says_what),
    Check("has_total", gettext_lazy("The total is above zero"), _E, _has_total),
    Check("has_recipient", gettext_lazy("It has a recipient"), _E, _has_recipient),
    Check("own_recipient", gettext_lazy("The recipient belongs to this client"), _E, _own_recipient),
    Check("seller_complete", gettext_lazy("Your name, address and tax number are on it"), _E, _seller_complete),
    Check("reverse_charge", gettext_lazy("The tax treatment is explained"), _E, _untaxed_explained),
    Check("untaxed", gettext_lazy("What carries no tax is charged none"), _E, _untaxed_carries_none),
    Check("order_number", gettext_lazy("The purchase order number is there if needed"), _E, _order_number),
    Check("e_invoice", gettext_lazy("The e-invoice has all it must have"), _E, _e_invoice_complete),
    Check("not_in_future", gettext_lazy("All time is in the past"), _E, _not_in_future),
    Check("buyer_complete", gettext_lazy("The client's address is on it"), _W, _buyer_complete),
    Check("tax_expected", gettext_lazy("Every line carries its tax"), _W, _tax_expected),
    Check("tax_of_today", gettext_lazy("The tax is today's for this client"), _W, _tax_of_today),
    Check("no_overlap", gettext_lazy("Nobody's time overlaps"), _W, _no_overlap),
    Check("is_fresh", gettext_lazy("The draft is fresh"), _W, _is_fresh),
    Check("usual_total", gettext_lazy("The total is usual for this client"), _W, _usual_total),
    Check("not_covered", gettext_lazy("Nothing is billed that the agreement covers"), _E, doubts.not_covered),
    Check("order_covers", gettext_lazy("The purchase order covers it"), _E, doubts.order_covers),
    Check("client_approves", gettext_lazy("The client has approved what it wants to"), _E, doubts.client_approves),
    Check("block_holds", gettext_lazy("No block is overdrawn"), _W, doubts.block_holds),
    Check("meant_for_clients", gettext_lazy("The words are meant for the client"), _W, doubts.meant_for_clients),
    Check("names_nobody_else", gettext_lazy("No other client is named"), _W, doubts.names_nobody_else),
    Check("billed_once", gettext_lazy("Nothing was billed before"), _W, doubts.billed_once),
    Check("as_quoted", gettext_lazy("Prices are as quoted"), _W, doubts.as_quoted),
)


@dataclass(frozen=True)
class Report:
    """The outcome of all checks for one invoice."""

    findings: tuple[Finding, ...]
    passed: tuple[Check, ...]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == Severity.WARNING]

    @property
    def failed_count(self) -> int:
        """How many checks found something, however many things each found."""
        return len(CHECKS) - len(self.passed)

    @property
    def count(self) -> int:
        return len(CHECKS)


def examine(facts: InvoiceFacts, now: datetime) -> Report:
    """Run every check."""
    findings: list[Finding] = []
    passed: list[Check] = []
    for check in CHECKS:
        found = [Finding(check.name, check.severity, *parts) for parts in check.rule(facts, now)]
        findings += found
        if not found:
            passed.append(check)
    return Report(tuple(findings), tuple(passed))
