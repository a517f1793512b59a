"""Approving, calling back, numbers and the frozen invoice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from billing import actions
from billing.models import Dispatch, Invoice, InvoiceLine, LineTime, Receivable, Release, Rendering, Series
from billing.queries.series import current_series
from billing.rules.refusals import Refused
from msp.audit.models import Entry
from msp.jobs.actions import run_queue
from msp.mail.models import OutgoingMail
from msp.search.queries import find
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office

LATER = NOW + timedelta(minutes=10)


def test_approving_waits_for_the_minutes_to_undo(world: World, office: Office) -> None:
    invoice = office.approved(world.north.one)
    with enter(world.north.scope()):
        release = Release.objects.get()
        assert (release.invoice_id, release.state, release.due_at) == (invoice.pk, "queued", LATER)
        assert (invoice.status, invoice.number, invoice.approved_by) == ("approved", None, "Office Manager Northgate")
        with pytest.raises(Refused, match="no draft any more"):
            actions.discard_draft(invoice=invoice, actor=office.actor, now=NOW)


def test_calling_back_uses_no_number(world: World, office: Office) -> None:
    invoice = office.approved(world.north.one)
    with enter(world.north.scope()):
        actions.recall_invoice(invoice=invoice, actor=office.actor, now=NOW)
        assert Release.objects.get().state == "cancelled"
        again = actions.approve_invoice(invoice=invoice, actor=office.actor, now=LATER)
        assert sorted(Release.objects.values_list("state", flat=True)) == ["cancelled", "queued"]
        issued = actions.issue_invoice(invoice=again, actor=office.actor, now=LATER)
        assert issued.number == "INV-0001"
        with pytest.raises(Refused, match="cannot be called back"):
            actions.recall_invoice(invoice=issued, actor=office.actor, now=LATER)


def test_a_release_that_failed_is_shown_tried_again_and_called_back(world: World, office: Office) -> None:
    invoice = office.approved(world.north.one)
    browser, path = world.north.browser("office_manager"), f"/billing/invoices/{invoice.pk}/"
    with enter(world.north.scope()):
        dead = {"state": "dead", "finished_at": LATER, "last_error": "The number is taken", "attempts": 9}
        Release.objects.update(**dead)
    state = browser.get(f"{path}state/").content.decode()
    assert "It could not be given its number" in state
    assert "The number is taken" in state
    assert "hx-get" not in state
    browser.post(f"{path}retry/")
    with enter(world.north.scope()):
        release = Release.objects.get()
        assert (release.state, release.attempts, release.finished_at) == ("queued", 0, None)
        Release.objects.update(**dead)
    assert browser.post(f"{path}recall/").status_code == 302
    with enter(world.north.scope()):
        assert (office.again(invoice).status, Release.objects.get().state) == ("draft", "cancelled")
        with pytest.raises(Refused, match="Nothing has failed"):
            actions.retry_release(invoice=invoice, actor=office.actor, now=LATER)


@pytest.mark.parametrize(
    ("first", "then", "refused"),
    [
        (("INV-", True), ("INV-2026-", False), True),
        (("INV-2026-", False), ("INV-", True), True),
        (("INV-2027-", False), ("INV-", True), True),  # next year
        (("INV-", False), ("INV-1", False), True),  # the ten-thousandth
        (("INV-1", False), ("INV-", False), True),
        (("INV-", False), ("INV-", True), False),
        (("INV-", True), ("INV-", False), False),
        (("INV-", False), ("R-", False), False),
        (("", False), ("2026", False), True),
    ],
)
def test_no_two_counts_write_one_number(
    world: World, office: Office, first: tuple[str, bool], then: tuple[str, bool], refused: bool
) -> None:
    names = ("number_prefix", "number_by_year")
    with enter(world.north.scope()):
        actions.change_settings(values=dict(zip(names, first, strict=True)), actor=office.actor, now=NOW)
    office.issued(world.north.one)
    with enter(world.north.scope()):
        wanted = {"values": dict(zip(names, then, strict=True)), "actor": office.actor, "now": NOW}
        if refused:
            with pytest.raises(Refused, match="used already"):
                actions.change_settings(**wanted)
        actions.change_settings(**wanted | {"values": dict(zip(names, first, strict=True))})  # as it was
        if not refused:
            actions.change_settings(**wanted)


def test_an_error_stops_and_a_warning_needs_a_reason(world: World, office: Office) -> None:
    office.solved(world.north.one, 60, note="")
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        with pytest.raises(Refused, match="does not say what was done"):
            actions.approve_invoice(invoice=invoice, actor=office.actor, now=NOW, reason="Never mind")
        InvoiceLine.objects.update(detail="Replaced the switch")
        old = NOW + timedelta(days=8)
        with pytest.raises(Refused, match="Drafted 8 days ago"):
            actions.approve_invoice(invoice=invoice, actor=office.actor, now=old)
        actions.approve_invoice(invoice=invoice, actor=office.actor, now=old, reason="They were on holiday")
        entry = Entry.objects.get(verb="invoice.approved_with_reason")
        assert (entry.subject_id, entry.data) == (invoice.pk, {"reason": "They were on holiday"})


def test_issuing_numbers_freezes_and_asks_for_the_pdf(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    assert (invoice.number, invoice.sequence, invoice.status) == ("INV-0001", 1, "issued")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 11, 23), date(2026, 12, 7))
    parties = (invoice.seller_name, invoice.buyer_name, invoice.buyer_address)
    assert parties == ("Northgate Ltd", "Harbour Northgate", "1 Harbour Road")
    with enter(world.north.scope()):
        owed = Receivable.objects.get()
        assert (owed.invoice_id, owed.total, owed.owed, owed.due_on) == (invoice.pk, 108, 108, invoice.due_on)
        assert (Rendering.objects.get().invoice_id, Series.objects.get().next_number) == (invoice.pk, 2)
        assert Entry.objects.get(verb="invoice.issued").data == {"number": "INV-0001"}
        assert [hit.label for hit in find("inv-0001", kind="invoice", called="", limit=5)] == ["INV-0001"]
        assert [hit.hint for hit in find("harbour", kind="invoice", called="", limit=5)] == ["Harbour Northgate"]


def test_the_day_of_issue_is_the_shops(world: World, office: Office) -> None:
    invoice = office.approved(world.north.one)
    after_midnight = NOW.replace(hour=0, minute=1) + timedelta(days=1)
    with enter(world.north.scope()):
        world.north.settings.zone = "America/New_York"
        world.north.settings.save(update_fields=["zone"])
        issued = actions.issue_invoice(invoice=invoice, actor=office.actor, now=after_midnight)
    assert issued.issued_on == date(2026, 11, 23)


def test_numbers_may_begin_again_each_year_and_elsewhere(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        actions.change_settings(values={"number_prefix": "NG-", "number_by_year": True}, actor=office.actor, now=NOW)
        actions.start_numbers_at(number=412, actor=office.actor, now=NOW)
        assert current_series(NOW).written == "NG-2026-0412"
    assert office.issued(world.north.one).number == "NG-2026-0412"
    approved = office.approved(world.north.one)
    with enter(world.north.scope()):
        issued = actions.issue_invoice(invoice=approved, actor=office.actor, now=NOW + timedelta(days=60))
        assert issued.number == "NG-2027-0001"
        with pytest.raises(Refused, match="without a gap"):
            actions.start_numbers_at(number=900, actor=office.actor, now=NOW)


def test_shops_count_apart(world: World, office: Office, low_office: Office) -> None:
    numbers = [office.issued(world.north.one).number, low_office.issued(world.low.one).number]
    assert numbers == ["INV-0001", "INV-0001"]


@pytest.mark.django_db(transaction=True)
def test_the_release_queue_issues_when_the_time_is_over(world: World, office: Office) -> None:
    invoice = office.approved(world.north.one)
    assert run_queue(queue_name="releases", clock=lambda: NOW) == 0
    assert run_queue(queue_name="releases", clock=lambda: LATER) == 1
    assert office.again(invoice).number == "INV-0001"
    with enter(world.north.scope()):
        assert Release.objects.get().state == "done"
        assert Entry.objects.get(verb="invoice.issued").actor_kind == "system"


_COPIED = "description, detail, quantity, unit, unit_price, amount, tax_rate, source, tenant_id, client_id, ticket_id"
FORBIDDEN = [
    "update billing_invoice set footer = 'x'",
    "update billing_invoice set buyer_name = 'Somebody else'",
    "update billing_invoice set number = 'INV-0009'",
    "update billing_invoice set status = 'draft', series_id = null, sequence = null, number = null, issued_at = null,"
    " issued_on = null, due_on = null",
    "delete from billing_invoice",
    "update billing_invoiceline set unit_price = 1",
    "update billing_invoiceline set description = 'x'",
    "delete from billing_invoiceline",
    f"insert into billing_invoiceline (id, position, invoice_id, {_COPIED})"
    f" select gen_random_uuid(), 9, invoice_id, {_COPIED} from billing_invoiceline",
    "delete from billing_invoicetax",
    "update billing_invoicetax set amount = 0",
    "update billing_invoice set kind = 'proforma'",
    "delete from billing_linetime",
    "update billing_linetime set line_id = line_id",
]


def refusal(alias: str, statement: str) -> str:
    """Run a statement and return why the database refused it."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(statement)
    return str(caught.value)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alias", ["default", "owner"])
