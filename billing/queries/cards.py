"""Whether clients may pay by card, and with which keys."""

from __future__ import annotations

from dataclasses import dataclass

from billing.models import CardProcessor, Checkout, Invoice
from msp.jobs.choices import DueState
from msp.tenancy.kept import kept
from msp.tenancy.secretbox import unseal


@dataclass(frozen=True)
class CardKeys:
    """The shop's keys at Stripe, opened. Raises nothing: an empty one was never given."""

    secret_key: str
    signing_secret: str


@kept(CardProcessor)
def card_processor() -> CardProcessor:
    """How the shop takes cards; an unsaved row when it does not."""
    return CardProcessor.objects.first() or CardProcessor()


def takes_cards() -> bool:
    """Whether clients may pay by card here."""
    row = card_processor()
    return row.is_on and bool(row.secret_key_sealed) and bool(row.signing_secret_sealed)


def card_keys() -> CardKeys:
    """Raises SecretUnreadable for what does not open with this installation's keys."""
    row = card_processor()
    opened = [
        unseal(sealed, place=row.place_of(name)) if sealed else ""
        for name, sealed in (("secret_key", row.secret_key_sealed), ("signing_secret", row.signing_secret_sealed))
    ]
    return CardKeys(*opened)


def latest_checkout(invoice: Invoice) -> Checkout | None:
    """The card payment page that was asked for last."""
    rows = Checkout.objects.filter(invoice=invoice, state__in=[DueState.QUEUED, DueState.DONE, DueState.DEAD])
    return rows.order_by("-created_at", "-id").first()
