"""What will not be paid."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices.paying import Account, EntryKind, WriteOffKind
from billing.models import Allocation, Invoice, Receivable, WriteOff
from billing.queries.lists import shop_today
from billing.queries.tax import taxes_of
from billing.rules import bookkeeping, money
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by

from .allocating import hold, pay, receivable_of, undo
from .ledger import post, post_reversal


def write_off(
    *,
    invoice: Invoice,
    amount: Decimal,
    kind: str,
    reason: str,
    actor: Actor,
    now: datetime,
    claims_tax: bool = False,
    form_key: UUID | None = None,
) -> WriteOff:
    """Give up a part of what is owed on an invoice. `claims_tax`: its share of the tax is claimed back from the tax office.

    Raises Refused without a reason, for more than is owed, and for no whole minor units.
    """
    if not reason.strip():
        raise Refused(_("Say why it is written off."))
    with transaction.atomic():
        hold(invoice.client_id)
        owed = receivable_of(invoice)
        said = {"amount": amount, "kind": kind, "reason": reason.strip()}
        twin, form_key = made_by(WriteOff.objects.filter(invoice=invoice), form_key, **said)
        if twin:
            return twin
        if amount <= money.ZERO or not money.is_exact(amount, owed.currency) or amount > owed.owed:
            raise Refused(_("Write off a part of what is owed, or all of it."))
        taxes = taxes_in(invoice, amount) if claims_tax else []
        row = WriteOff(
            **said,
            invoice=invoice,
            client_id=owed.client_id,
            currency=owed.currency,
            tax=sum((tax for _rate, tax in taxes), money.ZERO),
            form_key=form_key,
            written_by=actor.name,
            written_at=now,
        )
        _book(row, owed, taxes, actor, now)
        _record(actor, "invoice.written_off", row, now, reason.strip())
    return row


def take_back_write_off(*, row: WriteOff, reason: str, actor: Actor, now: datetime) -> WriteOff:
    """The invoice is owed again, by a second row with the opposite sign: paid after all, or written off by mistake.

    Raises Refused without a reason, and the second time.
    """
    if not reason.strip():
        raise Refused(_("Say why it is owed again."))
    with transaction.atomic():
        hold(row.client_id)
        if row.is_void_row or WriteOff.objects.filter(voids=row).exists():
            raise Refused(_("That was taken back already."))
        for each in Allocation.objects.living().filter(write_off=row).select_related("invoice"):
            undo(each, actor=actor, now=now)
        back = WriteOff(
            invoice_id=row.invoice_id,
            client_id=row.client_id,
            currency=row.currency,
            amount=-row.amount,
            tax=-row.tax,
            kind=row.kind,
            reason=reason.strip(),
            voids=row,
            written_by=actor.name,
            written_at=now,
        )
        back.save(force_insert=True)
        post_reversal(of=row.pk, kind=EntryKind.WRITE_OFF, subject_id=back.pk, now=now)
        _record(actor, "invoice.write_off_taken_back", row, now, reason.strip())
    return back


def taxes_in(invoice: Invoice, amount: Decimal) -> list[tuple[Decimal, Decimal]]:
    """(rate, tax) of the taxes in a part of an invoice, to the minor unit."""
    groups = taxes_of(invoice)
    net = abs(sum((group.net for group in groups), money.ZERO))
    parts = bookkeeping.shares(amount, [net, *(abs(group.tax) for group in groups)], invoice.currency)
    return [(group.rate, part) for group, part in zip(groups, parts[1:], strict=True)]


def _book(row: WriteOff, owed: Receivable, taxes: list[tuple[Decimal, Decimal]], actor: Actor, now: datetime) -> None:
    row.save(force_insert=True)
    made = Allocation(
        client_id=row.client_id,
        currency=row.currency,
        amount=row.amount,
        write_off=row,
        invoice_id=row.invoice_id,
        at=now,
        by=actor.name,
    )
    made.save(force_insert=True)
    pay(owed, row.amount, gives_up=True)
    to = Account.BAD_DEBT if row.kind == WriteOffKind.BAD_DEBT else Account.WRITE_OFF
    post(
        kind=EntryKind.WRITE_OFF,
        subject_id=row.pk,
        client_id=row.client_id,
        currency=row.currency,
        number=row.invoice.number or "",
        booked_on=shop_today(now),
        lines=bookkeeping.written_off(amount=row.amount, taxes=taxes, invoice_id=row.invoice_id, to=to),
        now=now,
    )


def _record(actor: Actor, verb: str, row: WriteOff, now: datetime, reason: str) -> None:
    amount = str(money.quantise(abs(row.amount), row.currency))
    data = {"amount": amount, "currency": row.currency, "reason": reason}
    record(actor=actor, verb=verb, subject=row.invoice, now=now, data=data)
