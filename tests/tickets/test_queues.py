"""The ticket list and Today: tabs, filters, search, picks, CSV, polls, query counts."""

from __future__ import annotations

import csv
import io
import re
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from msp.accounts.models import Membership
from msp.tenancy.context import enter
from msp.tenancy.ids import new_id
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.choices import QueueView
from tickets.models import Category, CustomField, Ticket
from tickets.queries.days import day_of
from tickets.queries.queues import Asked, Counts, open_counts, queue

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
QUERIES_OF_LIST = 20
QUERIES_OF_TODAY = 18
EXPORT_QUERIES = 12


def shown(world: World, query: str = "", role: str = "technician", path: str = "/tickets/") -> list[int]:
    """The numbers of the listed tickets, in order."""
    answer = world.north.browser(role).get(path + query)
    assert answer.status_code == 200
    return [int(number) for number in re.findall(r'<tr id="t(\d+)"', answer.content.decode())]


@pytest.fixture
def six(world: World) -> World:
    """Tickets 1-6: mine; unassigned; another's; waiting on the client; solved; mine and the longest waiting."""
    north = world.north
    actor = north.staff["dispatcher"].as_actor()
    make_ticket(north, assignee="technician", subject="First of mine")
    make_ticket(north, subject="Nobody's")
    make_ticket(north, north.two, contact=north.two.anna, assignee="owner", subject="Of another", priority=1)
    waits = make_ticket(north, assignee="technician", subject="Waits on them")
    solved = make_ticket(north, assignee="technician", subject="Over and done")
    make_ticket(north, assignee="technician", subject="Oldest", now=NOW - timedelta(days=2))
    make_ticket(world.low, subject="Elsewhere")
    with enter(north.scope()):
        tech = north.staff["technician"]
        actions.reply_publicly(actor=actor, now=NOW, ticket=waits, author=tech, body="Which room?", to=north.one.anna)
        actions.change_status(actor=actor, now=NOW, ticket=waits, status="waiting_client")
        actions.change_status(actor=actor, now=NOW, ticket=solved, status="solved")
    return world


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [6, 1, 4]),
        ("?view=unassigned", [2]),
        ("?view=team", [6, 1, 2, 3, 4]),
        ("?view=waiting", [4]),
        ("?view=solved", [5]),
        ("?view=all", [6, 5, 4, 3, 2, 1]),
        ("?view=team&client=orchard-north", [3]),
        ("?view=team&client=Orchard Northgate", [3]),
        ("?view=all&status=solved", [5]),
        ("?view=team&priority=1", [3]),
        ("?q=elsewhere", []),
        ("?q=over", [5]),
        ("?q=3", [3]),
        ("?q=oldest north", [6]),
        ("?view=team&q=over", []),
        ("?view=nonsense&priority=nonsense&assignee=nonsense&after=nonsense", [6, 1, 4]),
    ],
)
def test_views_filters_and_search(six: World, query: str, numbers: list[int]) -> None:
    assert shown(six, query) == numbers


def test_the_filter_by_person(six: World) -> None:
    assert shown(six, f"?view=team&assignee={six.north.staff['owner'].pk}") == [3]


def test_counts_come_from_one_query(six: World) -> None:
    with enter(six.north.scope()), CaptureQueriesContext(connection) as queries:
        assert open_counts(six.north.staff["technician"]) == Counts(mine=3, unassigned=1, team=5, waiting=1)
    assert len(queries) == 1


def test_an_unknown_client_is_said(six: World) -> None:
    page = six.north.browser("technician").get("/tickets/?view=team&client=Nobody Ltd").content.decode()
    assert "There is no client called “Nobody Ltd”" in page
    assert "No ticket fits these filters" in page


def test_an_archived_clients_tickets_are_its_own(six: World) -> None:
    client = six.north.two.client
    with enter(six.north.scope()):
        Client.objects.filter(pk=client.pk).update(archived_at=NOW)
        theirs = set(Ticket.objects.filter(client=client).values_list("number", flat=True))
    browser = six.north.browser("technician")
    panel = browser.get(f"/tickets/of/{client.slug}/").content.decode()
    link = f"/tickets/?view=all&amp;client={client.slug}"
    assert link in panel
    page = browser.get(link.replace("&amp;", "&")).content.decode()
    assert {int(number) for number in re.findall(r'<tr id="t(\d+)"', page)} == theirs
    assert "There is no client" not in page
    assert "New ticket" not in panel
    assert "client-choices" in browser.get(f"/tickets/new/?client={client.slug}").content.decode()


