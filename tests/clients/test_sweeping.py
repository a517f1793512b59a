"""The sweep as workers run it: over shops, in batches, with rows that raise, races and reminders. On committed rows."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from clients import actions
from clients.models import OnCallShift, Promise, PromiseStage, Reminder, ServiceCalendar
from clients.registry import PROMISE_KINDS, PromiseKind
from clients.rules import Stage
from clients.signals import promise_stage
from msp.accounts.models import Membership
from msp.accounts.rules import system_actor
from msp.audit.models import Entry
from msp.jobs.actions import run_queue
from msp.jobs.actions.claims import claim
from msp.jobs.actions.together import run_together
from msp.jobs.queries import queues_with_due_rows
from msp.jobs.registry import QUEUES
from msp.notify.models import Notification, PagerMessage
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld, World

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = system_actor("tests")
HOUR = timedelta(hours=1)
DUE = NOW + 8 * HOUR


def make(shop: ShopWorld, number: int = 1, **given: Any) -> list[Promise]:
    values = {
        "kind": "reply",
        "subject": shop.one.asset,
        "client": shop.one.client,
        "owner": shop.staff["technician"],
        "promised_at": DUE,
        "stages": [Stage("half", NOW + 4 * HOUR, risk=False), Stage("most", NOW + 6 * HOUR)],
    } | given
    with enter(shop.scope()):
        first = values.pop("ordinal", 1)
        return [actions.make_promise(actor=ACTOR, now=NOW, ordinal=first + i, **values) for i in range(number)]


def sweep(at: datetime) -> int:
    return run_queue(queue_name="promises", clock=lambda: at)


def remind(at: datetime) -> int:
    return run_queue(queue_name="reminders", clock=lambda: at)


def fresh(shop: ShopWorld, promise: Promise) -> Promise:
    with enter(shop.scope()):
        return Promise.objects.get(pk=promise.pk)


def fired(shop: ShopWorld) -> Counter[str]:
    with enter(shop.scope()):
        return Counter(PromiseStage.objects.values_list("stage", flat=True))


def told(shop: ShopWorld, role: str = "technician") -> list[Notification]:
    with enter(shop.scope()):
        return list(Notification.objects.filter(to=shop.staff[role]))


@pytest.fixture
def on_stage() -> Iterator[Callable[[Callable[..., None]], None]]:
    """Has a function called at every stage that fires."""
    connected: list[Callable[..., None]] = []

    def connect(receiver: Callable[..., None]) -> None:
        promise_stage.connect(receiver)
        connected.append(receiver)

    yield connect
    for receiver in connected:
        promise_stage.disconnect(receiver)


def test_due_stages_of_every_shop_fire_and_nothing_else(world: World) -> None:
    make(world.north, 3), make(world.low, 2)
    make(world.low, 1, kind="later", promised_at=NOW + 30 * HOUR, stages=())
    assert sweep(NOW + HOUR) == 0
    assert sweep(NOW + 4 * HOUR) == 5
    assert (fired(world.north), fired(world.low)) == ({"half": 3}, {"half": 2})
    assert sweep(NOW + 5 * HOUR) == 0
    assert sweep(DUE) == 5
    assert fired(world.north) == {"half": 3, "most": 3, "due": 3}
    with enter(world.low.scope()):
        assert Counter(Promise.objects.values_list("state", flat=True)) == {"broken": 2, "open": 1}
        assert Entry.objects.filter(verb="promise.broken").count() == 2


def test_statements_do_not_grow_with_the_batch(world: World) -> None:
    def cost(number: int, first: int) -> int:
        make(world.north, number, kind=f"kind {first}", ordinal=first)
        claims = claim(queue=QUEUES["promises"], now=DUE)
        with CaptureQueriesContext(connection) as context:
            run_together(QUEUES["promises"].make_handler(), claims, lambda: DUE)  # type: ignore[arg-type]
        return len(context)

    assert cost(1, 1) == cost(12, 2)


def test_one_that_raises_is_pushed_back_and_blocks_nobody(
    world: World, on_stage: Callable[[Callable[..., None]], None]
) -> None:
    bad, *good = make(world.north, 7)

    def refuse(promise: Promise, **_: Any) -> None:
        if promise.pk == bad.pk:
            raise ValueError("no such thing")

    on_stage(refuse)
    (other,) = make(world.low)
    sweep(DUE)
    bad = fresh(world.north, bad)
    assert (bad.state, bad.attempts, bad.last_error) == ("open", 1, "ValueError: no such thing")
    assert (bad.due_at, bad.lease_until) == (DUE + timedelta(seconds=10), None)
    assert {fresh(world.north, promise).state for promise in good} == {"broken"}
    assert fresh(world.low, other).state == "broken"
    assert fired(world.north) == {"half": 6, "most": 6, "due": 6}
    promise_stage.disconnect(refuse)
    assert sweep(DUE + timedelta(seconds=10)) == 1
    bad = fresh(world.north, bad)
    assert (bad.state, bad.broken_at, bad.last_error, bad.attempts) == ("broken", DUE, "", 2)


def test_what_never_works_stays_open_and_is_tried_every_hour(
    world: World, on_stage: Callable[[Callable[..., None]], None]
) -> None:
    (bad,) = make(world.north)

    def refuse(**_: Any) -> None:
        raise ValueError("never")

    on_stage(refuse)
    at = DUE
    for _ in range(12):
        assert sweep(at) == 1
        at = fresh(world.north, bad).due_at
    bad = fresh(world.north, bad)
    assert (bad.state, bad.attempts, bad.due_at - at) == ("open", 12, timedelta())


def test_a_killed_workers_claims_are_worked_once_when_the_lease_ends(world: World) -> None:
    make(world.north, 5)
    killed = claim(queue=QUEUES["promises"], now=DUE)
    assert len(killed) == 5
    assert sweep(DUE + timedelta(seconds=1)) == 0
    later = DUE + QUEUES["promises"].lease
    assert sweep(later) == 5
    run_together(QUEUES["promises"].make_handler(), killed, lambda: later)  # type: ignore[arg-type]  only slow
    assert fired(world.north) == {"half": 5, "most": 5, "due": 5}


def test_a_promise_that_moves_while_a_worker_has_it_is_left_to_its_new_time(world: World) -> None:
    (promise,) = make(world.north, stages=())
    claims = claim(queue=QUEUES["promises"], now=DUE)
    with enter(world.north.scope()):
        actions.move_promise(actor=ACTOR, now=DUE, promise=promise, promised_at=DUE + HOUR, because="so", tell=False)
    run_together(QUEUES["promises"].make_handler(), claims, lambda: DUE)  # type: ignore[arg-type]
    assert fresh(world.north, promise).state == "open"
    assert fired(world.north) == {}


def race(*acts: Callable[[], object]) -> list[BaseException]:
    """Run all at once, each on a connection of its own. Returns what they raised."""
    start, raised = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_keeping_and_the_deadline_meet_and_one_of_them_is_first(world: World) -> None:
    promises = make(world.north, 12, stages=())

    def keep_all() -> None:
        for promise in promises:
            with enter(world.north.scope()):
                actions.keep_promise(actor=ACTOR, now=DUE, promise=promise, kept_at=DUE - HOUR)

    def late_all() -> None:
        for promise in reversed(promises):
            with enter(world.north.scope()):
                actions.keep_promise(actor=ACTOR, now=DUE + HOUR, promise=promise, kept_at=DUE + HOUR)

    assert race(keep_all, lambda: sweep(DUE), late_all) == []
    with enter(world.north.scope()):
        rows = list(Promise.objects.all())
        once = Counter(PromiseStage.objects.values_list("promise", flat=True))
    assert {row.state for row in rows} <= {"kept", "broken"}
    assert all(row.kept_at is not None for row in rows)
    assert set(once.values()) <= {1}
    assert {row.pk for row in rows if row.state == "broken"} <= set(once)


def test_four_sweeps_at_once_fire_each_stage_once(
    world: World, on_stage: Callable[[Callable[..., None]], None]
) -> None:
    make(world.north, 40), make(world.low, 40)
    heard: list[Any] = []
    on_stage(lambda promise, **_: heard.append(promise.pk))
    assert race(*[lambda: sweep(DUE)] * 4) == []
    assert len(heard) == len(set(heard)) == 80
    assert fired(world.north) == {"half": 40, "most": 40, "due": 40}
    assert queues_with_due_rows(DUE) == []


def test_seventy_missed_promises_are_one_reminder(world: World) -> None:
    make(world.north, 70)
    make(world.low, 1)
    later = DUE + timedelta(days=3)
    sweep(later)
    assert remind(later) == 0  # gathers for a few seconds
    assert remind(later + timedelta(seconds=5)) == 2
    (told_once,) = told(world.north)
    assert (told_once.times, told_once.urgent) == (1, True)
    assert "In all: 0 at risk, 70 broken and still owed." in told_once.words
    assert told_once.url == f"/promises/?state=broken&person={world.north.staff['technician'].pk}"
    (other,) = told(world.low)
    assert "In all" not in other.words
    with enter(world.north.scope()):
        assert Membership.objects.get(pk=world.north.staff["technician"].pk).unread == 1
        assert Reminder.objects.get().state == "resting"


def test_each_further_stage_says_it_anew_and_kept_ones_are_not_mentioned(world: World) -> None:
    (promise,) = make(world.north)
    sweep(NOW + 6 * HOUR)
    remind(NOW + 6 * HOUR + timedelta(minutes=1))
    (first,) = told(world.north)
    assert first.words == "Promised for Mon 21:38: reply, HARBOUR-SRV01 (Harbour Northgate)."
    sweep(DUE)
    remind(DUE + timedelta(minutes=1))
    (again,) = told(world.north)
    assert (again.pk, again.times, again.urgent) == (first.pk, 2, True)
    assert again.words == "A promise was broken: reply, HARBOUR-SRV01 (Harbour Northgate), promised for Mon 21:38."
    make(world.north, 2, ordinal=2, owner=world.north.staff["dispatcher"])
    sweep(NOW + 4 * HOUR)
    with enter(world.north.scope()):
        for row in Promise.objects.exclude(pk=promise.pk):
            actions.keep_promise(actor=ACTOR, now=NOW + 4 * HOUR, promise=row)
    remind(NOW + 5 * HOUR)
    assert told(world.north, "dispatcher") == []


def test_what_nobody_has_is_told_to_who_hands_work_out(world: World) -> None:
    make(world.north, owner=None)
    sweep(DUE)
    remind(DUE + timedelta(minutes=1))
    assert {role for role in world.north.staff if told(world.north, role)} == {"owner", "dispatcher"}
    (row,) = told(world.north, "dispatcher")
    assert row.url == "/promises/?state=broken&person=nobody"


@pytest.fixture
def wakes() -> Iterator[None]:
    """A kind, `alarm`, for which people are woken."""
    PROMISE_KINDS["alarm"] = PromiseKind("alarm", "Alarm", pages=True)
    yield
    del PROMISE_KINDS["alarm"]


def on_the_rota(shop: ShopWorld, role: str) -> None:
    """Office hours in the shop, and this person on call through the night."""
    with enter(shop.scope()):
        windows = [[day, 540, 1020] for day in range(5)]
        ServiceCalendar.objects.create(name="Office", zone="Europe/London", is_default=True, windows=windows)
        OnCallShift.objects.create(member=shop.staff[role], starts_at=NOW, ends_at=NOW + timedelta(days=3))


def test_at_night_only_who_is_on_call_is_woken(world: World, wakes: None) -> None:
    shop = world.north
    on_the_rota(shop, "dispatcher")
    make(shop, kind="alarm", promised_at=DUE)  # 21:38
    make(shop, kind="quiet one", promised_at=DUE)
    sweep(DUE)
    remind(DUE + timedelta(minutes=1))
    with enter(shop.scope()):
        (paged,) = PagerMessage.objects.all()
        assert (paged.to_id, paged.state) == (shop.staff["dispatcher"].pk, "queued")
    (guard,), (owner,) = told(shop, "dispatcher"), told(shop)
    assert (guard.urgent, owner.urgent) == (True, False)
    assert guard.words.startswith("A promise was broken: Alarm")


def test_by_day_nobody_is_paged(world: World, wakes: None) -> None:
    shop = world.north
    on_the_rota(shop, "dispatcher")
    day = NOW + timedelta(hours=1)  # Monday 14:38
    make(shop, kind="alarm", promised_at=day, stages=())
    sweep(day)
    remind(day + timedelta(minutes=1))
    with enter(shop.scope()):
        assert not PagerMessage.objects.exists()
    (owner,) = told(shop)
    assert owner.urgent
    assert told(shop, "dispatcher") == []


def test_half_the_time_gone_is_no_news(world: World) -> None:
    make(world.north, stages=[Stage("50", NOW + HOUR, risk=False)])
    sweep(NOW + HOUR)
    assert remind(NOW + 2 * HOUR) == 0
    assert fired(world.north) == {"50": 1}
