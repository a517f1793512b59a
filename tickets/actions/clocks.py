"""The one place of the service desk that makes, keeps, pauses and moves its promises. Called from the acts themselves.

Each function takes the ticket as it stands after the act, held, in the act's transaction; and leaves its place in the queues right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from clients.actions import (
    cancel_promise,
    hand_over_promises,
    keep_promise,
    make_promise,
    move_promise,
    pause_promise,
    reopen_promise,
    resume_promise,
)
from clients.choices import PromiseState
from clients.rules.calendars import NeverOpen
from clients.rules.promises import before
from msp.accounts.choices import OF_STAFF
from msp.accounts.rules import Actor
from tickets.choices import ClockKind, Status
from tickets.models import SlaClock, SlaTarget, SupplierWait, Ticket
from tickets.queries.sla import policy_for, target_of, terms_for, zone_only
from tickets.rules import Refused
from tickets.rules.clocks import Pause, begun_minute, whole_minute

from .hand import clocks_in_hand, in_hand

# A clock that a target set stands still in these states. Waiting for a client needs a word to them first: the first reply is due.
_PAUSED_BY = {
    Status.WAITING_CLIENT: {ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION},
    Status.WAITING_SUPPLIER: {ClockKind.RESOLUTION},
}


def start_clocks(*, actor: Actor, now: datetime, ticket: Ticket) -> None:
    """A new ticket: first reply, solution and updates as its policy promises them. Without policy or hours nothing runs."""
    target = target_of(policy_for(ticket.client, ticket.site), ticket.priority)
    if target is None:
        return
    with in_hand(ticket) as hand:
        hand.clocks = []  # it is new
        for kind in ClockKind:
            _start(actor, now, ticket, kind=kind, target=target, start=ticket.created_at)


def on_public_reply(
    *, actor: Actor, now: datetime, ticket: Ticket, status: str, next_update_at: datetime | None = None
) -> None:
    """One of us wrote to the client, no machine by itself: first reply and update are given. Unless it is solved by it (`status`),
    the next update is due as promised here or as the policy says."""
    if actor.kind not in OF_STAFF:
        return
    with in_hand(ticket):
        clocks = clocks_in_hand(ticket)
        for clock in clocks:
            if clock.kind != ClockKind.RESOLUTION and clock.promise.is_unkept:
                _keep(actor, now, clock)
        if status == Status.SOLVED:
            return
        if next_update_at is not None:
            _promise_update(actor, now, ticket, next_update_at)
        elif target := _target_now(ticket, clocks):
            _start(actor, now, ticket, kind=ClockKind.NEXT_UPDATE, target=target, start=now)


def on_reply_withdrawn(*, actor: Actor, now: datetime, ticket: Ticket, replied_at: datetime) -> None:
    """A reply was taken back before it left: what it kept is owed again, what it promised is not."""
    with in_hand(ticket):
        for clock in clocks_in_hand(ticket):
            promise = clock.promise
            if clock.kind == ClockKind.NEXT_UPDATE and promise.made_at == replied_at and promise.is_standing:
                _cancel(actor, now, clock, _("the reply was taken back"))
            elif clock.kind != ClockKind.RESOLUTION and promise.kept_at == replied_at:
                said = _("the reply was taken back")
                clock.promise = reopen_promise(actor=actor, now=now, promise=promise, because=said)
                clock.ended_at = clock.took_minutes = None
                clock.save(update_fields=["ended_at", "took_minutes"])


def on_status(*, actor: Actor, now: datetime, ticket: Ticket, was: str, solved_at: datetime | None = None) -> None:
    """Solved, waiting, or at it again. `solved_at`: when it had been solved, if it was."""
    with in_hand(ticket):
        if was == Status.WAITING_SUPPLIER:
            SupplierWait.objects.filter(ticket=ticket, ended_at=None).update(ended_at=now)
        if ticket.status == Status.SOLVED:
            _settle(actor, now, ticket)
            return
        if was == Status.SOLVED:
            on_reopen(actor=actor, now=now, ticket=ticket, solved_at=solved_at)
        if ticket.status == Status.WAITING_SUPPLIER:
            SupplierWait.objects.get_or_create(
                ticket=ticket, ended_at=None, defaults={"client_id": ticket.client_id, "started_at": now}
            )
        for clock in clocks_in_hand(ticket):
            if clock.promise.is_standing and not clock.is_by_hand:
                _stand_or_run(actor, now, ticket, clock)


def on_reopen(*, actor: Actor, now: datetime, ticket: Ticket, solved_at: datetime | None) -> None:
    """What was solved is not: the time to solve goes on where it stopped, what solving made needless is owed again, and an
    update is due as after a reply. A deadline that was broken stays broken, and a reply that was given stays given.
    """
    with in_hand(ticket):
        clocks = clocks_in_hand(ticket)
        for clock in clocks:
            solved = clock.kind == ClockKind.RESOLUTION and clock.promise.state == PromiseState.KEPT
            needless = clock.promise.state == PromiseState.CANCELLED and clock.ended_at == solved_at
            if clock.ended_at is not None and (solved or needless):
                stopped = Pause(begun_minute(clock.ended_at), whole_minute(now), "solved")
                clock.set_pauses([*clock.pause_list, stopped])
                _run_again(actor, now, clock, _("the ticket was reopened"))
        target = _target_now(ticket, clocks)
        owed = any(clock.kind == ClockKind.NEXT_UPDATE and clock.promise.is_unkept for clock in clocks)
        if target is not None and not owed:
            _start(actor, now, ticket, kind=ClockKind.NEXT_UPDATE, target=target, start=now)


def on_priority(*, actor: Actor, now: datetime, ticket: Ticket) -> None:
    """Another priority, another target: counted from the start anew, less the pauses. What is settled stays as it was."""
    with in_hand(ticket):
        clocks = clocks_in_hand(ticket)
        target = _target_now(ticket, clocks)
        change = _Change(target, _("the priority was changed"), _("the new priority has no target for it"))
        for clock in clocks:
            if not clock.is_by_hand and (clock.promise.is_standing or _may_run_again(ticket, clock)):
                _retarget(actor, now, ticket, clock, change)
        _start_missing(actor, now, ticket, target, {clock.kind for clock in clocks} | {ClockKind.NEXT_UPDATE})


def on_client(*, actor: Actor, now: datetime, ticket: Ticket) -> None:
    """It turned out to be another client's: their service level holds, as for a new ticket, counted from when it came in. What
    is settled stays as it was, and what a person promised stands.
    """
    with in_hand(ticket):
        clocks = clocks_in_hand(ticket)
        target = target_of(policy_for(ticket.client, ticket.site), ticket.priority)
        words = {"client": ticket.client.name}
        change = _Change(target, _("it was given to %(client)s") % words, _("%(client)s has no target for it") % words)
        for clock in [clock for clock in clocks if not clock.is_by_hand]:
            held = clock.promise.is_standing or _may_run_again(ticket, clock)
            known = _take_terms(ticket, clock, target)
            if held:
                _retarget(actor, now, ticket, clock, change if known else replace(change, target=None))
        _start_missing(actor, now, ticket, target, {clock.kind for clock in clocks})


def _take_terms(ticket: Ticket, clock: SlaClock, target: SlaTarget | None) -> bool:
    """Let a clock count by the policy and the service hours that hold now; False where they give no deadline."""
    terms = terms_for(ticket.client, ticket.site) or (zone_only() if target and target.always else None)
    if target is None or terms is None:
        return False
    clock.policy, clock.supplier_pauses, clock.terms = target.policy, target.policy.supplier_pauses, terms.to_json()
    clock.save(update_fields=["policy", "supplier_pauses", "terms"])
    clock.always = target.always
    try:
        _laid(clock)
    except NeverOpen:
        return False
    return True


def _start_missing(actor: Actor, now: datetime, ticket: Ticket, target: SlaTarget | None, had: set[str]) -> None:
    """Start the clocks of a ticket that it has not `had`, as if they had run from the beginning."""
    if target is None or not ticket.is_open:
        return
    for kind in ClockKind:
        given = kind == ClockKind.FIRST_RESPONSE and ticket.first_replied_at
        if kind not in had and not given:
            again = kind == ClockKind.NEXT_UPDATE and ticket.first_replied_at
            start = now if again else ticket.created_at
            started = _start(actor, now, ticket, kind=kind, target=target, start=start)
            if started is not None:
                _stand_or_run(actor, now, ticket, started)


@dataclass(frozen=True)
class _Change:
    """What a clock counts towards from now on, and why it was moved or has ended."""

    target: SlaTarget | None
    moved: str
    ended: str


def _may_run_again(ticket: Ticket, clock: SlaClock) -> bool:
    """Whether a clock was given up only because a priority had no target for it."""
    given = clock.kind == ClockKind.FIRST_RESPONSE and ticket.first_replied_at
    once = clock.kind != ClockKind.NEXT_UPDATE
    return ticket.is_open and once and not given and clock.promise.state == PromiseState.CANCELLED


def _retarget(actor: Actor, now: datetime, ticket: Ticket, clock: SlaClock, change: _Change) -> None:
    target = change.target
    minutes = target.minutes(clock.kind) if target else None
    standing = clock.promise.is_standing
    if target is None or minutes is None:
        if standing:
            _cancel(actor, now, clock, change.ended)
        return
    clock.target_minutes, clock.always, clock.priority = minutes, target.always, ticket.priority
    clock.save(update_fields=["target_minutes", "always", "priority"])
    if standing:
        _move(actor, now, clock, change.moved)
        return
    _run_again(actor, now, clock, change.moved)
    _stand_or_run(actor, now, ticket, clock)


def on_assignee(*, ticket: Ticket) -> None:
    """Whoever has the ticket keeps its promises."""
    hand_over_promises(subject=ticket, kinds=ClockKind.values, owner=ticket.assignee)


def promise_next_update(*, actor: Actor, now: datetime, ticket: Ticket, at: datetime) -> None:
    """Promise the client, outside a reply, to write by a time; takes the place of the update that was due."""
    with in_hand(ticket):
        for clock in clocks_in_hand(ticket):
            if clock.kind == ClockKind.NEXT_UPDATE and clock.promise.is_standing:
                if clock.is_by_hand:
                    move_next_update(actor=actor, now=now, ticket=ticket, at=at, because=_("another time was promised"))
                    return
                _cancel(actor, now, clock, _("another time was promised"))
        _promise_update(actor, now, ticket, at)


def move_next_update(*, actor: Actor, now: datetime, ticket: Ticket, at: datetime, because: str) -> None:
    """Promise the update for another time; the contact reads the new time and the reason. Raises Refused."""
    _check_ahead(now, at)
    with in_hand(ticket):
        clock = next(
            (c for c in clocks_in_hand(ticket) if c.kind == ClockKind.NEXT_UPDATE and c.promise.is_standing), None
        )
        if clock is None:
            raise Refused(_("No update is promised."))
        if clock.promise.promised_at <= now:
            raise Refused(_("Its time has passed. Write the update, and promise the next one in it."))
        clock.target_minutes, clock.pauses = None, []
        clock.save(update_fields=["target_minutes", "pauses"])
        promise = clock.promise
        if promise.state == PromiseState.PAUSED:
            promise = resume_promise(actor=actor, now=now, promise=promise, promised_at=at, stages=before(at))
        given: dict[str, Any] = {"promised_at": at, "because": because, "stages": before(at)}
        clock.promise = move_promise(actor=actor, now=now, promise=promise, **given)


def _next_ordinal(ticket: Ticket, kind: ClockKind) -> int:
    """The number of the next clock of its kind. Its promise has the same."""
    return 1 + max((clock.ordinal for clock in clocks_in_hand(ticket) if clock.kind == kind), default=0)


def _start(
    actor: Actor, now: datetime, ticket: Ticket, *, kind: ClockKind, target: SlaTarget, start: datetime
) -> SlaClock | None:
    """Start a clock on a target. None without one, and where no deadline can be computed: no service hours, or none to come."""
    terms = terms_for(ticket.client, ticket.site) or (zone_only() if target.always else None)
    minutes = target.minutes(kind)
    if terms is None or minutes is None:
        return None
    clock = SlaClock(
        ticket=ticket, client_id=ticket.client_id, policy=target.policy, kind=kind, ordinal=_next_ordinal(ticket, kind),
        priority=ticket.priority, target_minutes=minutes, always=target.always, terms=terms.to_json(),
        supplier_pauses=target.policy.supplier_pauses, started_at=whole_minute(start),
    )  # fmt: skip
    try:
        given = _laid(clock)
    except NeverOpen:
        return None
    return _make(actor, now, clock, given)


def _promise_update(actor: Actor, now: datetime, ticket: Ticket, at: datetime) -> None:
    """An update by a time that a person said."""
    _check_ahead(now, at)
    terms = terms_for(ticket.client, ticket.site) or zone_only()
    clock = SlaClock(
        ticket=ticket, client_id=ticket.client_id, kind=ClockKind.NEXT_UPDATE, priority=ticket.priority,
        ordinal=_next_ordinal(ticket, ClockKind.NEXT_UPDATE), terms=terms.to_json(), started_at=whole_minute(now),
    )  # fmt: skip
    _make(actor, now, clock, {"promised_at": at, "stages": before(at)})


def _make(actor: Actor, now: datetime, clock: SlaClock, given: dict[str, Any]) -> SlaClock:
    ticket = clock.ticket
    clock.promise = make_promise(
        actor=actor, now=now, kind=clock.kind, subject=ticket, client=ticket.client, contact=ticket.contact,
        owner=ticket.assignee, words=str(ticket), ordinal=clock.ordinal,
        confidential=ticket.confidential_to_id is not None, **given,
    )  # fmt: skip
    clock.save(force_insert=True)
    clocks_in_hand(ticket).append(clock)
    return clock


def _check_ahead(now: datetime, at: datetime) -> None:
    if at <= now:
        raise Refused(_("Promise a time that is still to come."))


def _target_now(ticket: Ticket, clocks: list[SlaClock]) -> SlaTarget | None:
    """The targets of the ticket's priority, of the policy that its clocks began with."""
    known = next((clock.policy_id for clock in clocks if clock.policy_id), None)
    if known is None:
        return target_of(policy_for(ticket.client, ticket.site), ticket.priority)
    return SlaTarget.objects.filter(policy=known, priority=ticket.priority).select_related("policy").first()


