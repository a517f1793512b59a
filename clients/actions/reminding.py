"""Telling people of their promises: one reminder a person, however many stages came at once."""

from __future__ import annotations

from collections.abc import Sequence
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
from clients.queries import Pressing, pressing_for, told_of
from clients.registry import kind_of
from msp.accounts.models import ShopSettings
from msp.jobs.actions import ring
from msp.jobs.rules import Ended, Outcome, Plain
from msp.notify.actions import notify
from msp.tenancy.context import current_scope
from msp.tenancy.ids import new_id

KEY = "promises"
# What fires in one sweep is gathered for so long.
TOGETHER = timedelta(seconds=5)
# A sweep's transaction may end this much after the moment that its stages say they fired at.
OVERLAP = timedelta(minutes=5)

# A resting reminder wakes; one that is on its way stays as it is. Rows are locked in the order of their people.
_ASK = """insert into clients_reminder (id, tenant_id, to_id, state, due_at, attempts, last_error, told_at)
select unnest(%(ids)s::uuid[]), %(tenant)s, unnest(%(people)s::uuid[]), 'queued', %(due)s, 0, '', %(now)s
on conflict (tenant_id, to_id) do update set state = 'queued', due_at = excluded.due_at, attempts = 0, finished_at = null
where clients_reminder.state <> 'queued'"""


def ask_reminders(fired: Sequence[Promise], now: datetime) -> None:
    """Have everybody reminded who must keep one of these promises, in the caller's transaction. One statement."""
    people: list[UUID] = sorted({member.pk for member in told_of(fired)})
    if not people:
        return
    values: dict[str, Any] = {"ids": [new_id() for _person in people], "people": people}
    values |= {"tenant": current_scope().tenant_id, "due": now + TOGETHER, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_ASK, values)
    ring("reminders")


class Remind(Plain[Reminder]):
    """Puts what presses a person into their bell: the most pressing one by name, the rest as numbers."""

    def act(self, row: Reminder, now: datetime) -> Outcome:
        pressing = pressing_for(row.to, since=row.told_at - OVERLAP, now=now)
        if pressing.first is not None:
            first = pressing.first
            notify(
                to=row.to,
                now=now,
                words=lambda: _in_words(pressing, first),
                url=_where(row.to_id, first),
                urgent=first.state == PromiseState.BROKEN,
                key=KEY,
            )
        row.told_at = now
        row.save(update_fields=["told_at"])
        return Ended(ReminderState.RESTING)


def _where(person: UUID, first: Promise) -> str:
    view = PromiseView.BROKEN if first.state == PromiseState.BROKEN else PromiseView.DUE
    return f"{reverse('clients:promises')}?state={view}&person={person if first.owner_id else 'nobody'}"


def _in_words(pressing: Pressing, first: Promise) -> str:
    local = first.promised_at.astimezone(ZoneInfo(ShopSettings.objects.values_list("zone", flat=True).get()))
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
        said += " " + _("In all %(risk)d are at risk and %(broken)d broken and still owed.") % words
    return said
