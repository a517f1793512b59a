"""Whom reminders go to today, and why others get none. Everybody asks here: the page, the preview and the worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from billing.choices.care import CountedFrom
from billing.models import (
    CareSettings,
    Dispatch,
    DunningLetter,
    DunningStep,
    OnAccount,
    PayPromise,
    Printing,
    Receivable,
    ReminderPause,
    StepTaken,
)
from billing.rules import money
from billing.rules.dunning import Claim, Step, Stop, Verdict, WorkingDays, due_from, is_too_soon, verdict
from billing.rules.holding import covered_by
from clients.models import Client, ServiceCalendar
from clients.queries import default_calendar
from clients.rules.holidays import public_holidays
from msp.mail.choices import MailState

from .asking import held_amounts
from .care import care_settings
from .lists import shop_today
from .terms import parties_of, shop

CHUNK = 500  # clients that are looked at in one go
BY_POST = timedelta(days=3)  # from the printer into the client's hands
_ARRIVED = (MailState.SENT, MailState.CAPTURED)  # a demo keeps mail instead of sending it


class Block(StrEnum):
    """Why a client whose invoices are due for a reminder gets none right now."""

    NO_ADDRESS = "no_address"
    DAY_OFF = "day_off"
    TOO_SOON = "too_soon"
    LATER_TODAY = "later_today"


STOP_WORDS = {
    Stop.NOT_DELIVERED: _("not delivered yet"),
    Stop.QUERIED: _("all of it is queried"),
    Stop.COVERED: _("their credit covers it"),
    Stop.PROMISED: _("they promised to pay"),
    Stop.PAUSED: _("paused"),
    Stop.NOT_YET: _("not yet"),
    Stop.ENDED: _("all reminders were sent: call them"),
}


@dataclass(frozen=True)
class Standing:
    """How one invoice stands on the ladder today."""

    owed: Receivable
    claim: Claim[UUID]
    verdict: Verdict[UUID]
    step: DunningStep | None
    promise: PayPromise | None
    today: date

    @property
    def days_late(self) -> int:
        return max((self.today - due_from(self.claim)).days, 0)

    @property
    def held(self) -> Decimal:
        """What of it is not asked for, because it is queried."""
        return self.owed.owed - self.claim.covered - self.claim.asked

    @property
    def why_not(self) -> Any:
        return STOP_WORDS[self.verdict.stop] if self.verdict.stop else ""


@dataclass(frozen=True)
class ClientPlan:
    """What one client would be sent, today at its place. `due` may be of several currencies: each is a letter of its own."""

    client: Client
    today: date
    leaves_at: datetime
    due: list[Standing]
    stopped: list[Standing]
    pause: ReminderPause | None
    block: Block | None
    next_on: date
    day_off: str
    recipients: list[str]

    @property
    def goes_today(self) -> bool:
        return bool(self.due) and self.block in (None, Block.LATER_TODAY)

    @property
    def goes_now(self) -> bool:
        return bool(self.due) and self.block is None

    @property
    def letters(self) -> list[Letter]:
        """By currency, each with the text of its highest step."""
        found: dict[str, list[Standing]] = defaultdict(list)
        for row in self.due:
            found[row.owed.currency].append(row)
        return [Letter(self, currency, rows) for currency, rows in sorted(found.items())]


@dataclass(frozen=True)
class Letter:
    """One mail's worth: all invoices of one client in one currency whose turn it is."""

    plan: ClientPlan
    currency: str
    rows: list[Standing]

    @property
    def step(self) -> DunningStep:
        return max((row.step for row in self.rows if row.step), key=lambda step: step.position)

    @property
    def total(self) -> Decimal:
        return sum((row.claim.asked for row in self.rows), money.ZERO)

    @property
    def fee(self) -> Decimal:
        """What the steps add; fees are in the shop's currency and nobody converts them."""
        if self.currency != shop().defaults.currency:
            return money.ZERO
        return sum((row.step.fee for row in self.rows if row.step), money.ZERO)

    @property
    def days_late(self) -> int:
        return max(row.days_late for row in self.rows)

    @property
    def due_since(self) -> date:
        return min(due_from(row.claim) for row in self.rows)


