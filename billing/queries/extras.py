"""What a draft could have besides its work: a gift, and reminder fees that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from billing.choices import DocumentKind
from billing.models import DunningLetter, Invoice, LineQuery, LoyaltyGift, Receivable, ReminderFee, ReminderPause
from clients.models import Client

from .asking import asked_about
from .lists import shop_today
from .loyalty import GiftOffer, gift_of, gift_offer, gift_rows
from .reminders import letters_to, pause_of, reminded, waiting_fees

LATEST = 5


@dataclass(frozen=True)
class Extras:
    """`gift`: the one it has; `offer`: the one it could have."""

    gift: LoyaltyGift | None
    offer: GiftOffer | None
    fees: list[ReminderFee]


def extras_of(invoice: Invoice, now: datetime) -> Extras | None:
    """None when there is nothing to say."""
    if invoice.kind != DocumentKind.INVOICE:
        return None
    fees = [fee for fee in waiting_fees(invoice.client) if fee.currency == invoice.currency]
    gift = gift_of(invoice)
    found = Extras(gift, None if gift else gift_offer(invoice, now), fees)
    return found if found.gift or found.offer or found.fees else None


def care_of(invoice: Invoice, now: datetime) -> dict[str, object]:
    """What an invoice's page shows of queries and reminders, or a draft's of gifts and fees."""
    if invoice.is_draft:
        return {"extras": extras_of(invoice, now)}
    owed, today = Receivable.objects.filter(invoice=invoice).first(), shop_today(now)
    if owed is None:
        return {}
    return {"asked": asked_about(invoice, owed.owed, today), "reminded": reminded(invoice, today)}


@dataclass(frozen=True)
class ClientCare:
    """How one client stands: what it asks, what it was reminded of, what it was thanked with."""

    queries: list[LineQuery]
    letters: list[DunningLetter]
    pause: ReminderPause | None
    fees: list[ReminderFee]
    gifts: list[LoyaltyGift]


def client_care(client: Client, today: date) -> ClientCare:
    """The latest of each. A constant number of queries."""
    asked = LineQuery.objects.filter(client=client).unsettled().select_related("line", "invoice", "credit_note")
    return ClientCare(
        queries=list(asked.order_by("asked_at", "id")[:LATEST]),
        letters=letters_to(client, LATEST),
        pause=pause_of(client, today),
        fees=waiting_fees(client),
        gifts=list(gift_rows().filter(client=client).order_by("-given_at", "-id")[:LATEST]),
    )
