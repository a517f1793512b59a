"""Month end for all clients, printing what goes by post, and why work waits: by the workers' own queues."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from billing import actions
from billing.choices import Grouping
from billing.models import BillingRun, BillingSettings, ClientTerms, Invoice, PrintBatch, Printing, RunClient
from billing.queries.runs import progress_of
from billing.rules.refusals import Refused
from billing.rules.waiting import Turn, WorkFacts, why_not_billed
from clients.models import Promise
from msp.files.documents import content_of
from msp.jobs.actions import run_queue
from msp.tenancy.context import enter
from tests.world import NOW, World
from tickets.models import TimeEntry

from .conftest import Office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def work(*queues: str) -> None:
    for queue in queues:
        run_queue(queue_name=queue, clock=lambda: NOW)


def test_a_month_end_drafts_everybody_and_says_who_was_not(world: World, office: Office) -> None:
    north = world.north
    for client in (north.one, north.two):
        office.solved(client, 60)
    with enter(north.scope()):
        north.two.client.currency = "EUR"  # has no rate of its own
        north.two.client.save(update_fields=["currency"])
        run = actions.start_run(until=NOW, actor=office.actor, now=NOW)
        with pytest.raises(Refused, match="running already"):
            actions.start_run(until=NOW, actor=office.actor, now=NOW)
        assert (progress_of(run).total, progress_of(run).done) == (2, 0)
    page = north.browser("office_manager").get(f"/billing/month-end/{run.pk}/").content.decode()
    assert "0 of 2 clients" in page
    work("billing-runs")
    with enter(north.scope()):
        p = progress_of(run)
        assert (p.drafted, p.refused, p.failed, p.is_over) == (1, 1, 0, True)
        assert RunClient.objects.get(invoice=None).client_id == north.two.client.pk
        assert "hourly rate" in RunClient.objects.get(invoice=None).refused_because
        assert Invoice.objects.get().total == Decimal(108)
        assert BillingRun.objects.count() == 1
    page = north.browser("office_manager").get(f"/billing/month-end/{run.pk}/").content.decode()
    assert ("Done" in page, north.two.client.name in page) == (True, True)


def test_work_of_this_month_is_left_for_the_next(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    with enter(world.north.scope()), pytest.raises(Refused, match="No finished work"):
        actions.start_run(until=NOW - timedelta(days=20), actor=office.actor, now=NOW)


def by_post(office: Office, world: World, number: int = 1) -> list[Invoice]:
    """Issued invoices of a client whose invoices are printed."""
    with enter(world.north.scope()):
        ClientTerms.objects.get_or_create(client=world.north.one.client, defaults={"by_post": True})
    made = []
    for _ in range(number):
        office.solved(world.north.one, 60)
        draft = office.draft(world.north.one)
        work("jobs")
        with enter(world.north.scope()):
            approved = actions.approve_invoice(invoice=draft, actor=office.actor, now=NOW)
            made.append(actions.issue_invoice(invoice=approved, actor=office.actor, now=NOW))
    work("renderings")
    return made


def test_invoices_by_post_are_printed_in_one_file_and_then_out(world: World, office: Office) -> None:
    made = by_post(office, world, 2)
    work("jobs")
    with enter(world.north.scope()):
        assert [invoice.recipients for invoice in Invoice.objects.all()] == [[], []]
        assert set(Promise.objects.values_list("state", flat=True)) == {"open"}
        batch = actions.start_print(actor=office.actor, now=NOW)
        with pytest.raises(Refused, match="not made yet"):
            actions.say_printed(batch=batch, actor=office.actor, now=NOW)
        with pytest.raises(Refused, match="No invoice waits"):
            actions.start_print(actor=office.actor, now=NOW)
    work("prints")
    with enter(world.north.scope()):
        batch = PrintBatch.objects.select_related("pdf").get()
        assert batch.pdf is not None
        reader = PdfReader(BytesIO(content_of(batch.pdf)))
        assert len(reader.pages) == 4  # each on a sheet of its own
        assert [item["/Title"] for item in reader.outline] == [invoice.number for invoice in made]
        for _ in range(2):
            actions.say_printed(batch=batch, actor=office.actor, now=NOW)
        assert set(Printing.objects.values_list("printed_at", flat=True)) == {NOW}
    work("jobs")
    with enter(world.north.scope()):
        assert set(Promise.objects.values_list("state", "kept_at")) == {("kept", NOW)}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_ask_the_same_however_many(
    world: World, office: Office, rows: int, django_assert_num_queries: Any
) -> None:
    by_post(office, world, rows)
    for client in (world.north.one, world.north.two):
        office.solved(client, 60)
    with enter(world.north.scope()):
        for _ in range(rows):
            actions.start_run(until=NOW, actor=office.actor, now=NOW)
            RunClient.objects.update(state="done", finished_at=NOW)
    browser = world.north.browser("office_manager")
    for path, number in (("/billing/prints/", PRINTS_QUERIES), ("/billing/month-end/", RUNS_QUERIES)):
        browser.get(path)
        with django_assert_num_queries(number):
            browser.get(path)


PRINTS_QUERIES, RUNS_QUERIES = 12, 14


def test_roles_without_billing_see_neither(world: World, office: Office) -> None:
    for path in ("/billing/prints/", "/billing/month-end/"):
        assert world.north.browser("technician").get(path).status_code == 403
    owner = world.north.browser("owner")
    assert "Nothing to print" in owner.get("/billing/prints/").content.decode()
    assert "Everything finished is billed" in owner.get("/billing/month-end/").content.decode()


LATER = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("facts", "why", "turn"),
    [
        (WorkFacts(lacks_rate=True, lacks_tax=True), "hourly rate", Turn.OWNER),
        (WorkFacts(lacks_tax=True), "tax rate", Turn.OWNER),
        (WorkFacts(waiting_part="Switch", drafted_at=LATER), "“Switch”", Turn.APPROVER),
        (WorkFacts(refused="Too many", drafted_at=LATER), "Too many", Turn.OFFICE),
        (WorkFacts(discarded=True, automatic=False), "discarded", Turn.OFFICE),
        (WorkFacts(on_draft=True), "after it was drafted", Turn.OFFICE),
        (WorkFacts(drafted_at=LATER), "by itself", Turn.MAINSTAY),
        (WorkFacts(drafted_at=LATER, grouping=Grouping.WEEKLY), "week is over", Turn.MAINSTAY),
        (WorkFacts(drafted_at=LATER, grouping=Grouping.MONTHLY), "month is over", Turn.MAINSTAY),
        (WorkFacts(automatic=False), "by hand", Turn.OFFICE),
        (WorkFacts(), "Nobody has drafted", Turn.OFFICE),
    ],
)
def test_why_work_waits_and_whose_turn_it_is(facts: WorkFacts, why: str, turn: Turn) -> None:
    waits = why_not_billed(facts)
    assert (why in waits.why, waits.turn, bool(waits.whose)) == (True, turn, True)


def test_the_unbilled_page_says_why(world: World, office: Office) -> None:
    browser = world.north.browser("office_manager")
    office.solved(world.north.one, 60)
    office.solved(world.north.two, 60, solved_at=None)
    with enter(world.north.scope()):
        BillingSettings.objects.update(drafts_automatically=False)
        TimeEntry.objects.update(created_at=NOW)
    page = browser.get("/billing/unbilled/").content.decode()
    assert ("Your shop drafts by hand" in page, "The office&#x27;s turn" in page) == (True, True)
    assert "Nobody has the ticket" in browser.get("/billing/unbilled/open/").content.decode()
