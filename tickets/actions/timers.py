"""The one clock of a person. It starts by an explicit press, and its time is never thrown away."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.models import Ticket, TimeEntry, Timer
from tickets.rules import Clock, Refused

from .time import log_time


def start_timer(*, actor: Actor, now: datetime, ticket: Ticket, member: Membership) -> TimeEntry | None:
    """Start the member's clock on `ticket`. A clock on another ticket is stopped first and its time logged: that entry is returned.

    Pressed twice, it goes on; paused, it goes on from there.
    """
    with transaction.atomic():
        running = _hold(member)
        if running is not None and running.ticket_id == ticket.pk:
            _resume(actor, now, running)
            return None
        logged = _log_and_remove(actor, now, running, note="") if running is not None else None
        _create(now, ticket, member)
        record(actor=actor, verb="timer.started", subject=ticket, now=now)
    return logged


def pause_timer(*, actor: Actor, now: datetime, member: Membership) -> Timer:
    """Stop counting; the time stays on the clock. Raises Refused without a timer."""
    with transaction.atomic():
        timer = _hold_or_refuse(member)
        if timer.running_since is not None:
            timer.banked_seconds, timer.running_since = timer.seconds(now), None
            timer.save(update_fields=["banked_seconds", "running_since"])
            record(actor=actor, verb="timer.paused", subject=timer.ticket, now=now)
    return timer


def resume_timer(*, actor: Actor, now: datetime, member: Membership) -> Timer:
    """Go on counting. Raises Refused without a timer."""
    with transaction.atomic():
        timer = _hold_or_refuse(member)
        _resume(actor, now, timer)
    return timer


def stop_timer(*, actor: Actor, now: datetime, member: Membership, minutes: int, note: str) -> TimeEntry:
    """Take the clock away and log `minutes`, which its owner has seen and may have corrected.

    Raises Refused without a timer and as `log_time` does.
    """
    with transaction.atomic():
        timer = _hold_or_refuse(member)
        return _log_and_remove(actor, now, timer, note=note, minutes=minutes)


def clear_timer(*, member: Membership, ticket: Ticket) -> None:
    """Take the member's clock on `ticket` away: its time goes into the entry that the caller logs."""
    Timer.objects.filter(member=member, ticket=ticket).delete()


def put_timer_back(*, member: Membership, ticket: Ticket, clock: Clock) -> None:
    """Let the clock go on that `clear_timer` took away, unless the member has started another one meanwhile."""
    if not Timer.objects.filter(member=member).exists():
        values = {"running_since": clock.running_since, "banked_seconds": clock.banked_seconds}
        Timer.objects.create(member=member, ticket=ticket, started_at=clock.started_at, **values)


def _hold(member: Membership) -> Timer | None:
    return Timer.objects.select_for_update(of=("self",)).select_related("ticket").filter(member=member).first()


def _hold_or_refuse(member: Membership) -> Timer:
    timer = _hold(member)
    if timer is None:
        raise Refused(_("No timer is running. It may have been stopped in another window."))
    return timer


def _create(now: datetime, ticket: Ticket, member: Membership) -> None:
    try:
        with transaction.atomic():
            Timer.objects.create(ticket=ticket, member=member, started_at=now, running_since=now)
    except IntegrityError:
        # Two windows at the same moment: the database lets one in.
        raise Refused(_("You started a timer in another window at the same moment.")) from None


def _resume(actor: Actor, now: datetime, timer: Timer) -> None:
    if timer.running_since is None:
        timer.running_since = now
        timer.save(update_fields=["running_since"])
        record(actor=actor, verb="timer.resumed", subject=timer.ticket, now=now)


def _log_and_remove(actor: Actor, now: datetime, timer: Timer, *, note: str, minutes: int | None = None) -> TimeEntry:
    timer.delete()
    return log_time(
        actor=actor,
        now=now,
        ticket=timer.ticket,
        member=timer.member,
        minutes=minutes or timer.minutes(now),
        note=note,
    )
