"""What Stripe tells us: paid, paid back. Each message counts once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import PaymentMethod
from billing.models import CardEvent, CardProcessor, Checkout, Payment
from billing.queries.cards import card_keys
from billing.queries.lists import shop_today
from billing.rules import money
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record

from .payments import record_payment
from .refunds import refund
from .stripe_api import major, verified


def take_card_event(*, payload: bytes, signature: str, now: datetime) -> CardEvent:
    """Act on one message of the shop's card processor. The same message again changes nothing.

    Raises ForgedMessage. What is signed and makes no sense to us is kept with its outcome and answered as taken: Stripe would
    send it for days otherwise.
    """
    event = verified(payload, signature, card_keys().signing_secret)
    key, kind = str(event["id"])[:120], str(event["type"])[:80]
    with transaction.atomic():
        CardProcessor.objects.select_for_update().get()  # the same message twice at once: the second waits and finds it known
        if known := CardEvent.objects.filter(event_id=key).first():
            return known
        outcome = _act(kind, event["data"]["object"], now)
        row = CardEvent.objects.create(event_id=key, kind=kind, outcome=outcome, taken_at=now)
        record(actor=_actor(), verb="cards.heard", subject=row, now=now, data={"kind": kind, "outcome": outcome})
    return row


def _act(kind: str, about: Mapping[str, Any], now: datetime) -> str:
    """What came of it, in words for whoever looks."""
    act = _ACTS.get(kind)
    if act is None:
        return "nothing to do"
    try:
        with transaction.atomic():
            return act(about, now)
    except (Refused, KeyError, TypeError, ValueError) as problem:
        return f"not booked: {problem}"[:300]


def _paid(session: Mapping[str, Any], now: datetime) -> str:
    if session.get("payment_status") != "paid":
        return "not paid yet"
    checkout = _checkout_of(session)
    if checkout is None:
        return "not ours"
    currency = str(session["currency"]).upper()
    if currency != checkout.currency:
        raise ValueError(f"{currency} instead of {checkout.currency}")
    payment = record_payment(
        invoice=checkout.invoice,
        amount=major(int(session["amount_total"]), currency),
        paid_on=shop_today(now),
        method=PaymentMethod.CARD,
        reference=str(session["payment_intent"])[:120],
        external_id=_external(session["payment_intent"]),
        actor=_actor(),
        now=now,
    )
    return f"payment {payment.pk}"


def _refunded(charge: Mapping[str, Any], now: datetime) -> str:
    """Stripe tells the sum of all refunds of a charge; what is new of it is booked."""
    external = _external(charge["payment_intent"])
    payment = Payment.objects.filter(external_id=external).select_related("client").first()
    if payment is None:
        return "not ours"
    total = major(int(charge["amount_refunded"]), payment.currency)
    before = Payment.objects.filter(external_id__startswith=f"{external}:", voids=None).values_list("amount", flat=True)
    amount = total + sum(before, money.ZERO)
    if amount <= money.ZERO:
        return "known"
    row = refund(
        client=payment.client,
        currency=payment.currency,
        amount=amount,
        paid_on=shop_today(now),
        method=PaymentMethod.CARD,
        reference=payment.reference,
        payment=payment,
        external_id=f"{external}:{charge['amount_refunded']}",
        actor=_actor(),
        now=now,
    )
    return f"refund {row.pk}"


_ACTS: Mapping[str, Callable[[Mapping[str, Any], datetime], str]] = {
    "checkout.session.completed": _paid,
    "checkout.session.async_payment_succeeded": _paid,
    "charge.refunded": _refunded,
}


def _checkout_of(session: Mapping[str, Any]) -> Checkout | None:
    key = (session.get("metadata") or {}).get("checkout", "")
    try:
        found: Checkout | None = Checkout.objects.filter(pk=UUID(key)).select_related("invoice__client").first()
    except ValueError:
        return None
    return found


def _external(payment_intent: Any) -> str:
    if not payment_intent:
        raise ValueError("no payment intent")
    return f"stripe:{payment_intent}"[:100]


def _actor() -> Actor:
    return system_actor(_("Stripe"))
