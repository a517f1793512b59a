"""Two tickets about one thing become one. What was said and worked stays where it was written, and is read together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from clients.actions import cancel_promise, make_promise, move_promise, pause_promise, reopen_promise
from clients.models import Promise
from clients.queries import next_ordinal, promises_of
from clients.rules.promises import NotPossible
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.choices import Status
from tickets.models import ChildTicket, Merge, Ticket
from tickets.queries.together import standing
from tickets.rules import Refused

from .finished import finish_time
from .merged_clocks import join_clocks, part_clocks
from .rows import hold, write

UNDO_FOR = timedelta(hours=24)
_TICKET = ("status", "solved_at", "confirmed_at", "client_waiting_since")
_INTO = ("client_waiting_since", "priority", "assignee_id")


def merge_ticket(*, actor: Actor, now: datetime, ticket: Ticket, into: Ticket) -> Ticket:
    """Close `ticket` for good and lead everything about it to `into`: the earliest promise of each kind stands there.

    Raises Refused for another client's ticket, for itself, and for one that was merged already.
    """
    with transaction.atomic():
        ticket, into = _hold_both(ticket, standing(into))
        _check(ticket, into)
        kept: dict[str, Any] = {"ticket": _values(ticket, _TICKET), "into": _values(into, _INTO)}
        kept["promises"] = _join_promises(actor, now, ticket, into)
        join_clocks(now=now, into=into, joined=kept["promises"])
        ticket.refresh_from_db(fields=["next_clock_at"])
        into.refresh_from_db(fields=["next_clock_at"])
        ticket.merged_into, ticket.client_waiting_since, ticket.confirmed_at = into, None, None
        waited = [at for at in (_when(kept["ticket"], "client_waiting_since"), into.client_waiting_since) if at]
        ticket.status, ticket.solved_at = Status.SOLVED, ticket.solved_at or now
        write(ticket, now, "merged_into", *_TICKET)
        Ticket.objects.filter(merged_into=ticket).update(merged_into=into)
        ChildTicket.objects.filter(parent=ticket).exclude(child=into).update(parent=into)
        into.client_waiting_since = min(waited, default=None) if into.is_open else None
        into.priority, into.assignee_id = min(into.priority, ticket.priority), into.assignee_id or ticket.assignee_id
        write(into, now, "client_waiting_since", "priority", "assignee")
        Merge.objects.create(
            client_id=into.client_id, ticket=ticket, into=into, by_name=actor.name, at=now, kept=kept
        )  # fmt: skip
        record(actor=actor, verb="ticket.merged", subject=ticket, now=now, data={"number": into.number})
        record(actor=actor, verb="ticket.took_in", subject=into, now=now, data={"number": ticket.number})
        finish_time(actor=actor, now=now, ticket=into)
    return into


def unmerge_ticket(*, actor: Actor, now: datetime, ticket: Ticket) -> Ticket:
    """Take a merge back within UNDO_FOR: both tickets stand as before, with what was written since.

    Raises Refused when it is too late, or when `into` was merged on meanwhile.
    """
    with transaction.atomic():
        merge = Merge.objects.filter(ticket=ticket, undone_at=None).select_related("into").first()
        if merge is None or now - merge.at > UNDO_FOR or merge.into.merged_into_id:
            raise Refused(_("It is too late to undo this."))
        ticket, into = _hold_both(ticket, merge.into)
        _put_back(ticket, merge.kept["ticket"], _TICKET)
        ticket.merged_into = None
        write(ticket, now, "merged_into", *_TICKET)
        went_along = Merge.objects.filter(into=ticket, undone_at=None).values("ticket")
        Ticket.objects.filter(pk__in=went_along).update(merged_into=ticket)
        for name in _INTO:
            if name != "client_waiting_since" or into.client_waiting_since:
                setattr(into, name, _plain(merge.kept["into"], name))
        write(into, now, "client_waiting_since", "priority", "assignee")
        _part_promises(actor, now, merge.kept["promises"])
        part_clocks(now=now, joined=merge.kept["promises"])
        merge.undone_at = now
        merge.save(update_fields=["undone_at"])
        record(actor=actor, verb="ticket.unmerged", subject=ticket, now=now, data={"number": into.number})
        record(actor=actor, verb="ticket.gave_back", subject=into, now=now, data={"number": ticket.number})
        for each in (ticket, into):
            finish_time(actor=actor, now=now, ticket=each)
    return ticket


def _hold_both(one: Ticket, other: Ticket) -> tuple[Ticket, Ticket]:
    """Both, locked in key order, so that two merges cannot wait for each other for ever."""
    held = {row.pk: hold(row) for row in sorted((one, other), key=lambda row: row.pk)}
    return held[one.pk], held[other.pk]


def _check(ticket: Ticket, into: Ticket) -> None:
    if ticket.pk == into.pk:
        raise Refused(_("That is the same ticket."))
    if ticket.client_id != into.client_id:
        raise Refused(_("#%(number)s is another client's ticket.") % {"number": into.number})
    if ticket.merged_into_id or into.merged_into_id:
        raise Refused(_("It was merged already."))


def _values(ticket: Ticket, names: tuple[str, ...]) -> dict[str, Any]:
    """Columns as JSON keeps them."""
    found = {name: getattr(ticket, name) for name in names}
    return {
        name: value.isoformat()
        if isinstance(value, datetime)
        else str(value)
        if name == "assignee_id" and value
        else value
        for name, value in found.items()
    }


def _when(kept: dict[str, Any], name: str) -> datetime | None:
    return parse_datetime(kept[name]) if kept[name] else None


def _plain(kept: dict[str, Any], name: str) -> Any:
    return _when(kept, name) if name.endswith(("_at", "_since")) else kept[name]


def _put_back(ticket: Ticket, kept: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        setattr(ticket, name, _plain(kept, name))


def _join_promises(actor: Actor, now: datetime, ticket: Ticket, into: Ticket) -> list[dict[str, Any]]:
    """Of every kind that both owe, the earlier deadline stands on `into`; what only `ticket` owes goes over."""
    theirs = {promise.kind: promise for promise in promises_of(into) if promise.is_standing}
    done = []
    for promise in promises_of(ticket):
        if not promise.is_standing or (promise.is_open and promise.promised_at <= now):
            continue  # what is broken stays broken where it was made
        twin = theirs.get(promise.kind)
        was = twin.promised_at.isoformat() if twin else None
        because = _("merged into #%(number)s") % {"number": into.number}
        if twin is None:
            twin = _hand_over(actor, now, promise, into)
        elif promise.promised_at < twin.promised_at:
            _move(actor, now, twin, promise.promised_at, _("merged with #%(number)s") % {"number": ticket.number})
        cancel_promise(actor=actor, now=now, promise=promise, because=because)
        done.append({"from": str(promise.pk), "to": str(twin.pk), "was": was})
    return done


def _hand_over(actor: Actor, now: datetime, promise: Promise, into: Ticket) -> Promise:
    made = make_promise(
        actor=actor, now=now, kind=promise.kind, subject=into, client=into.client, promised_at=promise.promised_at,
        stages=promise.stages_ahead, contact=promise.contact, owner=promise.owner, words=promise.words,
        working=promise.steps, ordinal=next_ordinal(into, promise.kind), confidential=promise.confidential,
    )  # fmt: skip
    if promise.paused_since:
        pause_promise(actor=actor, now=now, promise=made, because=promise.paused_because)
    return made


def _move(actor: Actor, now: datetime, promise: Promise, to: datetime, because: str) -> None:
    stages = [stage for stage in promise.stages_ahead if stage.at < to]
    move_promise(
        actor=actor, now=now, promise=promise, promised_at=to, because=because, stages=stages, working=promise.steps, tell=False
    )  # fmt: skip


def _part_promises(actor: Actor, now: datetime, done: list[dict[str, Any]]) -> None:
    """Each ticket owes its own again, as far as nothing was settled since."""
    rows = Promise.objects.in_bulk([step[side] for step in done for side in ("from", "to")])
    because = _("the merge was undone")
    found = {str(pk): promise for pk, promise in rows.items()}
    for step in done:
        try:
            reopen_promise(actor=actor, now=now, promise=found[step["from"]], because=because)
            if step["was"] is None:
                cancel_promise(actor=actor, now=now, promise=found[step["to"]], because=because)
            elif (was := parse_datetime(step["was"])) and was != found[step["to"]].promised_at:
                _move(actor, now, found[step["to"]], was, because)
        except NotPossible:
            continue
