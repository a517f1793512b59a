"""The lines that an agreement charges by the period: for the period itself, and for numbers that changed in an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.choices import Unit
from billing.models import Agreement, AgreementCharge, Invoice, InvoiceLine
from billing.queries.charging import Book
from billing.queries.terms import terms_for
from billing.rules import money
from billing.rules.charging import ChargeLine, TrueUpLine
from billing.rules.proration import Period
from billing.rules.refusals import Refused
from billing.rules.signing import plain
from billing.rules.terms import Terms

from .drafting import new_draft

CHARGE_RULE = "period-by-day/1"  # rules/charging.py
TRUE_UP_RULE = "true-up-by-day/1"


def begin_charges(agreement: Agreement, now: datetime, first: date | None, last: date | None) -> tuple[Invoice, Terms]:
    """An empty draft for what an agreement charges. Raises Refused without a tax rate, and for another currency."""
    terms = terms_for(agreement.client)
    if terms.tax_rate is None:
        raise Refused(_("Set a tax rate first: Settings, Billing."))
    if terms.currency != agreement.currency:
        raise Refused(
            _("The agreement is in %(theirs)s and the client is billed in %(ours)s.")
            % {"theirs": agreement.currency, "ours": terms.currency}
        )
    invoice = new_draft(agreement.client, terms, now)
    invoice.delivered_from, invoice.delivered_until = first, last
    invoice.save(update_fields=["delivered_from", "delivered_until"])
    return invoice, terms


def charge_line(invoice: Invoice, agreement: Agreement, line: ChargeLine, terms: Terms, position: int) -> InvoiceLine:
    """A line of a period, with the days and the number that it is for."""
    days = {"from": say_day(line.days.start), "until": say_day(line.days.end)}
    detail = _("%(from)s to %(until)s") % days
    if line.is_part:
        said = ngettext("%(days)s of %(all)s day", "%(days)s of %(all)s days", line.of_days)
        detail += ", " + said % {"days": line.days.days, "all": line.of_days}
    source = {
        "rule": CHARGE_RULE,
        **charged_by(agreement),
        "version": line.version,
        "item": str(line.item.key),
        "price": str(line.item.unit_price),
        "quantity": str(line.quantity),
        "from": line.days.start.isoformat(),
        "until": line.days.end.isoformat(),
        "days": line.days.days,
        "of_days": line.of_days,
    }
    return put_charge(
        invoice, terms, position, Charged(line.item.label, detail, line.unit_price, source, line.quantity)
    )


def charged_by(agreement: Agreement) -> dict[str, Any]:
    """What the source of a line says of the agreement that charges it."""
    return {"added_by": agreement.name, "agreement": agreement.name, "agreement_id": str(agreement.pk)}


def say_day(day: date) -> str:
    """As documents write it, in the language at hand."""
    return date_format(day, "j F Y")


@dataclass(frozen=True)
class Charged:
    """What a line that no work stands behind says and costs."""

    description: str
    detail: str
    unit_price: Decimal
    source: dict[str, Any]
    quantity: Decimal = Decimal(1)


def put_charge(invoice: Invoice, terms: Terms, position: int, charged: Charged) -> InvoiceLine:
    """One line that no work stands behind."""
    assert terms.tax_rate is not None
    return InvoiceLine.objects.create(
        invoice=invoice,
        client=invoice.client,
        position=position,
        description=charged.description,
        detail=charged.detail,
        quantity=charged.quantity,
        unit=Unit.FLAT if charged.quantity == 1 else Unit.PIECE,
        unit_price=charged.unit_price,
        amount=money.line_amount(charged.quantity, charged.unit_price, invoice.currency),
        tax_rate=terms.tax_rate,
        source=charged.source,
    )


def true_up(invoice: Invoice, book: Book, period: Period, terms: Terms, position: int) -> None:
    """Put on a period's draft what earlier periods, charged ahead, came to by day as their numbers changed. Each is looked at once."""
    charges = AgreementCharge.objects.filter(agreement=book.agreement, trued_by=None, period_end__lt=period.start)
    waiting = list(charges.order_by("period_start")) if book.agreement.in_advance else []
    lines = [line for charge in waiting for line in book.true_ups(charge)]
    for place, line in enumerate(lines, start=position):
        _true_up_line(invoice, book.agreement, line, terms, place)
    AgreementCharge.objects.filter(pk__in=[charge.pk for charge in waiting]).update(trued_by=invoice)


def _true_up_line(invoice: Invoice, agreement: Agreement, line: TrueUpLine, terms: Terms, position: int) -> InvoiceLine:
    numbers = {"counted": plain(line.counted), "charged": plain(line.charged)}
    days = {"from": say_day(line.days.start), "until": say_day(line.days.end)}
    detail = _("%(from)s to %(until)s") % days + ", "
    said = ngettext("%(days)s of %(all)s day", "%(days)s of %(all)s days", line.of_days)
    detail += said % {"days": line.days.days, "all": line.of_days} + ": "
    detail += _("%(counted)s instead of %(charged)s") % numbers
    source = {
        "rule": TRUE_UP_RULE,
        **charged_by(agreement),
        "version": line.version,
        "item": str(line.item.key),
        "price": str(line.item.unit_price),
        "true_up": {"charged": str(line.charged), "counted": str(line.counted)},
        "from": line.days.start.isoformat(),
        "until": line.days.end.isoformat(),
        "days": line.days.days,
        "of_days": line.of_days,
    }
    words = _("%(item)s: the number changed") % {"item": line.item.label}
    return put_charge(invoice, terms, position, Charged(words, detail, line.unit_price, source, line.quantity))
