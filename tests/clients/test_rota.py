"""Leave and the on-call rota: who is on call at a moment, swapping, and whose business it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients import actions
from clients.actions import RotaRefused
from clients.models import Leave, OnCallShift
from clients.queries import on_call
from msp.accounts.models import Membership
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def shift(world: World, who: str, start: datetime = NOW, length: timedelta = DAY) -> OnCallShift:
    north = world.north
    with enter(north.scope()):
        actor = north.staff["dispatcher"].as_actor()
        member = north.staff[who]
        return actions.add_shift(actor=actor, now=NOW, member=member, starts_at=start, ends_at=start + length)


def holders(world: World, at: datetime = NOW) -> list[str]:
    with enter(world.north.scope()):
        return [member.name.split()[0] for member in on_call(at)]


def test_on_call_is_whose_shift_covers_the_moment(world: World) -> None:
    shift(world, "technician")
    shift(world, "dispatcher", NOW + 2 * HOUR, HOUR)
    assert holders(world, NOW - HOUR) == []
    assert holders(world) == ["Technician"]
    assert holders(world, NOW + 2 * HOUR) == ["Technician", "Dispatcher"]
    assert holders(world, NOW + DAY) == []
    with enter(world.low.scope()):
        assert on_call(NOW) == []


def test_who_left_or_is_away_is_not_on_call(world: World) -> None:
    north = world.north
    shift(world, "technician")
    shift(world, "dispatcher")
    with enter(north.scope()):
        day = NOW.date()
        member = north.staff["technician"]
        away = {"kind": "sick", "starts_on": day, "ends_on": day}
        actions.plan_leave(actor=member.as_actor(), now=NOW, member=member, **away)
        Membership.objects.filter(pk=north.staff["dispatcher"].pk).update(ended_at=NOW)
    assert holders(world) == []


def test_weeks_in_turn_keep_their_hour_over_a_change_of_the_clocks(world: World) -> None:
    browser, staff = world.north.browser("dispatcher"), world.north.staff
    members = [str(staff[role].pk) for role in ("technician", "owner")]
    values = {"members": members, "begins": members[0], "first_day": "2027-03-22", "at": "09:00", "weeks": "3"}
    assert browser.post("/rota/plan/", values).status_code == 302
    with enter(world.north.scope()):
        shifts = list(OnCallShift.objects.select_related("member").order_by("starts_at"))
    assert [row.member.name.split()[0] for row in shifts] == ["Technician", "Owner", "Technician"]
    assert [row.starts_at for row in shifts] == [
        datetime(2027, 3, 22, 9, tzinfo=UTC),
        datetime(2027, 3, 29, 8, tzinfo=UTC),
        datetime(2027, 4, 5, 8, tzinfo=UTC),
    ]
    answer = browser.post("/rota/plan/", values)
    assert answer.status_code == 422
    assert "is on call then already" in answer.content.decode()
    with enter(world.north.scope()):
        assert OnCallShift.objects.count() == 3


def test_a_swap_changes_hands_when_the_colleague_agrees(world: World) -> None:
    soon = timezone.now().replace(microsecond=0) + HOUR
    mine, theirs = shift(world, "technician", soon), shift(world, "dispatcher", soon + 7 * DAY)
    staff = world.north.staff
    asked = {"to": str(staff["dispatcher"].pk), "in_return": str(theirs.pk)}
    assert world.north.browser("technician").post(f"/rota/shifts/{mine.pk}/offer/", asked).status_code == 302
    assert holders(world, soon) == ["Technician"]
    assert "asks you to take over" in world.north.browser("dispatcher").get("/rota/").content.decode()
    assert "asks you to take over" not in world.north.browser("technician").get("/rota/").content.decode()
    taken = world.north.browser("dispatcher").post(f"/rota/shifts/{mine.pk}/answer/", {"answer": "yes"})
    assert taken.status_code == 302
    assert (holders(world, soon), holders(world, soon + 7 * DAY)) == (["Dispatcher"], ["Technician"])
    with enter(world.north.scope()):
        verbs = [entry.verb for entry in Entry.objects.order_by("id") if entry.verb != "on_call.planned"]
        assert verbs == ["on_call.offered", "on_call.taken_over"]
        with pytest.raises(RotaRefused, match="not offered any more"):
            actions.answer_offer(actor=staff["owner"].as_actor(), now=NOW, shift=mine, accept=True)


def test_a_swap_may_be_declined_or_withdrawn(world: World) -> None:
    soon = timezone.now() + HOUR
    mine, asked = shift(world, "technician", soon), {"to": str(world.north.staff["dispatcher"].pk), "in_return": ""}
    for browser, path in ((world.north.browser("dispatcher"), "answer"), (world.north.browser("technician"), "keep")):
        assert world.north.browser("technician").post(f"/rota/shifts/{mine.pk}/offer/", asked).status_code == 302
        assert browser.post(f"/rota/shifts/{mine.pk}/{path}/", {"answer": "no"}).status_code == 302
        with enter(world.north.scope()):
            row = OnCallShift.objects.get()
            assert (row.member_id, row.offered_to_id) == (world.north.staff["technician"].pk, None)


def test_a_shift_in_return_must_be_theirs_and_to_come(world: World) -> None:
    staff, mine, other = world.north.staff, shift(world, "technician"), shift(world, "owner")
    with enter(world.north.scope()):
        actor = staff["technician"].as_actor()
        for to, back in (("dispatcher", other), ("technician", None)):
            with pytest.raises(RotaRefused):
                actions.offer_shift(actor=actor, now=NOW, shift=mine, to=staff[to], in_return=back)
        with pytest.raises(RotaRefused, match="over"):
            actions.offer_shift(actor=actor, now=NOW + 2 * DAY, shift=mine, to=staff["owner"])


def test_whoever_takes_over_must_be_free(world: World) -> None:
    soon = timezone.now() + HOUR
    mine, staff = shift(world, "technician", soon), world.north.staff
    shift(world, "dispatcher", soon + HOUR)
    with enter(world.north.scope()):
        actions.offer_shift(actor=staff["technician"].as_actor(), now=soon, shift=mine, to=staff["dispatcher"])
    world.north.browser("dispatcher").post(f"/rota/shifts/{mine.pk}/answer/", {"answer": "yes"})
    with enter(world.north.scope()):
        row = OnCallShift.objects.get(pk=mine.pk)
        assert (row.member_id, row.offered_to_id) == (staff["technician"].pk, staff["dispatcher"].pk)


def test_one_plans_ones_own_leave_and_a_planner_everybodys(world: World) -> None:
    staff, today = world.north.staff, timezone.localdate()
    values = {"kind": "holiday", "starts_on": str(today), "ends_on": str(today + 3 * DAY), "note": "Lakes"}
    technician, dispatcher = world.north.browser("technician"), world.north.browser("dispatcher")
    mine = values | {"member": str(staff["technician"].pk)}
    assert technician.post("/rota/leave/new/", mine).status_code == 302
    assert technician.post("/rota/leave/new/", mine).status_code == 422
    assert technician.post("/rota/leave/new/", values | {"member": str(staff["owner"].pk)}).status_code == 422
    assert dispatcher.post("/rota/leave/new/", values | {"member": str(staff["owner"].pk)}).status_code == 302
    backwards = mine | {"ends_on": str(today - DAY)}
    assert technician.post("/rota/leave/new/", backwards).status_code == 422
    with enter(world.north.scope()):
        leaves = {leave.member_id: leave for leave in Leave.objects.all()}
        assert set(leaves) == {staff["technician"].pk, staff["owner"].pk}
        assert leaves[staff["owner"].pk].ends_on == today + 3 * DAY
    owners = leaves[staff["owner"].pk].pk
    assert technician.post(f"/rota/leave/{owners}/cancel/").status_code == 403
    assert "Lakes" not in world.north.browser("read_only").get("/rota/").content.decode()
    assert dispatcher.post(f"/rota/leave/{owners}/cancel/").status_code == 302
    with enter(world.north.scope()):
        assert [leave.member_id for leave in Leave.objects.all()] == [staff["technician"].pk]


def test_leave_in_the_way_of_a_shift_is_shown(world: World) -> None:
    now = timezone.now()
    shift(world, "technician", now, 7 * DAY)
    member = world.north.staff["technician"]
    day = timezone.localdate() + 2 * DAY
    with enter(world.north.scope()):
        given = {"kind": "holiday", "starts_on": day, "ends_on": day}
        actions.plan_leave(actor=member.as_actor(), now=NOW, member=member, **given)
    assert "away" in world.north.browser("owner").get("/rota/").content.decode()


def test_roles_and_shops_stay_apart(world: World) -> None:
    row = shift(world, "technician", timezone.now())
    reader, technician, low = (
        world.north.browser("read_only"),
        world.north.browser("technician"),
        world.low.browser("owner"),
    )
    assert reader.get("/rota/").status_code == 200
    for path in ("plan/", "shifts/new/"):
        assert technician.get(f"/rota/{path}").status_code == 403
    assert reader.get("/rota/leave/new/").status_code == 403
    assert technician.post(f"/rota/shifts/{row.pk}/remove/").status_code == 403
    owners = shift(world, "owner", timezone.now())
    for part in ("offer", "keep"):
        assert technician.post(f"/rota/shifts/{owners.pk}/{part}/").status_code == 403
    assert technician.post(f"/rota/shifts/{owners.pk}/answer/", {"answer": "yes"}).status_code == 404
    for part in ("offer", "keep", "answer", "remove"):
        assert low.post(f"/rota/shifts/{row.pk}/{part}/").status_code == 404
    assert world.north.browser("dispatcher").post(f"/rota/shifts/{row.pk}/remove/").status_code == 302
    with enter(world.north.scope()):
        assert OnCallShift.objects.get() == owners


def test_the_page_asks_the_same_for_one_and_three(world: World) -> None:
    browser, counts, now = world.north.browser("dispatcher"), [], timezone.now()
    for roles in (["technician"], ["owner", "dispatcher"]):
        for role in roles:
            shift(world, role, now + HOUR, DAY)
        browser.get("/rota/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/rota/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_single_shift_by_hand(world: World) -> None:
    browser, pk = world.north.browser("dispatcher"), str(world.north.staff["technician"].pk)
    values = {"member": pk, "starts_at": "2026-12-24T17:30", "ends_at": "2026-12-27T09:00"}
    assert browser.post("/rota/shifts/new/", values | {"ends_at": "2026-12-24T17:30"}).status_code == 422
    assert browser.post("/rota/shifts/new/", values).status_code == 302
    with enter(world.north.scope()):
        row = OnCallShift.objects.get()
        assert (row.starts_at, row.ends_at) == (
            datetime(2026, 12, 24, 17, 30, tzinfo=UTC),
            datetime(2026, 12, 27, 9, tzinfo=UTC),
        )
        assert row.starts_at.date() == date(2026, 12, 24)
