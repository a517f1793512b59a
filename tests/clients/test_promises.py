"""The life of a promise, through its actions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clients import actions
from clients.choices import JUDGED, STANDING, TRANSITIONS, PromiseState
from clients.models import Promise, PromiseStage
from clients.queries import promise_of, promises_of
from clients.registry import PROMISE_KINDS, PromiseKind
from clients.rules import NotPossible, Stage, Step
from clients.signals import promise_changed, promise_stage
from msp.audit.models import Entry
from msp.jobs.actions import work_row
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld, World

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
BY = NOW + 8 * HOUR
STAGES = (Stage("half", NOW + 4 * HOUR, risk=False), Stage("most", NOW + 6 * HOUR))


@pytest.fixture
def shop(world: World) -> Iterator[ShopWorld]:
    with enter(world.north.scope()):
        yield world.north


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """`reply`, which the client reads of, and `invoice`, which stays inside."""
    made = {"reply": PromiseKind("reply", "First reply", "We answer you"), "invoice": PromiseKind("invoice", "Invoice")}
    PROMISE_KINDS.update(made)
    yield
    for name in made:
        del PROMISE_KINDS[name]


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What the signals said, in order."""
    said: list[str] = []

    def changed(promise: Promise, **_: Any) -> None:
        assert Promise.objects.get(pk=promise.pk).state == promise.state  # written before it is told
        said.append(promise.state)

    def stage(promise: Promise, stage: str, passed: tuple[str, ...], **_: Any) -> None:
        said.append("+".join(passed))

    promise_changed.connect(changed)
    promise_stage.connect(stage)
    yield said
    promise_changed.disconnect(changed)
    promise_stage.disconnect(stage)


def actor(shop: ShopWorld) -> Any:
    return shop.staff["technician"].as_actor()


def make(shop: ShopWorld, **given: Any) -> Promise:
    values = {
        "kind": "reply",
        "subject": shop.one.asset,
        "client": shop.one.client,
        "contact": shop.one.anna,
        "owner": shop.staff["technician"],
        "promised_at": BY,
        "stages": STAGES,
    }
    return actions.make_promise(actor=actor(shop), now=NOW, **(values | given))


def fresh(promise: Promise) -> Promise:
    return Promise.objects.get(pk=promise.pk)


def sweep(promise: Promise, at: datetime) -> Promise:
    work_row(queue_name="promises", row=promise, now=at)
    return fresh(promise)


def fired(promise: Promise) -> list[str]:
    return list(PromiseStage.objects.filter(promise=promise).order_by("fired_at", "id").values_list("stage", flat=True))


def verbs() -> list[str]:
    return list(Entry.objects.filter(verb__startswith="promise.").order_by("at", "id").values_list("verb", flat=True))


def test_a_promise_remembers_what_by_when_and_how_that_was_computed(shop: ShopWorld) -> None:
    working = [Step("Received", NOW), Step("%(n)s business hours later", BY, 480, {"n": 8})]
    promise = fresh(make(shop, working=working))
    assert (promise.state, promise.promised_at, promise.due_at, promise.risk_at) == (
        "open",
        BY,
        STAGES[0].at,
        STAGES[1].at,
    )
    assert promise.steps == working
    assert [stage.name for stage in promise.stages_ahead] == ["half", "most", "due"]
    assert (promise.words, promise.subject_kind, promise.shown) == ("HARBOUR-SRV01", "clients.asset", True)
    assert promise_of(shop.one.asset, "reply") == promise
    assert promises_of(shop.one.asset) == [promise]
    assert verbs() == ["promise.made"]


def test_asking_again_is_the_same_promise(shop: ShopWorld) -> None:
    first = make(shop)
    assert make(shop, promised_at=BY + HOUR).pk == first.pk
    assert fresh(first).promised_at == BY
    assert make(shop, ordinal=2).pk != first.pk
    assert make(shop, kind="invoice").shown is False
    assert verbs() == ["promise.made"] * 3


def test_stages_that_lie_behind_never_fire(shop: ShopWorld) -> None:
    promise = make(shop, stages=[Stage("half", NOW - HOUR, risk=False), Stage("most", NOW - 1 * HOUR), *STAGES[1:]])
    assert [stage.name for stage in promise.stages_ahead] == ["most", "due"]
    assert promise.at_risk(NOW)


