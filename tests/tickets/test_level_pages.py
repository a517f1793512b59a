"""Service levels in the settings, clocks on the ticket and in the list, broken deadlines, and the report."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Promise, ServiceCalendar
from msp.accounts.actions import create_shop
from msp.accounts.rules import system_actor
from msp.audit.models import Entry
from msp.tenancy.context import enter, system_scope
from tests.tickets.levels import TARGETS, Desk, at, furnish
from tests.tickets.making import make_ticket
from tests.world import World
from tickets import actions
from tickets.models import SlaAssignment, SlaClock, SlaPolicy, SupplierWait, Ticket
from tickets.queries.sla import POLICY_SOURCES, policy_for
from tickets.rules.clocks import percentile

POLICY: dict[str, Any] = {"name": "Gold", "first_response_1": "30 min", "resolution_1": "8 h", "always_1": "on"}
ROLES = ("owner", "technician", "read_only")


def policies(world: World) -> list[SlaPolicy]:
    with enter(world.north.scope()):
        return list(SlaPolicy.objects.order_by("created_at", "name"))


def broken(world: World) -> Desk:
    """A ticket whose first reply came late."""
    furnish(world.north)
    desk = Desk(world.north, "2 Nov 09:00", assignee="technician")
    desk.reply("2 Nov 11:00")
    assert desk.promise("first_response").is_late
    return desk


# --- settings


def test_a_policy_is_made_as_it_was_typed_and_the_first_holds_for_everybody(world: World) -> None:
    values = POLICY | {"next_update_1": "1:30", "first_response_2": "45"}
    answer = world.north.browser("owner").post("/settings/service-levels/new/", values)
    (policy,) = policies(world)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/settings/service-levels/{policy.pk}/")
    with enter(world.north.scope()):
        rows = {
            row.priority: (row.first_response, row.next_update, row.resolution, row.always)
            for row in policy.targets.all()
        }
        assert Entry.objects.get().verb == "sla.policy_created"
    nothing = (None, None, None, False)
    assert rows == {1: (30, 90, 480, True), 2: (45, None, None, False), 3: nothing, 4: nothing}
    assert (policy.name, policy.is_default, policy.supplier_pauses) == ("Gold", True, False)


@pytest.mark.parametrize("typed", ["soon", "0", "-5", "9999999", "1:"])
def test_a_length_that_cannot_be_read_is_said(world: World, typed: str) -> None:
    answer = world.north.browser("owner").post("/settings/service-levels/new/", POLICY | {"resolution_1": typed})
    assert answer.status_code == (302 if typed == "1:" else 422)
    assert (policies(world) == []) is (typed != "1:")


def test_a_policy_changes_for_tickets_to_come(world: World) -> None:
    furnish(world.north)
    desk, (policy,) = Desk(world.north, "23 Nov 09:00"), policies(world)
    browser, path = world.north.browser("owner"), f"/settings/service-levels/{policy.pk}/"
    page = browser.get(path).content.decode()
    assert 'value="30 min"' in page
    assert 'value="8 h"' in page
    assert browser.post(path, POLICY | {"resolution_3": "1 h"}).status_code == 302
    assert desk.promise("resolution").promised_at == at("24 Nov 10:00")
    assert Desk(world.north, "23 Nov 09:00").promise("resolution").promised_at == at("23 Nov 10:00")
    with enter(world.north.scope()):
        changed = Entry.objects.get(verb="sla.policy_changed")
    assert changed.data["now"]["3"]["resolution"] == 60
    assert browser.post(path, POLICY | {"resolution_3": "60"}).status_code == 302
    with enter(world.north.scope()):
        assert Entry.objects.filter(verb="sla.policy_changed").count() == 1


def test_a_site_comes_before_its_client_and_a_client_before_the_shop(world: World) -> None:
    north = world.north
    furnish(north)
    actor, made = north.staff["owner"].as_actor(), {}
    with enter(north.scope()):
        for name in ("Client", "Site", "Agreement"):
            made[name] = actions.create_policy(actor=actor, now=at("1 Nov 09:00"), name=name, targets=TARGETS)
    browser = north.browser("owner")
    names = {"client": north.one.client.name}
    for name, more in (("Client", {}), ("Site", {"site": "main office"})):
        assign = f"/settings/service-levels/{made[name].pk}/assign/"
        assert browser.post(assign, names | more).status_code == 302
    with enter(north.scope()):
        assert policy_for(north.one.client, north.one.site) == made["Site"]
        assert policy_for(north.one.client, None) == made["Client"]
        assert str(policy_for(north.two.client, north.two.site)) == "Standard"
        POLICY_SOURCES.append(lambda client, site: made["Agreement"].pk)
        try:
            assert policy_for(north.two.client, None) == made["Agreement"]
            assert policy_for(north.one.client, None) == made["Client"]
        finally:
            POLICY_SOURCES.clear()
        row = SlaAssignment.objects.get(site=None)
    remove = f"/settings/service-levels/{made['Client'].pk}/assign/{row.pk}/remove/"
    assert browser.post(remove).status_code == 302
    with enter(north.scope()):
        assert str(policy_for(north.one.client, None)) == "Standard"


@pytest.mark.parametrize("values", [{"client": "Nobody"}, {"client": ""}, {"client": "Orchard Northgate", "site": "X"}])
def test_whom_a_policy_cannot_hold_for_is_said(world: World, values: dict[str, str]) -> None:
    furnish(world.north)
    (policy,) = policies(world)
    path = f"/settings/service-levels/{policy.pk}/assign/"
    assert world.north.browser("owner").post(path, values).status_code == 422


def test_the_default_stays_and_others_go(world: World) -> None:
    furnish(world.north)
    browser = world.north.browser("owner")
    browser.post("/settings/service-levels/new/", POLICY)
    first, second = policies(world)
    browser.post(f"/settings/service-levels/{first.pk}/archive/")
    browser.post(f"/settings/service-levels/{second.pk}/default/")
    browser.post(f"/settings/service-levels/{first.pk}/archive/")
    assert [(policy.name, policy.is_default, policy.archived_at is None) for policy in policies(world)] == [
        ("Standard", False, False),
        ("Gold", True, True),
    ]


def test_settings_are_for_who_manages_them_and_for_ones_own_shop(world: World) -> None:
    furnish(world.north)
    (policy,) = policies(world)
    for path in ("", "new/", f"{policy.pk}/"):
        assert world.north.browser("owner").get(f"/settings/service-levels/{path}").status_code == 200
        assert world.north.browser("technician").get(f"/settings/service-levels/{path}").status_code == 403
    low = world.low.browser("owner")
    for part in ("", "default/", "archive/", "assign/"):
        assert low.post(f"/settings/service-levels/{policy.pk}/{part}", POLICY).status_code == 404


# --- the ticket


def test_the_ticket_shows_its_clocks_and_how_each_was_computed(world: World) -> None:
    furnish(world.north)
    with enter(world.north.scope()):
        ticket = make_ticket(world.north, now=timezone.now(), priority=1)
        pk = Promise.objects.get(subject_id=ticket.pk, kind="resolution").pk
    browser = world.north.browser("technician")
    page = browser.get("/tickets/1/").content.decode()
    assert "to reply" in page
    assert "to solve" in page
    assert f"/promises/{pk}/working/" in page
    working = browser.get(f"/promises/{pk}/working/").content.decode()
    assert "The clock starts. Every minute counts, around the clock; the target is 4:00" in working
    assert re.search(r"Counted from \w{3} \d+ \w{3} \d\d:\d\d to", working)


def test_an_update_is_promised_in_the_reply_and_moved_with_a_reason(world: World) -> None:
    furnish(world.north)
    now = timezone.now()
    make_ticket(world.north, now=now, priority=1)
    browser, anna = world.north.browser("technician"), world.north.one.anna
    by = timezone.localtime(now + timedelta(days=1))
    values = {"mode": "reply", "to": str(anna.pk), "body": "More tomorrow.", "next_update": f"{by:%Y-%m-%dT%H:%M}"}
    values["form_key"] = str(uuid4())
    late = values | {"next_update": f"{by - timedelta(days=2):%Y-%m-%dT%H:%M}"}
    assert browser.post("/tickets/1/write/", late).status_code == 422
    assert browser.post("/tickets/1/write/", values).status_code == 302
    assert "You promised Anna Harbour an update by" in browser.get("/tickets/1/").content.decode()
    moved = f"{by + timedelta(days=1):%Y-%m-%dT%H:%M}"
    assert browser.post("/tickets/1/update/", {"at": moved, "because": "The part is late"}).status_code == 302
    with enter(world.north.scope()):
        promise = Promise.objects.get(kind="next_update", state="open")
        assert f"{timezone.localtime(promise.promised_at):%Y-%m-%dT%H:%M}" == moved
        assert (promise.contact, promise.moved_because, promise.owner) == (anna, "The part is late", None)


def test_a_supplier_is_written_down_while_we_wait_for_them(world: World) -> None:
    furnish(world.north)
    make_ticket(world.north, now=timezone.now())
    browser = world.north.browser("technician")
    values = {"supplier": "Wires Ltd", "reference": "W-77", "promised_at": "2100-01-01T10:00"}
    browser.post("/tickets/1/supplier/", values)
    with enter(world.north.scope()):
        assert not SupplierWait.objects.exists()
    browser.post("/tickets/1/status/", {"status": "waiting_supplier"})
    browser.post("/tickets/1/supplier/", values)
    page = browser.get("/tickets/1/").content.decode()
    assert "We wait for Wires Ltd." in page
    assert "Their number: W-77." in page


def test_the_list_shows_the_next_deadline_and_is_sorted_by_it(world: World) -> None:
    furnish(world.north)
    now = timezone.now()
    for subject, priority in (("Later", 3), ("Sooner", 1), ("Never", 4)):
        make_ticket(world.north, now=now, subject=subject, priority=priority)
    browser = world.north.browser("technician")
    page = browser.get("/tickets/?view=team").content.decode()
    assert page.index("Sooner") < page.index("Later") < page.index("Never") or page.index("Sooner") < page.index(
        "Never"
    )
    assert page.count("data-due=") == 2


# --- broken deadlines


def test_a_broken_deadline_asks_why_on_the_ticket_and_in_the_list_until_it_is_said(world: World) -> None:
    desk = broken(world)
    browser = world.north.browser("technician")
    assert "the deadline was broken" in browser.get("/tickets/1/").content.decode()
    assert "Printer jams" in browser.get("/service-levels/broken/").content.decode()
    path = f"/tickets/1/clocks/{desk.clock('first_response').pk}/why/"
    browser.post(path, {"because": " "})
    assert desk.promise("first_response").broken_because == ""
    browser.post(path, {"because": "Nobody saw it"})
    assert desk.promise("first_response").broken_because == "Nobody saw it"
    assert "the deadline was broken" not in browser.get("/tickets/1/").content.decode()
    assert "Printer jams" not in browser.get("/service-levels/broken/").content.decode()
    assert "Nobody saw it" in browser.get("/service-levels/broken/?view=all").content.decode()


def test_a_deadline_that_was_not_broken_takes_no_reason(world: World) -> None:
    desk = broken(world)
    pk = desk.clock("resolution").pk
    for part in ("why", "ask"):
        world.north.browser("technician").post(f"/tickets/1/clocks/{pk}/{part}/", {"because": "x"})
    assert (desk.promise("resolution").broken_because, desk.clock("resolution").exclusion) == ("", "")


def test_another_person_with_the_right_decides_what_is_left_out(world: World) -> None:
    desk, north = broken(world), world.north
    clock = desk.clock("first_response")
    ask, decide = (f"/tickets/1/clocks/{clock.pk}/{part}/" for part in ("ask", "decide"))
    north.browser("dispatcher").post(ask, {"because": "The client's line was down"})
    assert desk.clock("first_response").exclusion == "asked"
    assert north.browser("technician").post(decide, {"answer": "yes"}).status_code == 403
    north.browser("dispatcher").post(decide, {"answer": "yes"})
    assert desk.clock("first_response").exclusion == "asked"
    assert (
        "somebody else decides"
        in north.browser("dispatcher").get("/service-levels/broken/?view=asked").content.decode()
    )
    north.browser("owner").post(decide, {"answer": "yes"})
    clock = desk.clock("first_response")
    assert (clock.exclusion, clock.exclusion_decided_by_id) == ("approved", north.staff["owner"].pk)
    assert clock.promise.excluded_because == "The client's line was down"
    north.browser("owner").post(decide, {"answer": "no"})
    assert desk.clock("first_response").exclusion == "approved"
    with enter(north.scope()):
        verbs = [entry.verb for entry in Entry.objects.filter(verb__startswith="sla.excl").order_by("id")]
    assert verbs == ["sla.exclusion_asked", "sla.exclusion_approved"]


def test_a_refused_exclusion_counts(world: World) -> None:
    desk = broken(world)
    path = f"/tickets/1/clocks/{desk.clock('first_response').pk}"
    world.north.browser("technician").post(f"{path}/ask/", {"because": "It was Friday"})
    world.north.browser("owner").post(f"{path}/decide/", {"answer": "no"})
    assert (desk.clock("first_response").exclusion, desk.promise("first_response").excluded_because) == ("refused", "")


def test_clocks_are_not_there_for_other_shops_and_not_to_be_changed_by_readers(world: World) -> None:
    desk = broken(world)
    make_ticket(world.low)
    pk = desk.clock("first_response").pk
    for part in ("why", "ask", "decide"):
        assert world.low.browser("owner").post(f"/tickets/1/clocks/{pk}/{part}/", {"because": "x"}).status_code == 404
        reader = world.north.browser("read_only").post(f"/tickets/1/clocks/{pk}/{part}/", {"because": "x"})
        assert reader.status_code == 403
    for part in ("update", "supplier"):
        assert world.north.browser("read_only").post(f"/tickets/1/{part}/").status_code == 403
        assert world.low.browser("owner").post(f"/tickets/2/{part}/").status_code == 404
    assert "Printer jams" not in world.low.browser("owner").get("/service-levels/broken/?view=all").content.decode()


# --- the report


def told(world: World) -> None:
    """Three tickets: answered in 20, 40 and 120 minutes, the last one too late; solved within the day."""
    furnish(world.north)
    start = timezone.now() - timedelta(days=3)
    actor, author = world.north.staff["technician"].as_actor(), world.north.staff["technician"]
    for minutes in (20, 40, 120):
        ticket = make_ticket(world.north, now=start, priority=1, assignee="technician")
        given = {"author": author, "body": "Here", "to": world.north.one.anna}
        with enter(world.north.scope()):
            then = start + timedelta(minutes=minutes)
            actions.reply_publicly(actor=actor, now=then, ticket=ticket, **given)
            actions.change_status(actor=actor, now=then, ticket=ticket, status="solved")


def test_the_report_counts_what_was_in_time_and_how_long_it_took(world: World) -> None:
    told(world)
    for by, name in (("priority", "Urgent"), ("client", "Harbour Northgate"), ("technician", "Technician Northgate")):
        rows = world.north.browser("owner").get(f"/service-levels/export/?by={by}").content.decode().splitlines()
        assert rows[1] == f"{name},First reply,3,1,33,40,120,120"
    page = world.north.browser("technician").get("/service-levels/").content.decode()
    assert "33 %" in page
    assert "By technician" not in page


def test_the_reports_period_and_shop(world: World) -> None:
    told(world)
    with enter(world.north.scope()):
        then: datetime = timezone.now() - timedelta(days=60)
        Promise.objects.update(finished_at=then)
    owner = world.north.browser("owner")
    assert "Nothing to report yet" in owner.get("/service-levels/").content.decode()
    assert "33 %" in owner.get("/service-levels/?days=90&by=client").content.decode()
    assert "Nothing to report yet" in world.low.browser("owner").get("/service-levels/?days=90").content.decode()


def test_percentiles_are_the_nearest_rank() -> None:
    assert [percentile(range(1, 21), share) for share in (50, 90, 95)] == [10, 18, 19]
    assert (percentile([7], 95), percentile([], 50)) == (7, None)


@pytest.mark.parametrize("path", ["/tickets/?view=team", "/service-levels/broken/", "/service-levels/?by=client"])
def test_lists_ask_the_same_for_one_and_three(world: World, path: str) -> None:
    furnish(world.north)
    browser, counts = world.north.browser("owner"), []
    for number in (1, 2):
        for _ in range(number):
            Desk(world.north, "2 Nov 09:00").reply("2 Nov 11:00")
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_new_shop_begins_with_hours_and_a_policy(db: None) -> None:
    given = {"name": "Eastgate", "slug": "east", "owner_email": "o@east.example", "owner_name": "Olive"}
    region = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
    made = create_shop(actor=system_actor("tests"), now=at("2 Nov 09:00"), **given, **region)
    with enter(system_scope(made.tenant.pk)):
        policy = SlaPolicy.objects.get(is_default=True)
        calendar = ServiceCalendar.objects.get(is_default=True)
        assert (policy.targets.count(), calendar.country, len(calendar.windows)) == (4, "GB", 5)


def test_merging_takes_the_clocks_along_and_parting_gives_them_back(world: World) -> None:
    furnish(world.north)
    one, two = Desk(world.north, "23 Nov 09:00"), Desk(world.north, "23 Nov 11:00")
    one.reply("23 Nov 09:30")
    with enter(world.north.scope()):
        actions.merge_ticket(**one.me, now=at("23 Nov 11:30"), ticket=one.ticket, into=two.ticket)
    assert two.promise("resolution").promised_at == at("24 Nov 10:00")
    assert two.clock("resolution").started_at == at("23 Nov 09:00")
    two.status("waiting_client", "23 Nov 11:40")
    two.status("in_progress", "23 Nov 13:40")
    assert two.promise("resolution").promised_at == at("24 Nov 11:00")
    with enter(world.north.scope()):
        ticket = Ticket.objects.get(pk=one.ticket.pk)
        actions.unmerge_ticket(**one.me, now=at("23 Nov 13:50"), ticket=ticket)
    assert one.promise("resolution").state == "open"
    assert one.clock("resolution").ended_at is None
    assert two.clock("resolution").started_at == at("23 Nov 11:00")
    with enter(world.north.scope()):
        assert SlaClock.objects.count() == 4
