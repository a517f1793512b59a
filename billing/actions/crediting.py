"""Correcting an issued invoice: credit notes for all or a part of it, and debit notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import CORRECTED, OPEN, DocumentKind, Unit
from billing.models import Invoice, InvoiceLine
from billing.queries.crediting import given_back
from billing.queries.terms import parties_of
from billing.rules import money
from billing.rules.crediting import part_of
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record

from . import drafts

# What a correction takes over from the invoice that it corrects, so that it is taxed and rounded as that was.
_TAKEN_OVER = (
    "currency", "payment_days", "tax_name", "tax_treatment", "tax_reason", "second_tax_name", "second_tax_rate", "second_on_top",
    "prices_include_tax", "tax_rounding", "cash_step", "po_number", "delivered_from", "delivered_until",
)  # fmt: skip
_LINE_TAKEN_OVER = (
    "description", "unit", "tax_rate", "tax_category", "exemption_code", "exemption_reason", "second_tax_name",
    "second_tax_rate", "second_on_top",
)  # fmt: skip


def credit_invoice(
    *, invoice: Invoice, lines: Mapping[UUID, Decimal] | None = None, reason: str, actor: Actor, now: datetime
) -> Invoice:
    """A draft credit note, which goes the same way out. `lines`: line id → what is given back of its amount as printed; None: all
    that is left of every line. Amounts on the note are positive.

    A form sent twice finds the draft that the first one made. Raises Refused for what cannot be credited, more than a line
    has left, and without a reason.
    """
    with transaction.atomic():
        invoice = _correctable(invoice, reason)
        rows = {line.pk: line for line in InvoiceLine.objects.filter(invoice=invoice).order_by("position")}
        left = {pk: line.amount - given for pk, (line, given) in _with_given(invoice, rows).items()}
        asked = {pk: amount for pk, amount in (left if lines is None else lines).items() if amount}
        if (twin := _same_open_note(invoice, asked)) is not None:
            return twin
        if not asked:
            raise Refused(_("There is nothing to give back."))
        note = _correction(invoice, DocumentKind.CREDIT_NOTE, reason, now)
        for position, (pk, amount) in enumerate(asked.items(), start=1):
            if pk not in rows:
                raise Refused(_("That line is not on this invoice."))
            _give_back(note, position, rows[pk], amount, left[pk])
        drafts.add_up(note)
        data = {"client": invoice.client.name, "number": invoice.number, "reason": note.correction_reason}
        record(actor=actor, verb="invoice.credit_drafted", subject=note, now=now, data=data)
    return note


def debit_invoice(*, invoice: Invoice, reason: str, actor: Actor, now: datetime) -> Invoice:
    """An empty draft debit note: what an issued invoice should have charged besides. Its lines are added like any draft's.

    Raises Refused for what cannot be corrected, and without a reason.
    """
    with transaction.atomic():
        invoice = _correctable(invoice, reason)
        note = _correction(invoice, DocumentKind.DEBIT_NOTE, reason, now)
        data = {"client": invoice.client.name, "number": invoice.number, "reason": note.correction_reason}
        record(actor=actor, verb="invoice.debit_drafted", subject=note, now=now, data=data)
    return note


def _correctable(invoice: Invoice, reason: str) -> Invoice:
    """The invoice, held: of two people who credit it at once the second sees what the first gave back."""
    if not reason.strip():
        raise Refused(_("Say why; it is printed for the client."))
    invoice = drafts.locked(invoice)
    if not invoice.is_issued or invoice.kind not in CORRECTED:
        raise Refused(_("Only an issued invoice can be corrected."))
    return invoice


def _with_given(invoice: Invoice, rows: Mapping[UUID, InvoiceLine]) -> dict[UUID, tuple[InvoiceLine, Decimal]]:
    given = given_back(invoice)
    return {pk: (line, given.get(pk, money.ZERO)) for pk, line in rows.items()}


def _same_open_note(invoice: Invoice, asked: Mapping[UUID, Decimal]) -> Invoice | None:
    """The open credit note, if it gives back just this. Raises Refused if there is another."""
    note = Invoice.objects.filter(corrects=invoice, kind=DocumentKind.CREDIT_NOTE, status__in=OPEN).first()
    if note is None:
        return None
    has = dict(InvoiceLine.objects.filter(invoice=note).values_list("credits_id", "amount"))
    if has == dict(asked):
        return note
    raise Refused(_("A credit note for this invoice waits already: send or discard it first."))


def _correction(invoice: Invoice, kind: str, reason: str, now: datetime) -> Invoice:
    note = Invoice(
        client=invoice.client,
        kind=kind,
        corrects=invoice,
        correction_reason=reason.strip()[:300],
        created_at=now,
        net=money.ZERO,
        tax=money.ZERO,
        total=money.ZERO,
        **{name: getattr(invoice, name) for name in _TAKEN_OVER},
    )
    if kind == DocumentKind.CREDIT_NOTE:
        note.payment_days = 0
    drafts.copy_parties(note, parties_of([invoice.client])[invoice.client_id])
    note.save(force_insert=True)
    return note


def _give_back(note: Invoice, position: int, line: InvoiceLine, amount: Decimal, left: Decimal) -> None:
    if not money.is_exact(amount, note.currency):
        raise Refused(_("That is no amount of %s that can be paid.") % note.currency)
    if (amount > 0) != (line.amount > 0) or abs(amount) > abs(left):
        raise Refused(_("“%s” has less left to give back.") % line.description)
    part = part_of(line.quantity, line.unit_price, amount, note.currency)
    InvoiceLine.objects.create(
        invoice=note,
        client=note.client,
        ticket_id=line.ticket_id,
        credits=line,
        position=position,
        detail=line.detail if part.is_whole else "",
        quantity=part.quantity,
        unit_price=part.unit_price,
        amount=amount,
        source={"credits": str(line.pk), "of": str(line.amount)},
        **{name: getattr(line, name) for name in _LINE_TAKEN_OVER} | ({} if part.is_counted else {"unit": Unit.FLAT}),
    )
