"""Putting payments and credit notes against invoices, and taking them off again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices.paying import EntryKind
from billing.models import Allocation, Invoice, OnAccount, Payment, Receivable
from billing.queries.lists import shop_today
from billing.rules import bookkeeping, money
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record

from .ledger import first_open_day, post, post_reversal


def hold(client_id: UUID) -> Client:
    """The client, held until the transaction ends: whatever moves a client's money waits here for what moves it already."""
    found: Client = Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client_id)
    return found


def put_against(
    *,
    invoice: Invoice,
    actor: Actor,
    now: datetime,
    payment: Payment | None = None,
    credit_note: Invoice | None = None,
    amount: Decimal | None = None,
) -> Allocation:
    """Put a part of a payment or of a credit note against an invoice; without `amount` as much as fits.

    Raises Refused when it is another client's or currency, when nothing is left or owed, and for more than that.
    """
    assert (payment is None) is not (credit_note is None)
    with transaction.atomic():
        hold(invoice.client_id)
        owed = payable_of(invoice)
        left = _left_of(payment, credit_note)
        if (left.client_id, left.currency) != (owed.client_id, owed.currency):
            raise Refused(_("That is another client's money, or another currency."))
        fits = min(max(owed.owed, money.ZERO), rest_of(left))
        amount = fits if amount is None else amount
        if amount <= money.ZERO or not money.is_exact(amount, owed.currency):
            raise Refused(_("Nothing is left to put against it."))
        if amount > fits:
            raise Refused(_("That is more than is left, or more than is owed."))
        made = settle(owed, left, amount, actor=actor, now=now)
        data = _told(made, invoice)
        record(actor=actor, verb="payment.put_against", subject=invoice, now=now, data=data)
    return made


def use_credit(*, invoice: Invoice, actor: Actor, now: datetime) -> list[Allocation]:
    """Put what the client has on account and in credit notes against an invoice, the oldest first, as far as it is owed.

    Raises Refused when there is nothing to put, or nothing owed.
    """
    with transaction.atomic():
        hold(invoice.client_id)
        owed, made = payable_of(invoice), []
        for left in credits_of(owed.client_id, owed.currency):
            amount = min(owed.owed, rest_of(left))
            if amount > money.ZERO:
                made.append(settle(owed, left, amount, actor=actor, now=now))
        if not made:
            raise Refused(_("Nothing is left to put against it."))
        total = sum((each.amount for each in made), money.ZERO)
        data = {
            "amount": str(money.quantise(total, owed.currency)),
            "currency": owed.currency,
            "number": invoice.number,
        }
        record(actor=actor, verb="payment.put_against", subject=invoice, now=now, data=data)
    return made


def take_off(*, allocation: Allocation, actor: Actor, now: datetime) -> Allocation:
    """Take a payment or a credit note off an invoice again: it is owed, and the money is on account.

    Raises Refused when that was done already, and for a write-off, which is taken back itself.
    """
    with transaction.atomic():
        hold(allocation.client_id)
        if allocation.write_off_id or allocation.invoice_id is None:
            raise Refused(_("This is not taken off, it is taken back."))
        back = undo(allocation, actor=actor, now=now)
        data = _told(allocation, allocation.invoice)
        record(actor=actor, verb="payment.taken_off", subject=allocation.invoice, now=now, data=data)
    return back


def put_against_corrected(*, owed: Receivable, invoice: Invoice, actor: Actor, now: datetime) -> Allocation | None:
    """Let a credit note that was just issued pay the invoice that it corrects, as far as that is owed; the rest stays open."""
    if not invoice.is_credit or invoice.corrects is None:
        return None
    hold(invoice.client_id)
    target = receivable_of(invoice.corrects)
    amount = min(target.owed, owed.credit)
    return settle(target, owed, amount, actor=actor, now=now) if amount > money.ZERO else None


# --- for the other actions: the client is held, the audit entry is theirs ---


def receivable_of(invoice: Invoice) -> Receivable:
    """What is owed on it. Raises Refused for a document without a number."""
    row = Receivable.objects.select_for_update(of=("self",)).filter(invoice=invoice).first()
    if row is None:
        raise Refused(_("Only an issued invoice can be paid."))
    return row


def payable_of(invoice: Invoice) -> Receivable:
    """As `receivable_of`. Raises Refused for a credit note, too: that is paid back, not paid."""
    owed = receivable_of(invoice)
    if owed.is_credit_note:
        raise Refused(_("A credit note is paid back or put against an invoice, not paid."))
    return owed