def test_stages_fire_once_each_and_the_deadline_breaks_it(shop: ShopWorld, heard: list[str]) -> None:
    promise = make(shop)
    promise = sweep(promise, STAGES[0].at)
    assert (promise.state, promise.due_at, fired(promise)) == ("open", STAGES[1].at, ["half"])
    assert sweep(promise, STAGES[0].at + timedelta(seconds=1)).due_at == STAGES[1].at
    sweep(promise, STAGES[1].at)
    promise = sweep(promise, BY)
    assert (promise.state, promise.broken_at, promise.finished_at) == ("broken", BY, BY)
    assert fired(promise) == ["half", "most", "due"]
    assert heard == ["open", "half", "most", "broken", "due"]
    assert verbs() == ["promise.made", "promise.broken"]


def test_three_days_switched_off_are_one_word_about_it(shop: ShopWorld, heard: list[str]) -> None:
    promise = sweep(make(shop), BY + timedelta(days=3))
    assert (promise.state, promise.broken_at) == ("broken", BY)
    assert sorted(fired(promise)) == ["due", "half", "most"]
    assert heard == ["open", "broken", "half+most+due"]


def test_kept_in_time_and_kept_again(shop: ShopWorld, heard: list[str]) -> None:
    promise = actions.keep_promise(actor=actor(shop), now=BY, promise=make(shop))
    assert (promise.state, promise.kept_at, promise.is_late) == ("kept", BY, False)
    again = actions.keep_promise(actor=actor(shop), now=BY + HOUR, promise=promise)
    assert (again.state, again.kept_at) == ("kept", BY)
    assert heard == ["open", "kept"]


def test_kept_after_the_deadline_is_broken_and_late_whoever_noticed(shop: ShopWorld, heard: list[str]) -> None:
    swept, unswept = make(shop), make(shop, ordinal=2)
    sweep(swept, BY)
    late = BY + timedelta(minutes=5)
    for promise in (swept, unswept):
        kept = fresh(actions.keep_promise(actor=actor(shop), now=late, promise=promise))
        assert (kept.state, kept.broken_at, kept.kept_at, kept.is_late) == ("broken", BY, late, True)
        assert "due" in fired(promise)
    assert heard == ["open", "open", "broken", "half+most+due", "broken", "broken"]


def test_the_news_that_it_was_kept_may_come_after_the_sweep(shop: ShopWorld) -> None:
    promise = sweep(make(shop), BY)
    promise = actions.keep_promise(actor=actor(shop), now=BY + HOUR, promise=promise, kept_at=BY - HOUR)
    assert (promise.state, promise.kept_at, promise.broken_at) == ("kept", BY - HOUR, None)
    promise = actions.reopen_promise(actor=actor(shop), now=BY + HOUR, promise=promise, because="the wrong one")
    assert sweep(promise, BY + 2 * HOUR).state == "broken"


def test_a_paused_promise_is_not_due_and_what_fired_stays_fired(shop: ShopWorld, heard: list[str]) -> None:
    promise = sweep(make(shop), STAGES[0].at)
    promise = actions.pause_promise(actor=actor(shop), now=NOW + 5 * HOUR, promise=promise, because="we wait for them")
    assert (promise.state, promise.paused_because, promise.finished_at) == ("paused", "we wait for them", None)
    actions.pause_promise(actor=actor(shop), now=NOW + 6 * HOUR, promise=promise, because="still")
    later = [Stage("half", NOW + 8 * HOUR), Stage("most", NOW + 10 * HOUR)]
    promise = actions.resume_promise(
        actor=actor(shop), now=NOW + 7 * HOUR, promise=promise, promised_at=NOW + 12 * HOUR, stages=later
    )
    assert (promise.state, promise.due_at, promise.paused_since) == ("open", NOW + 10 * HOUR, None)
    assert heard == ["open", "half", "paused", "open"]


def test_done_while_paused_is_in_time(shop: ShopWorld) -> None:
    promise = actions.pause_promise(actor=actor(shop), now=NOW, promise=make(shop), because="we wait")
    promise = actions.keep_promise(actor=actor(shop), now=BY + HOUR, promise=promise)
    assert (promise.state, promise.paused_since) == ("kept", None)


def test_moving_fires_all_stages_anew_and_tells_who_it_was_made_to(shop: ShopWorld) -> None:
    promise = sweep(make(shop), STAGES[0].at)
    day = timedelta(days=1)
    stages = [Stage(stage.name, stage.at + day) for stage in STAGES]
    said = {"promised_at": BY + day, "stages": stages, "because": "the part comes tomorrow"}
    promise = actions.move_promise(actor=actor(shop), now=NOW + 5 * HOUR, promise=promise, **said)
    assert (promise.promised_at, promise.due_at, promise.round) == (BY + day, STAGES[0].at + day, 1)
    sweep(promise, STAGES[0].at + day)
    assert fired(promise) == ["half", "half"]
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.client_id, mail.automatic) == ([shop.one.anna.email], shop.one.client.pk, False)
    assert "Tuesday, 24 November 2026 21:38 (GMT)" in mail.text.replace("Tuesday 24", "Tuesday, 24")
    assert "the part comes tomorrow" in mail.text
    assert "promise.moved" in verbs()


