"""Telling people of their promises: one reminder a person, however many stages came at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.choices import PromiseState, PromiseView, ReminderState
from clients.models import Promise, Reminder
from clients.queries import Pressing, awake, keepers_of, pressing_for, shop_zone
from clients.registry import kind_of, paging_kinds
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from msp.accounts.rules import system_actor
from msp.jobs.rules import Ended, Outcome, Together
from msp.notify.actions import notify, page
from msp.tenancy.context import current_scope
from msp.tenancy.ids import new_id

REMINDERS = system_actor("promises")
KEY = "promises"
# What fires in one sweep is gathered for so long.
TOGETHER = timedelta(seconds=5)
# A sweep's transaction may end this much after the moment that its stages say they fired at.
OVERLAP = timedelta(minutes=5)
# Broken or due within this: urgent.
SOON = timedelta(hours=1)

# A resting reminder wakes; one that is on its way stays as it is. Rows are locked in the order of their people.
_ASK = """insert into clients_reminder (id, tenant_id, to_id, state, due_at, attempts, last_error, told_at)
select unnest(%(ids)s::uuid[]), %(tenant)s, unnest(%(people)s::uuid[]), 'queued', %(due)s, 0, '', %(now)s
on conflict (tenant_id, to_id) do update set state = 'queued', due_at = excluded.due_at, attempts = 0, finished_at = null
where clients_reminder.state <> 'queued'"""


def ask_reminders(fired: Mapping[Promise, Sequence[str]], now: datetime) -> None:
    """Have everybody reminded of these promises and the stages that fired, in the caller's transaction. One statement.

    Told are who must keep them and, outside the shop's hours, who is on call.
    """
    loud = [promise for promise, names in fired.items() if names[-1] not in kind_of(promise.kind).quiet]
    if not loud:
        return
    people = {member.pk for member in keepers_of(loud)}
    if any(kind_of(promise.kind).pages for promise in loud):
        people |= {member.pk for member in awake(now) or ()}
    if people:
        _ask(sorted(people), now)


def _ask(people: list[UUID], now: datetime) -> None:
    values: dict[str, Any] = {"ids": [new_id() for _person in people], "people": people}
    values |= {"tenant": current_scope().tenant_id, "due": now + TOGETHER, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_ASK, values)  # and no ring: the scheduler's own comes after they are due


class Remind(Together[Reminder]):
    """Puts what presses a person into their bell: the most pressing one by name, the rest as numbers.

    At night nothing is urgent, but for who is on call: they are paged. Who does not work here any more hears nothing.
    """

    writes = ("told_at",)

    def act(self, rows: Sequence[Reminder], now: datetime) -> list[Outcome]:
        people = {member.pk: member for member in staff()}
        guards, zone = awake(now), shop_zone()
        for row in sorted(rows, key=lambda row: row.to_id):
            if (member := people.get(row.to_id)) is not None:
                self._remind(row, member, guards, zone, now)
            row.told_at = now
        return [Ended(ReminderState.RESTING) for _row in rows]

    def _remind(
        self, row: Reminder, member: Membership, guards: Sequence[Membership] | None, zone: ZoneInfo, now: datetime
    ) -> None:
        on_guard = guards is not None and member in guards
        kinds = paging_kinds() if on_guard else ()
        pressing = pressing_for(member, since=row.told_at - OVERLAP, now=now, kinds=kinds)
        if pressing is None:
            return
        first = pressing.first
        pressed = first.state == PromiseState.BROKEN or first.promised_at <= now + SOON
        said: dict[str, Any] = {"words": lambda: _in_words(pressing, zone), "url": _where(first), "now": now}
        notify(to=member, urgent=pressed and (guards is None or on_guard), key=KEY, **said)
        if pressed and on_guard and kind_of(first.kind).pages:
            page(actor=REMINDERS, to=[member], key=f"promise:{first.pk}:{first.round}:{first.state}", **said)


def _where(first: Promise) -> str:
    view = PromiseView.BROKEN if first.state == PromiseState.BROKEN else PromiseView.DUE
    return f"{reverse('clients:promises')}?state={view}&person={first.owner_id or 'nobody'}"


def _in_words(pressing: Pressing, zone: ZoneInfo) -> str:
    first = pressing.first
    local = first.promised_at.astimezone(zone)
    words = {
        "what": f"{kind_of(first.kind).label}, {first.words} ({first.client.name})",
        "time": f"{date_format(local, 'D')} {local:%H:%M}",
        "risk": pressing.risk,
        "broken": pressing.broken,
    }
    if first.state == PromiseState.BROKEN:
        said = _("A promise was broken: %(what)s, promised for %(time)s.") % words
    else:
        said = _("Promised for %(time)s: %(what)s.") % words
    if pressing.risk + pressing.broken > 1:
        said += " " + _("In all: %(risk)d at risk, %(broken)d broken and still owed.") % words
    return said
