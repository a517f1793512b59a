"""Time entries: written down, corrected while nobody has billed them, locked when somebody has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by
from tickets.choices import WorkType
from tickets.models import Message, Ticket, TimeEntry
from tickets.rules import LONGEST_ENTRY, Refused

from .finished import time_changed
from .weeks import check_not_approved

_CLOCKS_DIFFER = timedelta(minutes=1)  # a form's minute may begin after the second it was sent in


def log_time(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    member: Membership,
    minutes: int,
    note: str = "",
    started_at: datetime | None = None,
    work_type: str = WorkType.REMOTE,
    is_billable: bool = True,
    message: Message | None = None,
    form_key: UUID | None = None,
) -> TimeEntry:
    """Write down work of `minutes` (1 to 1,440) that began at `started_at`, without it: that ended now.

    Time on our own mistake is never billable. Sending the same form again gives the entry that the first one made.
    Raises Refused for other lengths and for work in the future.
    """
    started_at = started_at or now - timedelta(minutes=minutes)
    _check(minutes, started_at, now)
    check_not_approved(member, started_at)
    said = {"ticket_id": ticket.pk, "member_id": member.pk, "minutes": minutes, "note": note}
    billable, client_id = is_billable and ticket.rework_of_id is None, ticket.client_id
    rest = {"client_id": client_id, "message": message, "work_type": work_type, "is_billable": billable}
    times = {"started_at": started_at, "finished_at": ticket.solved_at, "created_at": now}
    with transaction.atomic():
        twin, form_key = made_by(TimeEntry.objects.all(), form_key, **said)
        if twin:
            return twin
        try:
            with transaction.atomic():
                entry = TimeEntry.objects.create(**said, **rest, **times, form_key=form_key)
        except IntegrityError:
            if form_key is None:
                raise
            return TimeEntry.objects.get(form_key=form_key)  # a second press of the same form was faster
        entry.ticket = ticket
        _tell(actor, now, "time.logged", entry, {"minutes": minutes, "note": note})
    return entry


def change_time(
    *,
    actor: Actor,
    now: datetime,
    entry: TimeEntry,
    minutes: int,
    note: str,
    started_at: datetime,
    work_type: str,
    is_billable: bool,
) -> TimeEntry:
    """Correct an entry. Raises Refused for a locked one, and as `log_time` does."""
    _check(minutes, started_at, now)
    with transaction.atomic():
        entry = _hold_unlocked(entry)
        check_not_approved(entry.member, entry.started_at, started_at)
        was = entry.minutes
        entry.minutes, entry.note, entry.started_at = minutes, note, started_at
        entry.work_type, entry.is_billable = work_type, is_billable
        entry.save(update_fields=["minutes", "note", "started_at", "work_type", "is_billable"])
        data = {"was": was, "minutes": minutes, "note": note}
        _tell(actor, now, "time.changed", entry, data)
    return entry


def delete_time(*, actor: Actor, now: datetime, entry: TimeEntry) -> None:
    """Remove an entry; the activity log keeps what it said. Raises Refused for a locked one."""
    with transaction.atomic():
        entry = _hold_unlocked(entry)
        check_not_approved(entry.member, entry.started_at)
        entry.delete()
        data = {"minutes": entry.minutes, "note": entry.note}
        _tell(actor, now, "time.deleted", entry, data)


def lock_time(*, actor: Actor, now: datetime, entries: Iterable[TimeEntry], because: str) -> None:
    """Let nobody change these entries any more; `because` says why, to people. Raises Refused when one is locked already."""
    ids = [entry.pk for entry in entries]
    with transaction.atomic():
        held = list(TimeEntry.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
        if any(entry.is_locked for entry in held) or len(held) != len(ids):
            raise Refused(_("Some of this time was locked meanwhile. Reload and try again."))
        TimeEntry.objects.filter(pk__in=ids).update(locked_because=because)
        _record_by_ticket(actor, now, held, "time.locked", because)


def unlock_time(*, actor: Actor, now: datetime, entries: Iterable[TimeEntry]) -> None:
    """Let these entries be changed again."""
    ids = [entry.pk for entry in entries]
    with transaction.atomic():
        held = list(TimeEntry.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
        TimeEntry.objects.filter(pk__in=ids).update(locked_because="")
        _record_by_ticket(actor, now, [entry for entry in held if entry.is_locked], "time.unlocked", "")


def _tell(actor: Actor, now: datetime, verb: str, entry: TimeEntry, data: dict[str, Any]) -> None:
    record(actor=actor, verb=verb, subject=entry.ticket, now=now, data=data)
    time_changed(actor=actor, now=now, ticket=entry.ticket, entry=entry)


def _record_by_ticket(actor: Actor, now: datetime, entries: list[TimeEntry], verb: str, because: str) -> None:
    minutes: dict[UUID, int] = defaultdict(int)
    for entry in entries:
        minutes[entry.ticket_id] += entry.minutes
    for ticket in Ticket.objects.filter(pk__in=minutes).order_by("number"):
        data = {"minutes": minutes[ticket.pk], "because": because}
        record(actor=actor, verb=verb, subject=ticket, now=now, data=data)


def _hold_unlocked(entry: TimeEntry) -> TimeEntry:
    held = TimeEntry.objects.select_for_update(of=("self",)).select_related("ticket", "member").get(pk=entry.pk)
    if held.is_locked:
        raise Refused(_("This time is locked: %(because)s") % {"because": held.locked_because})
    return held


def _check(minutes: int, started_at: datetime, now: datetime) -> None:
    if not 1 <= minutes <= LONGEST_ENTRY:
        raise Refused(_("Log between 1 minute and 24 hours."))
    if started_at + timedelta(minutes=minutes) > now + _CLOCKS_DIFFER:
        raise Refused(_("That work would end in the future. Check the day and the start."))
