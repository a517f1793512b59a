"""Documents that lead to others: a deposit that a final invoice takes off, a pro forma that becomes an invoice."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import DocumentKind, Status, Unit
from billing.models import DepositUse, Invoice, InvoiceLine
from billing.queries.crediting import given_back
from billing.queries.tax import tax_of
from billing.queries.terms import terms_for
from billing.rules import money
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record

from . import drafts
from .drafting import new_draft

_TAX = ("second_tax_name", "second_tax_rate", "second_on_top", "exemption_code", "exemption_reason")
_LINE = ("description", "detail", "quantity", "unit", "unit_price", "amount", "tax_rate", "tax_category", *_TAX)


def deduct_deposit(*, invoice: Invoice, deposit: Invoice, actor: Actor, now: datetime) -> Invoice:
    """Take an issued deposit off a draft, which becomes a final invoice. Each of its lines is taken off with its own tax.

    Raises Refused when it was taken off already, and unless both are of one client, currency and way of pricing.
    """
    with transaction.atomic():
        invoice, deposit = drafts.locked_draft_of_lines(invoice), drafts.locked(deposit)
        _check(invoice, deposit)
        DepositUse.objects.create(invoice=invoice, deposit=deposit)
        given, position = given_back(deposit), drafts.next_position(invoice)
        for line in InvoiceLine.objects.filter(invoice=deposit).order_by("position"):
            rest = line.amount - given.get(line.pk, money.ZERO)
            if rest:
                _take_off(invoice, deposit, line, position, -rest)
                position += 1
        invoice.kind = DocumentKind.FINAL
        invoice.save(update_fields=["kind"])
        drafts.add_up(invoice)
        data = {"number": deposit.number}
        record(actor=actor, verb="invoice.deposit_taken_off", subject=invoice, now=now, data=data)
    return invoice


def _check(invoice: Invoice, deposit: Invoice) -> None:
    if invoice.kind not in (DocumentKind.INVOICE, DocumentKind.FINAL):
        raise Refused(_("A deposit is taken off an invoice."))
    if deposit.kind != DocumentKind.DEPOSIT or not deposit.is_issued or deposit.client_id != invoice.client_id:
        raise Refused(_("That is no deposit of this client."))
    alike = ("currency", "prices_include_tax", "tax_rounding")
    if any(getattr(deposit, name) != getattr(invoice, name) for name in alike):
        raise Refused(_("The deposit was priced in another way: currency, tax within the prices, or rounding."))
    if DepositUse.objects.filter(deposit=deposit).exists():
        raise Refused(_("That deposit was taken off already."))


def _take_off(invoice: Invoice, deposit: Invoice, line: InvoiceLine, position: int, amount: Decimal) -> None:
    tax = tax_of(deposit, line)
    InvoiceLine.objects.create(
        invoice=invoice,
        client=invoice.client,
        position=position,
        description=(_("Less deposit %(number)s: %(what)s") % {"number": deposit.number, "what": line.description})[
            :300
        ],
        quantity=1,
        unit=Unit.FLAT,
        unit_price=amount,
        amount=amount,
        tax_rate=tax.rate,
        tax_category=tax.category,
        second_tax_name=tax.second_name,
        second_tax_rate=tax.second_rate,
        second_on_top=tax.on_top,
        exemption_code=tax.code,
        exemption_reason=tax.reason,
        source={"deposit": str(deposit.pk), "tax_by_hand": True},
    )


def bill_proforma(*, proforma: Invoice, actor: Actor, now: datetime) -> Invoice:
    """A draft invoice with the lines of an issued pro forma; asked again, the draft or invoice that was made.

    Raises Refused for any other document.
    """
    with transaction.atomic():
        proforma = drafts.locked(proforma)
        if proforma.kind != DocumentKind.PROFORMA or not proforma.is_issued:
            raise Refused(_("Only an issued pro forma becomes an invoice."))
        made = InvoiceLine.objects.filter(client=proforma.client, source__proforma=str(proforma.pk))
        done = made.exclude(invoice__status=Status.DISCARDED).select_related("invoice__client").first()
        if done is not None:
            return drafts.locked(done.invoice)
        invoice = new_draft(proforma.client, terms_for(proforma.client), now)
        for name in ("currency", "prices_include_tax", "tax_rounding", "cash_step", "po_number"):
            setattr(invoice, name, getattr(proforma, name))
        invoice.save(update_fields=["currency", "prices_include_tax", "tax_rounding", "cash_step", "po_number"])
        for line in InvoiceLine.objects.filter(invoice=proforma).order_by("position"):
            copied = {name: getattr(line, name) for name in _LINE}
            source = {"added_by": actor.name, "proforma": str(proforma.pk)}
            position = line.position
            InvoiceLine.objects.create(
                invoice=invoice, client=invoice.client, position=position, source=source, **copied
            )
        drafts.add_up(invoice)
        data = {"client": invoice.client.name, "number": proforma.number}
        record(actor=actor, verb="invoice.from_proforma", subject=invoice, now=now, data=data)
    return invoice