def _keep(actor: Actor, now: datetime, clock: SlaClock, at: datetime | None = None) -> None:
    at = at or now
    clock.promise = keep_promise(actor=actor, now=now, promise=clock.promise, kept_at=at)
    _close_pause(clock, at)
    clock.ended_at, clock.took_minutes = at, clock.course.spent(whole_minute(at))
    clock.save(update_fields=["pauses", "ended_at", "took_minutes"])


def _cancel(actor: Actor, now: datetime, clock: SlaClock, because: str) -> None:
    clock.promise = cancel_promise(actor=actor, now=now, promise=clock.promise, because=because)
    _close_pause(clock, now)
    clock.ended_at = now
    clock.save(update_fields=["pauses", "ended_at"])


def _close_pause(clock: SlaClock, now: datetime) -> None:
    clock.set_pauses([Pause(p.since, p.until or whole_minute(now), p.because) for p in clock.pause_list])


def _settle(actor: Actor, now: datetime, ticket: Ticket) -> None:
    """Solved: the solution is there, an update too; a first reply that was not due yet is not needed any more.

    Where solving is put back, all of it was done when it had been solved.
    """
    for clock in clocks_in_hand(ticket):
        if not clock.promise.is_unkept:
            continue
        if clock.kind == ClockKind.FIRST_RESPONSE and clock.promise.is_standing and now <= clock.promise.promised_at:
            _cancel(actor, now, clock, _("it was solved before a reply was due"))
        else:
            _keep(actor, now, clock, ticket.solved_at)


