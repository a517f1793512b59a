"""The few things that we say to Stripe, by its own library: one page a payment, and whether a message is really from it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.conf import settings

from billing.rules import money

TIMEOUT = 20.0  # seconds


@dataclass(frozen=True)
class Wish:
    """What a card payment page is asked for with. `key` makes asking twice one page."""

    secret_key: str
    key: str
    amount: Decimal
    currency: str
    number: str
    email: str
    language: str
    done_url: str
    back_url: str


@dataclass(frozen=True)
class Made:
    session_id: str
    url: str


class ForgedMessage(ValueError):
    """The message is not signed with the shop's signing secret, or long ago."""


def make_page(wish: Wish) -> Made:
    """Ask for a page. Slow: for a worker. Raises what the library raises when Stripe does not answer or refuses."""
    import stripe  # noqa: PLC0415  a quarter of a second that most processes never need

    addresses: Any = {"api": settings.STRIPE_API}
    reach = stripe.RequestsClient(timeout=TIMEOUT)
    client = stripe.StripeClient(wish.secret_key, base_addresses=addresses, max_network_retries=0, http_client=reach)
    price = {
        "currency": wish.currency.lower(),
        "unit_amount": minor(wish.amount, wish.currency),
        "product_data": {"name": wish.number},
    }
    said: Any = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": wish.key,
        "metadata": {"checkout": wish.key},
        "payment_intent_data": {"metadata": {"checkout": wish.key}, "description": wish.number},
        "success_url": wish.done_url,
        "cancel_url": wish.back_url,
    } | ({"customer_email": wish.email} if wish.email else {})
    session = client.v1.checkout.sessions.create(said, {"idempotency_key": f"checkout-{wish.key}"})
    return Made(session.id, session.url or "")


def verified(payload: bytes, signature: str, secret: str) -> dict[str, Any]:
    """The event that a message brings. Raises ForgedMessage unless its signature is right and fresh."""
    import stripe  # noqa: PLC0415

    try:
        event = stripe.Webhook.construct_event(payload, signature, secret)
    except (ValueError, stripe.SignatureVerificationError) as error:
        raise ForgedMessage(str(error)) from error
    return cast("dict[str, Any]", event.to_dict())


def minor(amount: Decimal, currency: str) -> int:
    """An amount in the currency's smallest unit, as Stripe counts."""
    return int(amount / money.minor_unit(currency))


def major(count: int, currency: str) -> Decimal:
    """The amount that Stripe counts in the smallest unit."""
    return money.quantise(count * money.minor_unit(currency), currency)