def test_an_issued_invoice_is_frozen_for_everybody(world: World, office: Office, alias: str) -> None:
    invoice = office.issued(world.north.one)
    columns = [field.attname for field in Invoice._meta.fields]
    with enter(world.north.scope()):
        for statement in FORBIDDEN:
            message = refusal(alias, statement)
            assert "is issued and cannot change" in message or "lines of an issued invoice" in message, statement
        assert (InvoiceLine.objects.count(), LineTime.objects.count()) == (1, 1)
    after = office.again(invoice)
    assert [getattr(after, name) for name in columns] == [getattr(invoice, name) for name in columns]


def test_no_invoice_is_inserted_as_issued_or_deleted(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    office.solved(world.north.one, 60)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()):
        copy = Invoice.objects.get(pk=invoice.pk)
        copy.pk, copy.sequence, copy.number = draft.client_id, 2, "INV-0002"
        with pytest.raises(DatabaseError, match="not inserted as issued"), transaction.atomic():
            copy.save(force_insert=True)
        message = refusal("default", "delete from billing_invoice where status = 'draft'")
        assert "discarded, not deleted" in message


@pytest.mark.django_db(transaction=True)
def test_an_invoice_whose_past_is_told_afterwards_is_not_mailed_again_with_its_pdf(
    world: World, office: Office
) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        first = actions.dispatch_invoice(invoice=invoice, pdf=None, actor=office.actor, now=NOW)
        assert [row.recipient for row in first] == invoice.recipients != []
    assert run_queue(queue_name="renderings", clock=lambda: LATER) == 1
    with enter(world.north.scope()):
        invoice.refresh_from_db()
        assert invoice.pdf_id is not None
        assert [row.pk for row in Dispatch.objects.all()] == [row.pk for row in first]
        assert OutgoingMail.objects.filter(purpose_key__startswith="invoice:").count() == len(first)
        assert Entry.objects.filter(verb="invoice.dispatched").count() == 1
