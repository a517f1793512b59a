"""From finished work to the promise, the draft and the invoice that keeps it. Worked by the queues, as workers do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from billing import actions
from billing.actions.asking import ask_to_look
from billing.models import BillingSettings, FinishedWork, Invoice
from billing.queries.clock import promised_for
from clients.models import Promise
from msp.jobs.actions import run_queue
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.world import NOW, World
from tickets import actions as desk
from tickets.models import Ticket, TimeEntry

from .conftest import Office

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
SOLVED = NOW - 20 * HOUR  # when Office.solved says


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def work(at: datetime, *queues: str) -> None:
    for queue in queues or ("jobs", "drafts", "jobs"):
        run_queue(queue_name=queue, clock=lambda: at)


def look(office: Office, world: World, at: datetime = NOW) -> None:
    """As a signal of tickets makes them look."""
    with enter(world.north.scope()):
        ask_to_look(actor=office.actor, now=at, client=world.north.one.client)
    work(at)


def promise() -> Promise:
    return Promise.objects.get(kind="invoice_out")


def written(entry_at: datetime) -> None:
    """Office.solved writes its time down as the test runs; say when it was."""
    TimeEntry.objects.update(created_at=entry_at)


def job(office: Office, world: World, **given: Any) -> Ticket:
    ticket = office.solved(world.north.one, 60, **given)
    with enter(world.north.scope()):
        written(SOLVED)
    return ticket


def test_solved_work_is_promised_drafted_and_kept_when_the_invoice_leaves(world: World, office: Office) -> None:
    ticket = job(office, world, solved_at=None)
    with enter(world.north.scope()):
        desk.change_status(actor=office.actor, now=SOLVED, ticket=ticket, status="solved")
    work(SOLVED + timedelta(seconds=1))
    with enter(world.north.scope()):
        made = promise()
        assert (made.state, made.promised_at, made.words) == (
            "open",
            SOLVED + 48 * HOUR,
            f"#{ticket.number} {ticket.subject}",
        )
        assert [(stage.name, stage.at) for stage in made.stages_ahead] == [
            ("50", SOLVED + 24 * HOUR),
            ("75", SOLVED + 36 * HOUR),
            ("due", SOLVED + 48 * HOUR),
        ]
        assert made.owner == world.north.staff["office_manager"]
        assert not Invoice.objects.exists()
    work(SOLVED + timedelta(minutes=6))
    with enter(world.north.scope()):
        drafted = Invoice.objects.get()
        assert (drafted.status, drafted.total, drafted.send_by) == ("draft", Decimal(108), SOLVED + 48 * HOUR)
        assert FinishedWork.objects.get().invoice_id == drafted.pk
        approved = actions.approve_invoice(invoice=drafted, actor=office.actor, now=NOW)
        actions.issue_invoice(invoice=approved, actor=office.actor, now=NOW)
        assert promise().state == "open"
    work(NOW, "renderings", "jobs")
    with enter(world.north.scope()):
        assert (promise().state, promise().kept_at) == ("kept", NOW)
        assert FinishedWork.objects.get().settled_at == NOW


def test_looking_again_changes_nothing(world: World, office: Office) -> None:
    job(office, world)
    for _ in range(3):
        look(office, world)
    with enter(world.north.scope()):
        assert (FinishedWork.objects.count(), Promise.objects.count(), Invoice.objects.count()) == (1, 1, 1)


def test_work_that_is_reopened_before_it_was_drafted_is_owed_no_more(world: World, office: Office) -> None:
    ticket = job(office, world, solved_at=NOW)
    with enter(world.north.scope()):
        desk.change_status(actor=office.actor, now=NOW, ticket=ticket, status="solved")
        ask_to_look(actor=office.actor, now=NOW, client=world.north.one.client)
    work(NOW, "jobs")
    with enter(world.north.scope()):
        ticket.refresh_from_db()
        desk.change_status(actor=office.actor, now=NOW, ticket=ticket, status="in_progress")
    work(NOW, "jobs")
    work(NOW + HOUR)
    with enter(world.north.scope()):
        assert (promise().state, promise().ended_because) == ("cancelled", "nothing of it is left to bill")
        assert not Invoice.objects.exists()
        desk.change_status(actor=office.actor, now=NOW + 3 * HOUR, ticket=ticket, status="solved")
    work(NOW + 3 * HOUR)
    with enter(world.north.scope()):
        again = Promise.objects.get(state="open")
        assert again.promised_at == NOW + 51 * HOUR


def test_a_discarded_draft_is_still_owed_and_nobody_drafts_it_anew(world: World, office: Office) -> None:
    job(office, world)
    look(office, world)
    with enter(world.north.scope()):
        actions.discard_draft(invoice=Invoice.objects.get(), actor=office.actor, now=NOW, reason="Wrong client")
    work(NOW + HOUR)
    with enter(world.north.scope()):
        assert (promise().state, Invoice.objects.in_review().count()) == ("open", 0)
        by_hand = actions.draft_invoice(client=world.north.one.client, actor=office.actor, now=NOW + HOUR)
    work(NOW + HOUR)
    with enter(world.north.scope()):
        assert FinishedWork.objects.get().invoice_id == by_hand.pk
        assert Invoice.objects.get(pk=by_hand.pk).promised_at == promise().promised_at


def test_two_jobs_on_one_invoice_are_both_kept_by_it(world: World, office: Office) -> None:
    job(office, world)
    job(office, world)
    with enter(world.north.scope()):
        one = actions.draft_invoice(client=world.north.one.client, actor=office.actor, now=NOW)
    work(NOW)
    with enter(world.north.scope()):
        assert set(Promise.objects.values_list("state", flat=True)) == {"open"}
        approved = actions.approve_invoice(invoice=one, actor=office.actor, now=NOW, reason="Yes")
        actions.issue_invoice(invoice=approved, actor=office.actor, now=NOW)
    work(NOW, "renderings", "jobs")
    with enter(world.north.scope()):
        assert list(Promise.objects.values_list("state", flat=True)) == ["kept", "kept"]


def test_the_line_about_being_on_time_follows_the_promise(world: World, office: Office) -> None:
    """Thirty hours, weekends left out: from a Sunday on they end on Tuesday morning. So also where nobody has looked yet."""
    with enter(world.north.scope()):
        BillingSettings.objects.update(weekend_counts=False)
        values = {"sent_within_hours": 30}
        actions.change_client_terms(client=world.north.one.client, values=values, actor=office.actor, now=NOW)
    job(office, world)
    look(office, world)
    with enter(world.north.scope()):
        invoice, due = Invoice.objects.get(), datetime(2026, 11, 24, 6, tzinfo=UTC)
        assert (promise().promised_at, promised_for(invoice)) == (due, due)
        invoice.promised_at = None
        assert promised_for(invoice) == due


def test_a_month_of_work_is_drafted_when_the_month_is_over(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        values = {"grouping": "monthly"}
        actions.change_client_terms(client=world.north.one.client, values=values, actor=office.actor, now=NOW)
    for _ in range(2):
        job(office, world)
    look(office, world)
    ends = datetime(2026, 12, 1, tzinfo=UTC)
    with enter(world.north.scope()):
        waiting = FinishedWork.objects.get()
        assert (waiting.ends_at, waiting.due_at, promise().promised_at) == (
            ends,
            ends + timedelta(minutes=5),
            ends + 48 * HOUR,
        )
        assert promise().words == "work of November 2026"
        assert not Invoice.objects.exists()
    work(ends + timedelta(minutes=6))
    with enter(world.north.scope()):
        assert Invoice.objects.get().lines.count() == 2


def test_work_regrouped_before_it_was_drafted_is_promised_anew(world: World, office: Office) -> None:
    job(office, world, solved_at=NOW)
    look(office, world)
    with enter(world.north.scope()):
        assert FinishedWork.objects.get().state == "queued"
        values = {"grouping": "weekly"}
        actions.change_client_terms(client=world.north.one.client, values=values, actor=office.actor, now=NOW)
    work(NOW)
    with enter(world.north.scope()):
        assert sorted(Promise.objects.values_list("state", flat=True)) == ["cancelled", "open"]
        assert FinishedWork.objects.get(settled_at=None).grouping == "weekly"


def test_a_shop_that_drafts_by_hand_still_promises(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        BillingSettings.objects.update(drafts_automatically=False)
    job(office, world)
    look(office, world)
    work(NOW + HOUR)
    with enter(world.north.scope()):
        assert (promise().state, Invoice.objects.count(), FinishedWork.objects.get().state) == ("open", 0, "done")


def test_what_cannot_be_drafted_says_why_and_is_tried_again(world: World, office: Office) -> None:
    job(office, world)
    with enter(world.north.scope()):
        BillingSettings.objects.update(hourly_rate=None)
    look(office, world)
    with enter(world.north.scope()):
        waiting = FinishedWork.objects.get()
        assert (waiting.state, waiting.due_at, waiting.attempts) == ("queued", NOW + HOUR, 0)
        assert "hourly rate" in waiting.last_error
        BillingSettings.objects.update(hourly_rate=90)
    work(NOW + HOUR)
    with enter(world.north.scope()):
        assert Invoice.objects.count() == 1


def test_the_owner_hears_of_it_at_three_quarters_and_late_is_late(world: World, office: Office) -> None:
    job(office, world)
    look(office, world)
    work(SOLVED + 37 * HOUR, "promises")
    with enter(world.north.scope()):
        told = Notification.objects.filter(key__startswith="invoice-out:")
        assert [note.to_id for note in told] == [world.north.staff["owner"].pk]
        assert "must be out by" in told[0].words
        draft = Invoice.objects.get()
    late = SOLVED + 50 * HOUR
    work(late, "promises")
    with enter(world.north.scope()):
        assert promise().state == "broken"
        approved = actions.approve_invoice(invoice=draft, actor=office.actor, now=late)
        actions.issue_invoice(invoice=approved, actor=office.actor, now=late)
    work(late, "renderings", "jobs")
    with enter(world.north.scope()):
        assert (promise().state, promise().kept_at) == ("broken", late)


def test_time_on_a_merged_ticket_is_finished_with_the_one_it_went_into(world: World, office: Office) -> None:
    into, merged = (office.solved(world.north.one, 30, solved_at=None) for _ in range(2))
    with enter(world.north.scope()):
        desk.merge_ticket(actor=office.actor, now=NOW, ticket=merged, into=into)
        assert not TimeEntry.objects.filter(finished_at__isnull=False).exists()
        into.refresh_from_db()
        desk.change_status(actor=office.actor, now=NOW, ticket=into, status="solved")
        assert set(TimeEntry.objects.values_list("finished_at", flat=True)) == {NOW}
        desk.unmerge_ticket(actor=office.actor, now=NOW, ticket=merged)
        assert TimeEntry.objects.get(ticket=merged).finished_at is None