def test_pages_by_key_hold_every_ticket_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(52):
        make_ticket(
            world.north, assignee="technician", subject=f"No. {number}", now=NOW + timedelta(minutes=number % 3)
        )
    browser = world.north.browser("technician")
    first = browser.get("/tickets/").content.decode()
    after = re.search(r'href="(\?[^"]*after=[^"]+)"', first)
    assert after is not None
    listed = shown(world), shown(world, after[1].replace("&amp;", "&"))
    assert [len(page) for page in listed] == [50, 2]
    assert sorted(listed[0] + listed[1]) == list(range(1, 53))


def test_the_list_needs_the_same_queries_for_one_and_three(world: World) -> None:
    browser, counts = world.north.browser("technician"), []
    for number in (1, 2):
        for _ in range(number):
            make_ticket(world.north, assignee="technician", asset=world.north.one.asset)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/tickets/").status_code == 200
        counts.append(len(queries))
    assert counts == [QUERIES_OF_LIST, QUERIES_OF_LIST]


def test_today_needs_the_same_queries_for_one_and_three(world: World) -> None:
    browser, counts = world.north.browser("technician"), []
    for number in (1, 2):
        for _ in range(number):
            make_ticket(world.north, assignee="technician")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/today/").status_code == 200
        counts.append(len(queries))
    assert counts == [QUERIES_OF_TODAY, QUERIES_OF_TODAY]


def test_a_poll_answers_only_news(six: World) -> None:
    browser = six.north.browser("technician")
    for path in ("/tickets/?view=team", "/today/?"):
        mark = re.search(r'name="seen" value="(\w+)"', browser.get(path).content.decode())
        assert mark is not None
        poll = f"{path}&seen={mark[1]}"
        assert browser.get(poll, headers=HTMX).status_code == 204
        make_ticket(six.north, assignee="technician", subject="Brand new")
        fresh = browser.get(poll, headers=HTMX)
        assert "Brand new" in fresh.content.decode()
        assert "<html" not in fresh.content.decode()


def test_bulk_changes_what_can_be_changed_and_says_the_rest(six: World) -> None:
    north = six.north
    dispatcher = north.browser("dispatcher")
    owner = north.staff["owner"]
    answer = dispatcher.post("/tickets/bulk/", {"pick": ["1", "2", "99"], "do": f"assign:{owner.pk}"}, follow=True)
    assert "2 tickets changed." in answer.content.decode()
    answer = dispatcher.post("/tickets/bulk/", {"pick": ["1", "5"], "do": "status:scheduled"}, follow=True)
    page = answer.content.decode()
    assert "1 ticket changed." in page
    assert "#5: A ticket that is “Solved” cannot become “Scheduled”." in page
    assert (
        north.browser("technician").post("/tickets/bulk/", {"pick": "1", "do": f"assign:{owner.pk}"}).status_code == 403
    )
    assert "Choose what to do" in dispatcher.post("/tickets/bulk/", {"do": "burn"}, follow=True).content.decode()
    with enter(north.scope()):
        by_number = {ticket.number: ticket for ticket in Ticket.objects.all()}
        assert {number for number, t in by_number.items() if t.assignee_id == owner.pk} == {1, 2, 3}
        assert (by_number[1].status, by_number[5].status) == ("scheduled", "solved")


def test_csv_runs_no_formula_and_tells_no_note(six: World) -> None:
    north, tech = six.north, six.north.staff["technician"]
    ticket = make_ticket(north, subject='=HYPERLINK("http://evil.example")', assignee="technician")
    with enter(north.scope()):
        actions.add_note(actor=tech.as_actor(), now=NOW, ticket=ticket, author=tech, body="Secret words")
        actions.rewrite_summary(actor=tech.as_actor(), now=NOW, ticket=ticket, was="", summary="Secret words")
        actions.log_time(actor=tech.as_actor(), now=NOW, ticket=ticket, member=tech, minutes=75)
    answer = north.browser("read_only").get("/tickets/export/?view=team&q=hyperlink")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][:4] == [str(ticket.number), '\'=HYPERLINK("http://evil.example")', "Harbour Northgate", "New"]
    assert rows[1][6:] == ["2026-11-23 13:38", "", "", "75"]
    assert len(rows) == 2
    assert "Secret words" not in answer.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_answers_to_custom_fields_are_columns(world: World, rows: int, django_assert_num_queries: Any) -> None:
    north = world.north
    with enter(north.scope()):
        network = Category.objects.create(name="Network")
        kinds = ("Building", "text"), ("Floor", "number"), ("On site", "checkbox")
        fields = [
            CustomField.objects.create(category=network, name=name, kind=kind, position=at)
            for at, (name, kind) in enumerate(kinds)
        ]
    answers = {str(field.pk): value for field, value in zip(fields, ("=1+1", "-2", True), strict=True)}
    for _number in range(rows):
        make_ticket(north, category=network, answers=answers)
    make_ticket(north, north.two)
    browser = north.browser("read_only")
    with django_assert_num_queries(EXPORT_QUERIES):
        answer = browser.get("/tickets/export/?view=team")
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0][10:] == ["Network: Building", "Network: Floor", "Network: On site"]
    assert sorted(row[10:] for row in table[1:]) == [["", "", ""], *[["'=1+1", "-2", "Yes"]] * rows]


