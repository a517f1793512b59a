"""Money that goes back to a client."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices.paying import PaymentKind
from billing.models import Allocation, OnAccount, Payment, Receivable
from billing.rules import money
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by

from .allocating import credits_of, give_back, hold, rest_of, undo
from .payments import check_amount, post_payment


def refund(
    *,
    client: Client,
    currency: str,
    amount: Decimal,
    paid_on: date,
    method: str,
    reference: str,
    actor: Actor,
    now: datetime,
    payment: Payment | None = None,
    form_key: UUID | None = None,
    external_id: str | None = None,
) -> Payment:
    """Pay a client's money back: of one `payment`, taken off its invoices as far as needed, or of what the client has on account
    and in credit notes, the oldest first. Raises Refused for more than there is, and as `record_payment`.
    """
    with transaction.atomic():
        hold(client.pk)
        check_amount(amount, currency, paid_on, now)
        said = {"amount": -amount, "paid_on": paid_on, "method": method, "reference": reference}
        mine = Payment.objects.filter(client=client, kind=PaymentKind.REFUND)
        twin, form_key = made_by(mine, form_key, **said)
        if twin := twin or (mine.filter(external_id=external_id).first() if external_id else None):
            return twin
        sources = _freed(payment, amount, actor, now) if payment else credits_of(client.pk, currency)
        _check_enough(sources, amount)
        row = Payment(
            **said,
            client=client,
            kind=PaymentKind.REFUND,
            currency=currency,
            form_key=form_key,
            external_id=external_id,
            recorded_by=actor.name,
            recorded_at=now,
        )
        _pay_out(row, sources, actor, now)
    return row


def _pay_out(row: Payment, sources: list[OnAccount | Receivable], actor: Actor, now: datetime) -> None:
    row.save(force_insert=True)
    post_payment(row, now=now)
    _give_back(row, sources, actor, now)
    data = {"amount": str(money.quantise(-row.amount, row.currency)), "currency": row.currency}
    record(actor=actor, verb="payment.refunded", subject=row.client, now=now, data=data)


def _check_enough(sources: list[OnAccount | Receivable], amount: Decimal) -> None:
    if sum((rest_of(each) for each in sources), money.ZERO) < amount:
        raise Refused(_("That is more than the client has with us."))


def _give_back(row: Payment, sources: list[OnAccount | Receivable], actor: Actor, now: datetime) -> None:
    wanted = -row.amount
    for left in sources:
        part = min(wanted, rest_of(left))
        if part > money.ZERO:
            give_back(row, left, part, actor=actor, now=now)
            wanted -= part


def _freed(payment: Payment, amount: Decimal, actor: Actor, now: datetime) -> list[OnAccount | Receivable]:
    """What is left of a payment, after taking it off its invoices, the latest first, until `amount` is free."""
    left = OnAccount.objects.filter(payment=payment).first()
    if left is None:
        raise Refused(_("Only money that came in can be paid back."))
    used = Allocation.objects.living().filter(payment=payment, refund=None).select_related("invoice", "payment")
    for each in used.order_by("-id"):
        if left.left >= amount:
            break
        undo(each, actor=actor, now=now)
        left.refresh_from_db()
    return [left]