def _stand_or_run(actor: Actor, now: datetime, ticket: Ticket, clock: SlaClock) -> None:
    status = Status(ticket.status)
    stands = clock.kind in _PAUSED_BY.get(status, ())
    if status == Status.WAITING_SUPPLIER:
        stands = stands and clock.supplier_pauses
    pauses = clock.pause_list
    running = clock.promise.state == PromiseState.OPEN
    if running and now > clock.promise.promised_at:
        return  # broken; the sweep is about to say so
    if stands and running:
        clock.set_pauses([*pauses, Pause(begun_minute(now), None, status)])
        clock.save(update_fields=["pauses"])
        clock.promise = pause_promise(actor=actor, now=now, promise=clock.promise, because=str(status.label))
    elif not stands and not running:
        last = pauses[-1]
        clock.set_pauses([*pauses[:-1], Pause(last.since, whole_minute(now), last.because)])
        clock.save(update_fields=["pauses"])
        clock.promise = resume_promise(actor=actor, now=now, promise=clock.promise, **_laid(clock))


def _run_again(actor: Actor, now: datetime, clock: SlaClock, because: str) -> None:
    """A clock that ended runs on: its pauses say where it stood still."""
    clock.ended_at = clock.took_minutes = None
    clock.save(update_fields=["pauses", "ended_at", "took_minutes"])
    clock.promise = reopen_promise(actor=actor, now=now, promise=clock.promise, because=because)
    _move(actor, now, clock, because)


def _move(actor: Actor, now: datetime, clock: SlaClock, because: str) -> None:
    clock.promise = move_promise(
        actor=actor, now=now, promise=clock.promise, because=because, tell=False, **_laid(clock)
    )


def _laid(clock: SlaClock) -> dict[str, Any]:
    course = clock.course
    return {"promised_at": course.due_at, "stages": course.stages, "working": course.steps}
