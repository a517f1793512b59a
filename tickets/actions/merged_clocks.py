"""The clocks of tickets that become one, or two again: what a deadline was computed from goes with its promise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tickets.models import SlaClock, Ticket

_COURSE = ("policy_id", "priority", "target_minutes", "always", "supplier_pauses", "terms", "pauses")


def join_clocks(*, now: datetime, into: Ticket, joined: Sequence[dict[str, Any]]) -> None:
    """`joined`: what merging did with promises (`from`, `to`). Each step is given the `course` that its promise had before."""
    clocks = {str(clock.promise_id): clock for clock in _clocks_of(joined)}
    for step in joined:
        source, twin = clocks.get(step["from"]), clocks.get(step["to"])
        if source is None:
            continue
        if twin is None:
            twin = SlaClock(ticket=into, client_id=into.client_id, promise_id=step["to"], kind=source.kind)
            twin.ordinal = twin.promise.ordinal
            _take_course(twin, _course(source))
            twin.save(force_insert=True)
        elif twin.promise.promised_at == source.promise.promised_at:
            step["course"] = _course(twin)
            _take_course(twin, _course(source))
            twin.save(update_fields=[*_COURSE, "started_at"])
        source.ended_at = now
        source.save(update_fields=["ended_at"])


def part_clocks(*, now: datetime, joined: Sequence[dict[str, Any]]) -> None:
    """Each ticket has its own clocks again."""
    for clock in _clocks_of(joined):
        step = next(step for step in joined if str(clock.promise_id) in (step["from"], step["to"]))
        if str(clock.promise_id) == step["from"]:
            clock.ended_at = None if clock.promise.is_standing else clock.ended_at
        elif step.get("course"):
            _take_course(clock, step["course"])
        else:
            clock.ended_at = None if clock.promise.is_standing else now
        clock.save(update_fields=[*_COURSE, "started_at", "ended_at"])


def _clocks_of(joined: Sequence[dict[str, Any]]) -> list[SlaClock]:
    ids = [step[side] for step in joined for side in ("from", "to")]
    return list(SlaClock.objects.filter(promise__in=ids).select_related("promise"))


def _course(clock: SlaClock) -> dict[str, Any]:
    course = {name: getattr(clock, name) for name in _COURSE}
    policy = str(clock.policy_id) if clock.policy_id else None
    return course | {"policy_id": policy, "started_at": clock.started_at.isoformat()}


def _take_course(clock: SlaClock, course: dict[str, Any]) -> None:
    for name in _COURSE:
        setattr(clock, name, course[name])
    clock.started_at = datetime.fromisoformat(course["started_at"])
