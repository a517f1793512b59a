"""The life of a promise in any order of acts: hypothesis looks for one that leaves it in a state that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients import actions
from clients.choices import TRANSITIONS, PromiseState
from clients.models import Promise, PromiseStage
from clients.rules import NotPossible, Stage
from clients.rules.promises import DUE, laid_out, passed, risk_from
from msp.accounts.rules import system_actor
from msp.jobs.actions import work_row
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld, World

ACTOR = system_actor("tests")
MINUTE = timedelta(minutes=1)
ACTS = ("keep", "pause", "resume", "move", "cancel", "reopen", "sweep")
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 200)), min_size=1, max_size=12)
offsets = st.lists(st.integers(-100, 400), max_size=5)


def stages(by: datetime) -> list[Stage]:
    return [Stage("half", by - 60 * MINUTE, risk=False), Stage("most", by - 20 * MINUTE)]


def act(name: str, promise: Promise, now: datetime) -> Promise:
    """One act at `now`; a deadline that is laid anew lies two hours ahead."""
    told = {"actor": ACTOR, "now": now, "promise": promise}
    later: dict[str, Any] = {"promised_at": now + 120 * MINUTE, "stages": stages(now + 120 * MINUTE)}
    acts: dict[str, Callable[[], Any]] = {
        "keep": lambda: actions.keep_promise(**told),
        "pause": lambda: actions.pause_promise(**told, because="we wait"),
        "resume": lambda: actions.resume_promise(**told, **later),
        "move": lambda: actions.move_promise(**told, **later, because="so", tell=False),
        "cancel": lambda: actions.cancel_promise(**told, because="not wanted"),
        "reopen": lambda: actions.reopen_promise(**told, because="by mistake"),
        "sweep": lambda: sweep(promise, now),
    }
    with suppress(NotPossible):
        acts[name]()
    return Promise.objects.get(pk=promise.pk)


def sweep(promise: Promise, now: datetime) -> None:
    """As a worker would: only what is open and due."""
    held = Promise.objects.get(pk=promise.pk)
    if held.is_open and held.due_at <= now:
        work_row(queue_name="promises", row=held, now=now)


def check(promise: Promise, before: str, now: datetime) -> None:
    """What must hold after every act, beyond what the database's constraints hold."""
    state = PromiseState(promise.state)
    assert state == before or state in TRANSITIONS[PromiseState(before)]
    assert (promise.finished_at is None) == promise.is_standing
    fired = PromiseStage.objects.filter(promise=promise, round=promise.round)
    names = list(fired.values_list("stage", flat=True))
    assert len(names) == len(set(names))
    if state == PromiseState.OPEN:
        ahead = [stage.name for stage in promise.stages_ahead]
        assert ahead[-1] == DUE
        assert not set(ahead) & set(names)
        assert promise.due_at == promise.stages_ahead[0].at <= promise.promised_at
    if state == PromiseState.BROKEN:
        assert promise.broken_at is not None
        assert promise.broken_at <= now
        assert DUE in names
    if state == PromiseState.KEPT:
        assert promise.kept_at is not None


@pytest.mark.django_db
def test_no_order_of_acts_leaves_it_where_it_cannot_be(world: World, scale: Callable[[int, int], int]) -> None:
    shop = world.north

    @settings(max_examples=scale(60, 3_000), deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps)
    def live(story: list[tuple[str, int]]) -> None:
        with enter(shop.scope()), transaction.atomic():
            promise, now = begin(shop), NOW
            for name, minutes in story:
                now += minutes * MINUTE
                before = promise.state
                promise = act(name, promise, now)
                check(promise, before, now)
            transaction.set_rollback(True)

    live()


def begin(shop: ShopWorld) -> Promise:
    by = NOW + 120 * MINUTE
    about = {"kind": "reply", "subject": shop.one.asset, "client": shop.one.client}
    return actions.make_promise(actor=ACTOR, now=NOW, promised_at=by, stages=stages(by), **about)


@given(offsets, st.integers(-50, 300))
def test_what_is_laid_out_lies_ahead_in_order_and_ends_with_the_deadline(minutes: list[int], due: int) -> None:
    by = NOW + due * MINUTE
    given_stages = [Stage(f"s{n}", NOW + m * MINUTE, risk=m % 2 == 0) for n, m in enumerate(minutes)]
    found = laid_out(given_stages, by, NOW)
    assert found[-1].name == DUE
    assert [stage.at for stage in found] == sorted(stage.at for stage in found)
    assert all(NOW < stage.at < by for stage in found[:-1])
    assert passed(found, by) == found
    assert risk_from(given_stages, by) == min([s.at for s in given_stages if s.risk], default=by)
