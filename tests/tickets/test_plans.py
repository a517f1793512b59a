"""Task lists, templates, and tickets that come again at the client's own hour, whatever the clocks do."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msp.audit.models import Entry
from msp.jobs.rules import Again, Ended
from msp.tenancy.context import enter, system_scope
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.actions.recurring import OpenRecurring
from tickets.models import RecurringTicket, Task, Ticket, TicketTemplate
from tickets.rules import Along, Refused
from tickets.rules.recurrence import Recurrence, rule_of
from tickets.rules.tasks import Planned, planned

LONDON = ZoneInfo("Europe/London")


def comes(
    rule: str, first: date, at: time = time(9), *, last: date | None = None, zone: ZoneInfo = LONDON
) -> Recurrence:
    return Recurrence(rule, first, at, last, zone)


def days(recurrence: Recurrence, since: datetime, number: int) -> list[str]:
    found: list[str] = []
    moment: datetime | None = since
    while moment is not None and len(found) < number:
        moment = recurrence.after(moment)
        if moment is not None:
            found.append(f"{moment.astimezone(recurrence.zone):%Y-%m-%d %H:%M}")
    return found


# --- when ---


def test_nine_o_clock_is_nine_o_clock_in_summer_and_winter() -> None:
    weekly = comes(rule_of("weekly", 1, ["MO"], date(2026, 3, 16)), date(2026, 3, 16))
    since = datetime(2026, 3, 16, tzinfo=UTC)
    assert days(weekly, since, 3) == ["2026-03-16 09:00", "2026-03-23 09:00", "2026-03-30 09:00"]
    assert weekly.after(datetime(2026, 3, 28, tzinfo=UTC)) == datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_comes_later_and_one_that_they_repeat_once() -> None:
    daily = comes(rule_of("daily", 1, [], date(2026, 3, 28)), date(2026, 3, 28), time(1, 30))
    assert days(daily, datetime(2026, 3, 28, tzinfo=UTC), 3) == [
        "2026-03-28 01:30",
        "2026-03-29 02:30",
        "2026-03-30 01:30",
    ]
    autumn = comes(rule_of("daily", 1, [], date(2026, 10, 24)), date(2026, 10, 24), time(1, 30))
    assert days(autumn, datetime(2026, 10, 23, tzinfo=UTC), 3) == [
        "2026-10-24 01:30",
        "2026-10-25 01:30",
        "2026-10-26 01:30",
    ]


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        (("monthly", 1, []), date(2026, 1, 31), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (("yearly", 1, []), date(2028, 2, 29), ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28"]),
        (("weekly", 2, ["TU", "FR"]), date(2026, 11, 24), ["2026-11-24", "2026-11-27", "2026-12-08", "2026-12-11"]),
        (("daily", 10, []), date(2026, 11, 24), ["2026-11-24", "2026-12-04", "2026-12-14", "2026-12-24"]),
    ],
)
def test_rules_say_what_people_mean(rule: tuple[str, int, list[str]], first: date, expected: list[str]) -> None:
    found = days(comes(rule_of(*rule, first), first), datetime(first.year, 1, 1, tzinfo=UTC), 4)
    assert [each[:10] for each in found] == expected


def test_it_ends_with_its_last_day() -> None:
    daily = comes(rule_of("daily", 1, [], date(2026, 11, 24)), date(2026, 11, 24), last=date(2026, 11, 25))
    assert days(daily, datetime(2026, 11, 1, tzinfo=UTC), 9) == ["2026-11-24 09:00", "2026-11-25 09:00"]
    since = datetime(2026, 11, 1, tzinfo=UTC)
    assert daily.latest(since, datetime(2027, 1, 1, tzinfo=UTC)) == datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert daily.latest(since, since) is None


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(
        ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
    ),
    every=st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    interval=st.integers(1, 5),
    first=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    hour=st.times(),
    later=st.timedeltas(timedelta(), timedelta(days=900)),
)
def test_times_go_forward_and_none_is_left_out(
    *, zone: str, every: str, interval: int, first: date, hour: time, later: timedelta
) -> None:
    recurrence = comes(rule_of(every, interval, [], first), first, hour.replace(microsecond=0), zone=ZoneInfo(zone))
    since = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=2) + later
    following = recurrence.after(since)
    assert following is not None
    assert following > since
    assert recurrence.latest(since, following) == following
    assert recurrence.after(following - timedelta(microseconds=1)) == following


# --- what is due ---


@pytest.fixture
def planned_world(world: World) -> World:
    with enter(world.north.scope()):
        TicketTemplate.objects.create(
            name="Patches", subject="Monthly patches", body="We patch.", tasks="Servers\nReport +2d"
        )
    return world


def plan(world: World, **values: Any) -> RecurringTicket:
    north, first = world.north, date(2026, 11, 2)
    given = {
        "template": TicketTemplate.objects.get(),
        "starts_on": first,
        "opens_at": time(8),
        "rule": rule_of("weekly", 1, ["MO"], first),
        "contact": north.one.anna,
        "assignee": north.staff["technician"],
    } | values
    row = RecurringTicket(client=north.one.client)
    return actions.save_recurring(actor=north.staff["dispatcher"].as_actor(), now=NOW, row=row, values=given)


def test_what_is_due_opens_once_with_its_tasks_and_comes_again(planned_world: World) -> None:
    north = planned_world.north
    with enter(system_scope(north.tenant.pk)):
        row = plan(planned_world)
        assert row.due_at == datetime(2026, 11, 30, 8, tzinfo=UTC)
        outcome = OpenRecurring().act(row, row.due_at)
        assert outcome == Again(datetime(2026, 12, 7, 8, tzinfo=UTC))
        ticket = Ticket.objects.get()
        assert (ticket.subject, ticket.contact, ticket.assignee, ticket.door) == (
            "Monthly patches", north.one.anna, north.staff["technician"], "plan"
        )  # fmt: skip
        tasks = Task.objects.order_by("position").values_list("title", "due_on")
        assert list(tasks) == [("Servers", None), ("Report", date(2026, 12, 2))]
        assert RecurringTicket.objects.get().last_ticket == ticket


def test_seventy_missed_times_open_one_ticket(planned_world: World) -> None:
    with enter(system_scope(planned_world.north.tenant.pk)):
        row = plan(planned_world)
        late = row.due_at + timedelta(weeks=70, hours=5)
        assert OpenRecurring().act(row, late) == Again(datetime(2028, 4, 10, 7, tzinfo=UTC))  # eight o'clock in summer
        assert Ticket.objects.count() == 1
        assert row.last_opened_for == datetime(2028, 4, 3, 7, tzinfo=UTC)


def test_the_last_one_ends_the_plan_and_an_archived_client_gets_none(planned_world: World) -> None:
    north = planned_world.north
    with enter(system_scope(north.tenant.pk)):
        row = plan(planned_world, ends_on=date(2026, 11, 30))
        assert OpenRecurring().act(row, row.due_at) == Ended("done")
        north.one.client.archived_at = NOW
        north.one.client.save()
        other = plan(planned_world)
        other.client.archived_at = NOW
        assert OpenRecurring().act(other, other.due_at) == Ended("cancelled")
        assert Ticket.objects.count() == 1


def test_a_plan_is_skipped_paused_resumed_and_ended(planned_world: World) -> None:
    north = planned_world.north
    with enter(north.scope()):
        row = plan(planned_world)
        said: dict[str, Any] = {"actor": north.staff["dispatcher"].as_actor(), "now": NOW, "row": row}
        assert actions.skip_next(**said).due_at == datetime(2026, 12, 7, 8, tzinfo=UTC)
        assert actions.pause_recurring(**said, until=date(2026, 12, 21)).due_at == datetime(2026, 12, 21, 8, tzinfo=UTC)
        assert actions.pause_recurring(**said, until=None).due_at == datetime(2026, 11, 30, 8, tzinfo=UTC)
        actions.end_recurring(**said)
        with pytest.raises(Refused, match="has ended"):
            actions.skip_next(**said)
        with pytest.raises(Refused, match="No day is left"):
            plan(planned_world, ends_on=date(2026, 11, 3))
        verbs = Entry.objects.filter(verb__startswith="recurring.").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == [f"recurring.{verb}" for verb in ("added", "skipped", "paused", "resumed", "ended")]


def test_plans_are_made_by_who_assigns(planned_world: World) -> None:
    north = planned_world.north
    dispatcher = north.browser("dispatcher")
    assert "There is no client called" in dispatcher.get("/tickets/plans/new/?client=nobody").content.decode()
    with enter(north.scope()):
        template = TicketTemplate.objects.get()
    given = {"template": str(template.pk), "every": "weekly", "interval": "1", "weekdays": ["MO", "TH"]} | {
        "starts_on": "2030-01-01", "opens_at": "08:30", "ends_on": ""
    }  # fmt: skip
    path = "/tickets/plans/new/?client=harbour-north"
    assert dispatcher.post(path, given | {"ends_on": "2029-01-01"}).status_code == 422
    assert dispatcher.post(path, given | {"contact": str(north.two.anna.pk)}).status_code == 422
    assert dispatcher.post(path, given).status_code == 302
    with enter(north.scope()):
        row = RecurringTicket.objects.get()
        assert row.rule == "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH"
    assert "Patches" in north.browser("read_only").get("/tickets/plans/").content.decode()
    page = dispatcher.get(f"/tickets/plans/{row.pk}/").content.decode()
    assert re.search(r'value="TH"[^>]* checked', page)
    assert dispatcher.post(f"/tickets/plans/{row.pk}/pause/", {"until": "2030-02-01"}).status_code == 302
    assert dispatcher.post(f"/tickets/plans/{row.pk}/skip/").status_code == 302
    assert dispatcher.post(f"/tickets/plans/{row.pk}/end/").status_code == 302
    assert "Patches" in dispatcher.get("/tickets/plans/?view=ended").content.decode()
    for role, path in (("technician", "/tickets/plans/new/"), ("technician", f"/tickets/plans/{row.pk}/")):
        assert north.browser(role).get(path).status_code == 403
    assert planned_world.low.browser("owner").get(f"/tickets/plans/{row.pk}/").status_code == 404


# --- tasks ---


def test_lines_become_tasks() -> None:
    first = date(2026, 11, 23)
    assert planned("One\n\n  Two  words +3d\n+4d\nC+1d", first) == [
        Planned("One", None),
        Planned("Two words", date(2026, 11, 26)),
        Planned("+4d", None),
        Planned("C", date(2026, 11, 24)),
    ]


def test_a_task_is_added_done_moved_changed_and_dropped(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    make_ticket(north)
    browser = north.browser("technician")
    for title in ("First", "Second"):
        browser.post("/tickets/1/tasks/", {"title": title})
    with enter(north.scope()):
        first, second = Task.objects.order_by("position")
    browser.post(f"/tickets/1/tasks/{second.pk}/up/")
    browser.post(f"/tickets/1/tasks/{first.pk}/tick/", {"done": "yes"})
    form = {"title": "Second, better", "owner": str(tech.pk), "due_on": "2026-12-01"}
    assert browser.post(f"/tickets/1/tasks/{second.pk}/", form).status_code == 302
    with enter(north.scope()):
        rows = list(Task.objects.order_by("position").values_list("title", "owner", "due_on", "done_by"))
        assert rows == [("Second, better", tech.pk, date(2026, 12, 1), ""), ("First", None, None, tech.name)]
    part = browser.post(
        f"/tickets/1/tasks/{first.pk}/tick/",
        {"done": "no"},
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    ).content.decode()
    assert "0 of 2" in part
    assert browser.post(f"/tickets/1/tasks/{first.pk}/drop/").status_code == 302
    with enter(north.scope()):
        assert Task.objects.count() == 1
        verbs = Entry.objects.filter(verb__startswith="task.").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == [f"task.{verb}" for verb in ("added", "added", "done", "changed", "reopened", "dropped")]
    assert "Second, better" not in north.portal(north.one.anna).get("/portal/requests/1/").content.decode()
    assert world.low.browser("owner").get(f"/tickets/1/tasks/{second.pk}/").status_code == 404
    assert north.browser("read_only").post("/tickets/1/tasks/", {"title": "x"}).status_code == 403


def test_solving_with_open_tasks_asks_first(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    browser = north.browser("technician")
    browser.post("/tickets/1/tasks/", {"title": "Order toner"})
    asked = browser.post("/tickets/1/status/", {"status": "solved"}, follow=True).content.decode()
    assert "1 task is still open" in asked
    with enter(north.scope()):
        said: dict[str, Any] = {"actor": tech.as_actor(), "now": NOW, "ticket": ticket}
        with pytest.raises(actions.OpenTasks, match="Order toner"):
            actions.reply_publicly(**said, author=tech, body="Done", to=north.one.anna, along=Along(status="solved"))
        assert Ticket.objects.get().status == "new"
    assert browser.post("/tickets/1/status/", {"status": "solved", "anyway": "on"}).status_code == 302
    with enter(north.scope()):
        assert Ticket.objects.get().status == "solved"


def test_a_ticket_begins_with_a_template(planned_world: World) -> None:
    north = planned_world.north
    with enter(north.scope()):
        template = TicketTemplate.objects.get()
    browser, path = north.browser("technician"), f"/tickets/new/?client=harbour-north&template={template.pk}"
    page = browser.get(path).content.decode()
    assert 'value="Monthly patches"' in page
    given = {"subject": "Patches", "body": "We patch.", "priority": "3", "assignee": ""}
    assert browser.post(path, given).status_code == 302
    make_ticket(north)
    browser.post("/tickets/2/tasks/", {"template": str(template.pk)})
    with enter(north.scope()):
        assert Task.objects.count() == 4
        assert set(Task.objects.filter(ticket__number=1).values_list("title", flat=True)) == {"Servers", "Report"}