def batched(keys: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    """The keys in pieces of `size`."""
    return (keys[start : start + size] for start in range(0, len(keys), size))


def ladder() -> list[DunningStep]:
    """The shop's living steps, in order."""
    return list(DunningStep.objects.filter(archived_at=None).order_by("position"))


def plans(now: datetime, clients: Collection[UUID] | None = None) -> list[ClientPlan]:
    """What each client with something late would be sent today, by name. A constant number of queries for 500 clients."""
    steps = ladder()
    if not steps:
        return []
    wanted = _late(steps, now).order_by().values_list("client_id", flat=True).distinct() if clients is None else clients
    found = [plan for chunk in batched(sorted(wanted), CHUNK) for plan in _plans(chunk, steps, now)]
    return sorted(found, key=lambda plan: (plan.client.name.lower(), plan.client.pk))


def _plans(clients: Collection[UUID], steps: Sequence[DunningStep], now: datetime) -> list[ClientPlan]:
    rows = list(
        _late(steps, now).filter(client__in=clients).select_related("invoice", "client").order_by("due_on", "id")
    )
    if not rows:
        return []
    known = _Known.read(rows, steps, now)
    by_client: dict[UUID, list[Receivable]] = defaultdict(list)
    for row in rows:
        by_client[row.client_id].append(row)
    return [_plan(mine, known, now) for mine in by_client.values()]


def _late(steps: Sequence[DunningStep], now: datetime) -> QuerySet[Receivable]:
    """Invoices of which a step may be due: with steps that count from the day it is due, only those that are."""
    rows = Receivable.objects.owing()
    only_due = all(step.counted_from == CountedFrom.DUE for step in steps)
    return rows.filter(due_on__lte=shop_today(now)) if only_due else rows


@dataclass(frozen=True)
class _Known:
    """What is read at once for many invoices."""

    steps: Sequence[DunningStep]
    settings: CareSettings
    delivered: dict[UUID, datetime]
    taken: dict[UUID, frozenset[UUID]]
    held: dict[UUID, list[Decimal]]
    credit: dict[tuple[UUID, str], Decimal]
    promises: dict[UUID, PayPromise]
    pauses: dict[UUID, ReminderPause]
    last: dict[UUID, date]
    recipients: dict[UUID, list[str]]
    calendars: dict[UUID, ServiceCalendar]

    @classmethod
    def read(cls, rows: Sequence[Receivable], steps: Sequence[DunningStep], now: datetime) -> _Known:
        ids = [row.invoice_id for row in rows]
        clients = {row.client_id: row.client for row in rows}
        taken: dict[UUID, set[UUID]] = defaultdict(set)
        for invoice_id, step_id in StepTaken.objects.filter(invoice__in=ids).values_list("invoice_id", "step_id"):
            taken[invoice_id].add(step_id)
        letters = DunningLetter.objects.filter(client__in=clients).order_by()
        wanted = {client.calendar_id for client in clients.values() if client.calendar_id}
        return cls(
            steps=steps,
            settings=care_settings(),
            delivered=_delivered(ids),
            taken={key: frozenset(steps) for key, steps in taken.items()},
            held=held_amounts(ids, shop_today(now)),
            credit=_credit(clients),
            promises={row.invoice_id: row for row in PayPromise.objects.filter(invoice__in=ids, ended_at=None)},
            pauses={row.client_id: row for row in ReminderPause.objects.filter(client__in=clients, ended_at=None)},
            last=dict(letters.values_list("client_id").annotate(on=Max("sent_on"))),
            recipients={pk: who.recipients for pk, who in parties_of(clients.values()).items()},
            calendars={row.pk: row for row in ServiceCalendar.objects.filter(pk__in=wanted)},
        )


def _plan(rows: Sequence[Receivable], known: _Known, now: datetime) -> ClientPlan:
    client = rows[0].client
    zone = ZoneInfo(client.zone)
    today = now.astimezone(zone).date()
    leaves_at = datetime.combine(today, time(known.settings.send_hour), zone)
    pause = known.pauses.get(client.pk)
    pause = pause if pause and pause.holds(today) else None
    covered = _covered(rows, known)
    claims = [(row, _claim(row, known, zone, covered[row.pk])) for row in rows]
    standings = [_standing(row, claim, known, today, paused=pause is not None) for row, claim in claims]
    due = [each for each in standings if each.step]
    days = working_days(client, known.calendars.get(client.calendar_id))
    block = _block(client, known, days, today) if due else None
    last = known.last.get(client.pk)
    after = max(today, last + timedelta(days=known.settings.least_days)) if last else today
    return ClientPlan(
        client=client,
        today=today,
        leaves_at=leaves_at,
        due=due,
        stopped=[each for each in standings if not each.step and each.verdict.stop is not Stop.NOT_YET],
        pause=pause,
        block=Block.LATER_TODAY if due and block is None and now < leaves_at else block,
        next_on=days.on_or_after(after),
        day_off=days.why_not(today) or "",
        recipients=known.recipients[client.pk],
    )


def _claim(row: Receivable, known: _Known, zone: ZoneInfo, covered: Decimal) -> Claim[UUID]:
    delivered, promise = known.delivered.get(row.invoice_id), known.promises.get(row.invoice_id)
    return Claim(
        due_on=row.due_on,
        delivered_on=delivered.astimezone(zone).date() if delivered else None,
        payment_days=row.invoice.payment_days,
        owed=row.owed,
        held=tuple(known.held.get(row.invoice_id, ())),
        covered=covered,
        taken=known.taken.get(row.invoice_id, frozenset()),
        pay_until=promise.pay_on + timedelta(days=known.settings.grace_days) if promise else None,
    )


def _standing(row: Receivable, claim: Claim[UUID], known: _Known, today: date, *, paused: bool) -> Standing:
    rungs = [Step(step.pk, step.position, step.days, step.counted_from) for step in known.steps]
    found = verdict(rungs, claim, today, paused=paused)
    chosen = next((step for step in known.steps if found.step and step.pk == found.step.key), None)
    return Standing(row, claim, found, chosen, known.promises.get(row.invoice_id), today)


def _delivered(invoice_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Invoice id -> when it arrived: its first mail, or some days after it was printed for the post."""
    mails = Dispatch.objects.filter(invoice__in=invoice_ids, mail__state__in=_ARRIVED).order_by()
    found = dict(mails.values_list("invoice_id").annotate(at=Min("mail__finished_at")))
    printed = Printing.objects.filter(invoice__in=invoice_ids, printed_at__isnull=False)
    for invoice_id, at in printed.values_list("invoice_id", "printed_at"):
        assert at is not None
        found[invoice_id] = min(found.get(invoice_id, at + BY_POST), at + BY_POST)
    return found


def _credit(clients: Collection[UUID]) -> dict[tuple[UUID, str], Decimal]:
    """What clients have with us, by client and currency: credit notes that are not set off, and money on account."""
    notes = Receivable.objects.filter(client__in=clients, owed__lt=0).order_by()
    money_left = OnAccount.objects.filter(client__in=clients, left__gt=0).order_by()
    found: dict[tuple[UUID, str], Decimal] = defaultdict(lambda: money.ZERO)
    for client_id, currency, owed in notes.values_list("client_id", "currency").annotate(sum=Sum("owed")):
        found[client_id, currency] -= owed
    for client_id, currency, left in money_left.values_list("client_id", "currency").annotate(sum=Sum("left")):
        found[client_id, currency] += left
    return found


def _covered(rows: Sequence[Receivable], known: _Known) -> dict[UUID, Decimal]:
    """What of each invoice the client's credit pays, the longest due first: nobody is reminded of what we owe them anyway."""
    found: dict[UUID, Decimal] = {}
    for currency in {row.currency for row in rows}:
        mine = [row for row in rows if row.currency == currency]
        credit = known.credit.get((rows[0].client_id, currency), money.ZERO)
        shares = covered_by(credit, [row.owed for row in mine])
        found |= {row.pk: share for row, share in zip(mine, shares, strict=True)}
    return found


def _block(client: Client, known: _Known, days: WorkingDays, today: date) -> Block | None:
    if not known.recipients[client.pk]:
        return Block.NO_ADDRESS
    if is_too_soon(known.last.get(client.pk), today, known.settings.least_days):
        return Block.TOO_SOON
    return None if days.is_one(today) else Block.DAY_OFF


def working_days(client: Client, calendar: ServiceCalendar | None) -> WorkingDays:
    """On which days a client may be reminded: no weekend or public holiday of its country, no day on which we are closed ourselves.

    Without a calendar of its own, the shop's tells the region, where it is the same country.
    """
    calendar = calendar or default_calendar()
    region = calendar.region if calendar and calendar.country == client.country else ""
    public = public_holidays(client.country, region)
    closed = {own.day: own.name for own in calendar.own_days if not own.works} if calendar else {}
    return WorkingDays(client.country, lambda day: public.get(day) or closed.get(day))
