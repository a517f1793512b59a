"""The pages about reminders: what leaves today, what was sent, and what one invoice went through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch, Q, QuerySet

from billing.choices import Status
from billing.models import DunningLetter, Invoice, PayPromise, ReminderFee, ReminderPause, StepTaken
from billing.rules import money
from billing.rules.dunning import Stop
from clients.models import Client
from msp.tenancy.keyset import Page, page_of

from .dunning import ClientPlan, plans

SHOWN = 300  # clients of a group on the page


@dataclass(frozen=True)
class Board:
    """Clients by what becomes of their reminders today. `over`: every reminder was sent, and still nothing came."""

    leaving: list[ClientPlan]
    waiting: list[ClientPlan]
    stopped: list[ClientPlan]
    over: list[ClientPlan]

    @property
    def sums(self) -> list[tuple[str, Decimal, int]]:
        """What is reminded of today: currency, amount, letters."""
        found: dict[str, tuple[Decimal, int]] = {}
        for plan in self.leaving:
            for letter in plan.letters:
                amount, number = found.get(letter.currency, (money.ZERO, 0))
                found[letter.currency] = amount + letter.total, number + 1
        return [(currency, amount, number) for currency, (amount, number) in sorted(found.items())]


def board(now: datetime) -> Board:
    """What leaves today, what would but for something, what nothing helps. A client may stand in several groups."""
    found = plans(now)
    return Board(
        leaving=[plan for plan in found if plan.goes_today][:SHOWN],
        waiting=[plan for plan in found if plan.due and not plan.goes_today][:SHOWN],
        stopped=[plan for plan in found if _has(plan, over=False)][:SHOWN],
        over=[plan for plan in found if _has(plan, over=True)][:SHOWN],
    )


def _has(plan: ClientPlan, *, over: bool) -> bool:
    return any((each.verdict.stop is Stop.ENDED) is over for each in plan.stopped)


def letter_rows() -> QuerySet[DunningLetter]:
    """Sent reminders with their clients, invoices and mails."""
    steps = StepTaken.objects.filter(letter__isnull=False).select_related("invoice").order_by("invoice__number")
    return DunningLetter.objects.select_related("client").prefetch_related(Prefetch("steps", steps), "mails__mail")


def letter_page(params: Mapping[str, str], size: int = 50) -> Page[DunningLetter]:
    return page_of(letter_rows(), order=("-sent_at", "-id"), params=params, size=size)


@dataclass(frozen=True)
class Reminded:
    """What one invoice went through, and what stops its reminders now."""

    taken: list[StepTaken]
    promise: PayPromise | None
    pause: ReminderPause | None
    fees: list[ReminderFee]

    @property
    def is_empty(self) -> bool:
        return not (self.taken or self.promise or self.pause or self.fees)


def reminded(invoice: Invoice, today: date) -> Reminded:
    """Four queries."""
    pause = pause_of(invoice.client, today)
    fees = ReminderFee.objects.filter(invoice=invoice).select_related("step", "line__invoice").order_by("arose_at")
    return Reminded(
        taken=list(
            StepTaken.objects.filter(invoice=invoice).select_related("step", "letter").order_by("taken_at", "id")
        ),
        promise=PayPromise.objects.filter(invoice=invoice, ended_at=None).first(),
        pause=pause,
        fees=list(fees),
    )


def pause_of(client: Client, today: date) -> ReminderPause | None:
    """The pause that holds for a client today."""
    pause = ReminderPause.objects.filter(client=client, ended_at=None).first()
    return pause if pause and pause.holds(today) else None


def waiting_fees(client: Client) -> list[ReminderFee]:
    """Fees that are on no invoice and no draft that still counts, the oldest first."""
    free = Q(line=None) | Q(line__invoice__status=Status.DISCARDED)
    rows = ReminderFee.objects.filter(free, client=client, waived_at=None).select_related("invoice", "step")
    return list(rows.order_by("arose_at", "id"))


def letters_to(client: Client, limit: int = 5) -> list[DunningLetter]:
    """The latest reminders to a client."""
    return list(letter_rows().filter(client=client).order_by("-sent_at", "-id")[:limit])