def credits_of(client_id: UUID, currency: str) -> list[OnAccount | Receivable]:
    """What a client has with us: money on account first, then credit notes, each the oldest first."""
    money_left = OnAccount.objects.filter(client=client_id, currency=currency, left__gt=0).order_by("id")
    notes = Receivable.objects.filter(client=client_id, currency=currency, owed__lt=0).order_by("issued_at", "id")
    return [*money_left, *notes]


def rest_of(left: OnAccount | Receivable) -> Decimal:
    return left.left if isinstance(left, OnAccount) else left.credit


def settle(
    owed: Receivable,
    left: OnAccount | Receivable,
    amount: Decimal,
    *,
    actor: Actor,
    now: datetime,
    booked_on: date | None = None,
) -> Allocation:
    """Put `amount` of what is left against what is owed; both rows are changed and saved."""
    made = Allocation(
        client_id=owed.client_id,
        currency=owed.currency,
        amount=amount,
        invoice_id=owed.invoice_id,
        at=now,
        by=actor.name,
    )
    if isinstance(left, OnAccount):
        made.payment_id = left.payment_id
        lines = bookkeeping.put_against(amount, owed.invoice_id)
    else:
        made.credit_note_id = left.invoice_id
        lines = bookkeeping.credited(amount, left.invoice_id, owed.invoice_id)
    made.save(force_insert=True)
    take(left, amount)
    pay(owed, amount)
    _post(made, lines, booked_on or shop_today(now), now)
    return made


def give_back(
    refund: Payment, left: OnAccount | Receivable, amount: Decimal, *, actor: Actor, now: datetime
) -> Allocation:
    """Let a refund take `amount` of what is left."""
    made = Allocation(
        client_id=refund.client_id, currency=refund.currency, amount=amount, refund=refund, at=now, by=actor.name
    )
    if isinstance(left, OnAccount):
        made.payment_id = left.payment_id
    else:
        made.credit_note_id = left.invoice_id
    made.save(force_insert=True)
    take(left, amount)
    if isinstance(left, Receivable):
        _post(made, bookkeeping.credit_paid_back(amount, left.invoice_id), first_open_day(refund.paid_on), now)
    return made


def undo(allocation: Allocation, *, actor: Actor, now: datetime) -> Allocation:
    """Turn an allocation: what it took is left again, what it paid is owed again. Raises Refused the second time."""
    if allocation.undoes_id or Allocation.objects.filter(undoes=allocation).exists():
        raise Refused(_("That was taken back already."))
    back = Allocation(
        client_id=allocation.client_id,
        currency=allocation.currency,
        amount=-allocation.amount,
        payment_id=allocation.payment_id,
        credit_note_id=allocation.credit_note_id,
        write_off_id=allocation.write_off_id,
        invoice_id=allocation.invoice_id,
        refund_id=allocation.refund_id,
        undoes=allocation,
        at=now,
        by=actor.name,
    )
    back.save(force_insert=True)
    if allocation.write_off_id is None:
        take(_left_of(allocation.payment, allocation.credit_note), -allocation.amount)
    if allocation.invoice_id is not None:
        gives_up = allocation.write_off_id is not None
        pay(receivable_of(allocation.invoice), -allocation.amount, gives_up=gives_up)
    post_reversal(of=allocation.pk, kind=EntryKind.ALLOCATION, subject_id=back.pk, now=now)
    return back


def pay(owed: Receivable, amount: Decimal, *, gives_up: bool = False) -> None:
    """`gives_up`: nobody paid it, it is written off, or owed again."""
    owed.paid += amount
    owed.owed = owed.total - owed.paid
    owed.written_off += amount if gives_up else money.ZERO
    owed.save(update_fields=["paid", "owed", "written_off"])


def take(left: OnAccount | Receivable, amount: Decimal) -> None:
    if isinstance(left, OnAccount):
        left.left -= amount
        left.save(update_fields=["left"])
    else:
        pay(left, -amount)


def _left_of(payment: Payment | None, credit_note: Invoice | None) -> OnAccount | Receivable:
    if credit_note is not None:
        return receivable_of(credit_note)
    left = OnAccount.objects.select_for_update(of=("self",)).filter(payment=payment).first()
    if left is None:
        raise Refused(_("Money that was paid back cannot be put against an invoice."))
    return left


def _post(made: Allocation, lines: list[bookkeeping.Booking], booked_on: date, now: datetime) -> None:
    post(
        kind=EntryKind.ALLOCATION,
        subject_id=made.pk,
        client_id=made.client_id,
        currency=made.currency,
        number=made.invoice.number if made.invoice_id else "",
        booked_on=booked_on,
        lines=lines,
        now=now,
    )


def _told(made: Allocation, invoice: Invoice) -> dict[str, str | None]:
    amount = str(money.quantise(made.amount, made.currency))
    return {"amount": amount, "currency": made.currency, "number": invoice.number}