@pytest.mark.parametrize(
    "given", [{"kind": "invoice"}, {"contact": None}, {"quiet": True}], ids=["inside", "nobody", "quiet"]
)
def test_nobody_is_told_of_a_move_that_concerns_nobody_outside(shop: ShopWorld, given: dict[str, Any]) -> None:
    tell = not given.pop("quiet", False)
    promise = make(shop, **given)
    actions.move_promise(actor=actor(shop), now=NOW, promise=promise, promised_at=BY + HOUR, because="so", tell=tell)
    assert not OutgoingMail.objects.exists()


def test_what_is_over_cannot_be_moved_paused_or_cancelled(shop: ShopWorld) -> None:
    broken, kept = (
        sweep(make(shop), BY),
        actions.keep_promise(actor=actor(shop), now=NOW, promise=make(shop, ordinal=2)),
    )
    past = make(shop, ordinal=3)
    for promise in (broken, kept, past):
        with pytest.raises(NotPossible):
            actions.move_promise(
                actor=actor(shop), now=BY, promise=promise, promised_at=BY + HOUR, because="later", stages=()
            )
    for promise in (broken, kept):
        with pytest.raises(NotPossible):
            actions.pause_promise(actor=actor(shop), now=BY, promise=promise, because="we wait")
        with pytest.raises(NotPossible):
            actions.cancel_promise(actor=actor(shop), now=BY, promise=promise, because="not wanted")
    with pytest.raises(NotPossible):
        actions.reopen_promise(actor=actor(shop), now=BY, promise=broken, because="oh")


def test_cancelled_for_a_reason_and_brought_back(shop: ShopWorld) -> None:
    promise = make(shop)
    with pytest.raises(ValueError, match="reason"):
        actions.cancel_promise(actor=actor(shop), now=NOW, promise=promise, because=" ")
    promise = actions.cancel_promise(actor=actor(shop), now=NOW, promise=promise, because="they fixed it")
    assert (promise.state, promise.ended_because, promise.finished_at) == ("cancelled", "they fixed it", NOW)
    with pytest.raises(NotPossible):
        actions.keep_promise(actor=actor(shop), now=NOW, promise=promise)
    promise = actions.reopen_promise(actor=actor(shop), now=NOW, promise=promise, because="they did not")
    assert (promise.state, promise.due_at, promise.ended_because) == ("open", STAGES[0].at, "")


def test_handed_over_explained_and_excluded(shop: ShopWorld) -> None:
    promise = make(shop)
    with pytest.raises(NotPossible):
        actions.explain_broken(actor=actor(shop), now=NOW, promise=promise, because="x")
    promise = actions.reassign_promise(actor=actor(shop), now=NOW, promise=promise, owner=shop.staff["dispatcher"])
    promise = actions.reassign_promise(actor=actor(shop), now=NOW, promise=promise, owner=None)
    promise = sweep(promise, BY)
    assert Promise.objects.judged().count() == 1
    promise = actions.explain_broken(actor=actor(shop), now=BY, promise=promise, because="the van broke down")
    promise = actions.exclude_promise(actor=actor(shop), now=BY, promise=promise, because="force majeure")
    assert (fresh(promise).broken_because, Promise.objects.judged().count()) == ("the van broke down", 0)
    assert verbs() == [
        "promise.made",
        "promise.reassigned",
        "promise.unassigned",
        "promise.broken",
        "promise.explained",
        "promise.excluded",
    ]


def test_a_person_promises_to_call_back_as_often_as_they_like(shop: ShopWorld) -> None:
    def call(at: datetime, words: str) -> Promise:
        return actions.promise_callback(
            actor=actor(shop), now=NOW, subject=shop.one.client, client=shop.one.client, promised_at=at, words=words
        )

    thursday = datetime(2026, 11, 26, 14, tzinfo=UTC)
    first, second = call(thursday, "the quote"), call(thursday, "the printer")
    assert (first.ordinal, second.ordinal) == (1, 2)
    assert [(stage.name, stage.at, stage.risk) for stage in first.stages_ahead] == [
        ("day", thursday - timedelta(days=1), False),
        ("hour", thursday - HOUR, True),
        ("due", thursday, True),
    ]
    with pytest.raises(NotPossible):
        call(NOW, "yesterday")


def test_states_and_transitions_are_complete() -> None:
    assert set(TRANSITIONS) == set(PromiseState)
    assert set(STANDING) | set(JUDGED) | {PromiseState.CANCELLED} == set(PromiseState)