def test_the_client_page_shows_its_open_tickets(six: World) -> None:
    part = six.north.browser("read_only").get("/tickets/of/orchard-north/").content.decode()
    assert "Of another" in part
    assert "First of mine" not in part
    assert six.north.browser("owner").get("/tickets/of/harbour-low/").status_code == 404


def test_names_for_the_filter(six: World) -> None:
    part = six.north.browser("read_only").get("/tickets/clients/?client=orch").content.decode()
    assert re.findall(r'value="([^"]+)"', part) == ["Orchard Northgate"]


def test_today_counts_what_waits_and_what_is_logged(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    now = timezone.now()
    ticket = make_ticket(north, assignee="technician", now=now - timedelta(minutes=47))
    make_ticket(north)
    with enter(north.scope()):
        actions.log_time(actor=tech.as_actor(), now=now, ticket=ticket, member=tech, minutes=1, note="Looked at it")
    page = north.browser("technician").get("/today/").content.decode()
    assert re.search(r"<dt>My open tickets</dt><dd>1</dd>", page)
    assert re.search(r"<dt>Clients waiting on you</dt><dd>1 <small>longest <span data-ago=[^>]+>47 min", page)
    assert re.search(r"<dt>Unassigned</dt><dd>1</dd>", page)
    assert "Looked at it" in page


def test_a_day_has_its_work_its_gaps_and_the_running_clock(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north, now=NOW - timedelta(days=1))
    with enter(north.scope()), timezone.override("Europe/London"):
        for hours, minutes in ((4, 60), (2, 30)):
            start = NOW - timedelta(hours=hours)
            actions.log_time(
                actor=tech.as_actor(), now=NOW, ticket=ticket, member=tech, minutes=minutes, started_at=start
            )
        actions.start_timer(actor=tech.as_actor(), now=NOW - timedelta(minutes=20), ticket=ticket, member=tech)
        timer = None
        day = day_of(tech, NOW.date(), NOW, timer)
        assert day.minutes == 90
        assert [(f"{gap.start:%H:%M}", gap.minutes) for gap in day.gaps] == [("10:38", 60), ("12:08", 90)]
        assert [block.kind for block in day.blocks] == ["log", "log", "gap", "gap"]
        other = day_of(Membership.objects.get(pk=north.staff["owner"].pk), NOW.date(), NOW)
        assert (other.minutes, other.gaps) == (0, [])


def _like(ticket: Ticket, number: int) -> Ticket:
    twin = copy(ticket)
    twin.pk, twin.number = new_id(), number
    return twin


def test_each_view_is_served_by_its_index(world: World) -> None:
    """On a table of any size Postgres takes the partial index in its order: nothing is sorted."""
    north = world.north
    ticket = make_ticket(north)
    wanted = {
        QueueView.MINE: "ticket_mine",
        QueueView.UNASSIGNED: "ticket_unassigned",
        QueueView.TEAM: "ticket_team",
        QueueView.WAITING: "ticket_waiting",
        QueueView.SOLVED: "ticket_solved",
    }
    with enter(north.scope()), connection.cursor() as cursor:
        # Among a handful of rows one index is as good as another.
        Ticket.objects.bulk_create(_like(ticket, ticket.number + number) for number in range(1, 500))
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off")
        for view, index in wanted.items():
            asked = Asked(view=view)
            rows = queue(asked, north.staff["technician"]).order_by(*asked.order)
            plan = rows.select_related(None).explain()
            assert index in plan, f"{view}\n{plan}"
            assert "Sort" not in plan, (view, plan)
