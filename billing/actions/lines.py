"""Changing a draft: its lines and its own few fields."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from billing.choices import Coverage
from billing.models import Invoice, InvoiceLine, LineTime
from billing.queries.terms import terms_for
from billing.rules import money
from billing.rules.refusals import Refused
from billing.rules.tax import Tax
from msp.accounts.actions.telling import change_of
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by

from . import drafts
from .asking import ask_to_look
from .drafting import free_time
from .worked_lines import release_lines, together


def edit_draft(*, invoice: Invoice, po_number: str, payment_days: int, actor: Actor, now: datetime) -> Invoice:
    """Change the purchase order number and the days to pay."""
    with transaction.atomic():
        invoice = drafts.locked_draft(invoice)
        before = {"po_number": invoice.po_number, "payment_days": invoice.payment_days}
        invoice.po_number, invoice.payment_days = po_number, payment_days
        invoice.save(update_fields=["po_number", "payment_days"])
        data = change_of(before, {"po_number": po_number, "payment_days": payment_days})
        record(actor=actor, verb="invoice.changed", subject=invoice, now=now, data=data)
    return invoice


def edit_line(
    *,
    line: InvoiceLine,
    description: str,
    detail: str,
    quantity: Decimal,
    unit_price: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
    tax_rate: Decimal | None = None,
    tax: Tax | None = None,
) -> InvoiceLine:
    """Reword or reprice a line of a draft; `tax_rate` in percent, None leaves it; `tax`: one of the shop's taxes. Worked minutes
    stay what they are; the change and its reason stay with the line.

    Raises Refused when the amount or its tax would change without a reason, or the price is no whole minor unit.
    """
    with transaction.atomic():
        invoice = drafts.locked_draft_of_lines(line.invoice)
        line = _editable(line)
        before = _words_and_price(line)
        retaxed = _retaxed(line, tax_rate, tax)
        changed = retaxed or (quantity, unit_price) != (line.quantity, line.unit_price)
        if changed and not reason.strip():
            raise Refused(_("Say why the quantity, the price or the tax changes."))
        if line.source.get("coverage") == Coverage.BLOCK and quantity != line.quantity:
            raise Refused(_("A block gave these hours. Take the line off, or put the block right."))
        _price(line, invoice, quantity, unit_price)
        if changed:
            line.source = drafts.with_change(line, actor, now, reason)
        line.description, line.detail = description, detail
        line.save(update_fields=["description", "detail", "quantity", "unit_price", *_TAXED, "amount", "source"])
        drafts.add_up(invoice)
        data = {"line": line.description, "reason": reason.strip()} | change_of(before, _words_and_price(line))
        verb = "invoice.line_repriced" if changed else "invoice.line_reworded"
        record(actor=actor, verb=verb, subject=invoice, now=now, data=data)
    return line


def add_line(
    *,
    invoice: Invoice,
    description: str,
    detail: str,
    quantity: Decimal,
    unit: str,
    unit_price: Decimal,
    tax_rate: Decimal,
    actor: Actor,
    now: datetime,
    tax: Tax | None = None,
    form_key: UUID | None = None,
) -> InvoiceLine:
    """Add a line that no work stands behind: a part, a fee, a discount (negative price). Tax in percent; `tax`: one of the
    shop's taxes instead. Sending the same form again gives the line that the first one made.
    """
    with transaction.atomic():
        invoice = drafts.locked_draft_of_lines(invoice)
        twin, form_key = made_by(InvoiceLine.objects.filter(invoice=invoice), form_key, description=description)
        if twin:
            return twin
        line = InvoiceLine(
            invoice=invoice,
            client=invoice.client,
            position=drafts.next_position(invoice),
            description=description,
            detail=detail,
            unit=unit,
            tax_rate=tax_rate,
            source={"added_by": actor.name} | _by_hand(invoice, tax_rate),
            form_key=form_key,
        )
        _price(line, invoice, quantity, unit_price)
        _retaxed(line, None, tax)
        line.save(force_insert=True)
        drafts.add_up(invoice)
        record(actor=actor, verb="invoice.line_added", subject=invoice, now=now, data={"line": description})
    return line


def remove_line(*, line: InvoiceLine, actor: Actor, now: datetime, reason: str = "") -> Invoice:
    """Take a line off a draft, with the others of the same time. It becomes unbilled again, blocks get back what they gave, and
    the 48 hours are those of the work that is left.
    """
    with transaction.atomic():
        invoice = drafts.locked_draft_of_lines(line.invoice)
        gone = list(together(line))
        free_time(LineTime.objects.filter(line__in=gone), actor=actor, now=now)
        release_lines(gone, actor=actor, now=now)
        InvoiceLine.objects.filter(pk__in=[each.pk for each in gone]).delete()
        if deposit := line.source.get("deposit"):
            drafts.let_deposit_go(invoice, deposit)
        rest = InvoiceLine.objects.filter(invoice=invoice).aggregate(first=Min("ticket__solved_at"))
        invoice.work_finished_at = rest["first"]
        invoice.save(update_fields=["work_finished_at"])
        drafts.add_up(invoice)
        verb = "invoice.line_removed_because" if reason else "invoice.line_removed"
        was = {"detail": line.detail, "quantity": str(line.quantity), "unit_price": str(line.unit_price)}
        data = {"line": line.description, "reason": reason, "was": was}
        record(actor=actor, verb=verb, subject=invoice, now=now, data=data)
        ask_to_look(actor=actor, now=now, client=invoice.client)
    return invoice


def _words_and_price(line: InvoiceLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in ("description", "detail", "quantity", "unit_price", "tax_rate")}


def _price(line: InvoiceLine, invoice: Invoice, quantity: Decimal, unit_price: Decimal) -> None:
    if not money.is_exact(unit_price, invoice.currency):
        raise Refused(_("The price has more decimals than %s knows.") % invoice.currency)
    line.quantity, line.unit_price = quantity, unit_price
    line.amount = money.line_amount(quantity, unit_price, invoice.currency)


_TAXED = (
    "tax_rate", "tax_category", "exemption_code", "exemption_reason", "second_tax_name", "second_tax_rate", "second_on_top",
)  # fmt: skip


def _editable(line: InvoiceLine) -> InvoiceLine:
    row = InvoiceLine.objects.get(pk=line.pk)
    if row.source.get("deposit"):
        raise Refused(_("A deposit is taken off as it was billed. Remove the line to bill without it."))
    return row


def _retaxed(line: InvoiceLine, tax_rate: Decimal | None, tax: Tax | None) -> bool:
    """Tax the unsaved line as asked; whether that is another tax than it had."""
    if tax is not None:
        _tax(line, tax)
        return True
    if tax_rate is None or tax_rate == line.tax_rate:
        return False
    _tax(line, Tax("", tax_rate))  # a typed rate has the client's category
    return True


def _tax(line: InvoiceLine, tax: Tax) -> None:
    """Let a line be taxed by one of the shop's taxes instead of the client's."""
    line.tax_rate, line.tax_category = tax.rate, tax.category
    line.exemption_code, line.exemption_reason = tax.code, tax.reason
    line.second_tax_name, line.second_tax_rate, line.second_on_top = tax.second_name, tax.second_rate, tax.on_top
    line.source = line.source | {"tax_by_hand": True}


def _by_hand(invoice: Invoice, tax_rate: Decimal) -> dict[str, bool]:
    """Whether somebody chose another tax than the client's: then no check asks for the client's later."""
    return {"tax_by_hand": True} if tax_rate != terms_for(invoice.client).tax_rate else {}
