"""From finished work to a draft and back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing import actions
from billing.models import ClientTerms, Invoice, InvoiceLine, LineTime
from billing.queries.work import finished_work
from billing.rules.refusals import Refused
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World
from tickets.models import TimeEntry

from .conftest import Office


def test_a_draft_has_a_line_a_ticket_at_the_shops_rate(world: World, office: Office) -> None:
    first, second = office.solved(world.north.one, 50, 45), office.solved(world.north.one, 20, note="Reset a password")
    office.solved(world.north.one, 30, solved_at=None)
    office.solved(world.north.two, 60)
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        lines = list(InvoiceLine.objects.filter(invoice=invoice).order_by("position"))
        assert [
            (x.description, x.detail, str(x.quantity), x.unit, x.unit_price, x.amount, x.tax_rate) for x in lines
        ] == [
            (f"#{first.number} {first.subject}", "Replaced the switch", "1.58", "hour", 90, Decimal("142.20"), 20),
            (f"#{second.number} {second.subject}", "Reset a password", "0.33", "hour", 90, Decimal("29.70"), 20),
        ]
        assert (invoice.net, invoice.tax, invoice.total) == (Decimal("171.90"), Decimal("34.38"), Decimal("206.28"))
        assert (invoice.status, invoice.number, invoice.currency) == ("draft", None, "GBP")
        assert (invoice.work_finished_at, invoice.recipients) == (first.solved_at, [world.north.one.anna.email])
        billed = TimeEntry.objects.filter(locked_because="It is on an invoice")
        assert {entry.ticket_id for entry in billed} == {first.pk, second.pk}
        assert LineTime.objects.count() == billed.count() == 3
        entry = Entry.objects.get(verb="invoice.drafted")
        assert (entry.subject_id, entry.client_id, entry.data) == (
            invoice.pk,
            invoice.client_id,
            {"client": "Harbour Northgate", "entries": 3},
        )


def test_a_line_explains_itself(world: World, office: Office) -> None:
    office.solved(world.north.one, 50, 45)
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        why = InvoiceLine.objects.get(invoice=invoice).why
    assert (why.minutes, why.rate, why.rate_is_own) == (95, Decimal(90), False)
    assert [(worked.who, worked.minutes, worked.note) for worked in why.entries] == [
        ("Technician Northgate", 50, "Replaced the switch"),
        ("Technician Northgate", 45, "Replaced the switch"),
    ]


def test_the_clients_own_terms_win(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    with enter(world.north.scope()):
        ClientTerms.objects.create(
            client=world.north.one.client,
            hourly_rate=Decimal("75.50"),
            tax_treatment="reverse_charge",
            tax_id="DE123",
            tax_reason="Article 196",
            payment_days=30,
            po_number="PO-7",
            invoice_email="Accounts@harbour.example",
        )
    invoice = office.draft(world.north.one)
    assert (invoice.net, invoice.tax, invoice.total) == (Decimal("75.50"), 0, Decimal("75.50"))
    assert (invoice.payment_days, invoice.po_number, invoice.buyer_tax_id) == (30, "PO-7", "DE123")
    assert (invoice.tax_reason, invoice.recipients) == ("Article 196", ["accounts@harbour.example"])


def test_nothing_left_to_draft_is_refused(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    office.draft(world.north.one)
    with pytest.raises(Refused, match="no unbilled work"):
        office.draft(world.north.one)
    with enter(world.north.scope()):
        assert Invoice.objects.count() == 1


def test_open_tickets_are_drafted_on_request(world: World, office: Office) -> None:
    office.solved(world.north.one, 30, solved_at=None)
    with pytest.raises(Refused):
        office.draft(world.north.one)
    invoice = office.draft(world.north.one, with_open_tickets=True)
    assert (invoice.net, invoice.work_finished_at) == (Decimal("45.00"), None)


def test_a_client_in_another_currency_needs_its_own_rate(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    client = world.north.one.client
    with enter(world.north.scope()):
        client.currency = "EUR"
        client.save(update_fields=["currency"])
    with pytest.raises(Refused, match="hourly rate"):
        office.draft(world.north.one)
    with enter(world.north.scope()):
        [work] = finished_work(client)
        assert (work.terms.is_complete, work.amount, work.lacks_rate) == (False, None, True)
        values = {"hourly_rate": Decimal("100.00")}
        actions.change_client_terms(client=client, values=values, actor=office.actor, now=NOW)
    assert office.draft(world.north.one).total == Decimal("120.00")


def test_discarding_frees_the_time(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        actions.discard_draft(invoice=invoice, actor=office.actor, now=NOW)
        assert Invoice.objects.get().status == "discarded"
        assert not LineTime.objects.exists()
        assert [work.amount for work in finished_work()] == [Decimal("90.00")]
        assert list(Entry.objects.filter(subject_id=invoice.pk).order_by("id").values_list("verb", flat=True)) == [
            "invoice.drafted",
            "invoice.discarded",
        ]
        with pytest.raises(Refused):
            actions.discard_draft(invoice=invoice, actor=office.actor, now=NOW)
    assert office.draft(world.north.one).total == Decimal("108.00")


def test_the_database_forbids_billing_time_twice(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        link = LineTime.objects.get()
        other = actions.add_line(
            invoice=invoice,
            description="Again",
            detail="",
            quantity=Decimal(1),
            unit="piece",
            unit_price=Decimal(1),
            tax_rate=Decimal(20),
            actor=office.actor,
            now=NOW,
        )
        with pytest.raises(IntegrityError, match="line_time_billed_once"), transaction.atomic():
            LineTime.objects.create(line=other, time_entry_id=link.time_entry_id)


def test_editing_keeps_what_was_changed_and_why(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        line = InvoiceLine.objects.select_related("invoice").get()
        same = {"description": line.description, "detail": "In plain words", "quantity": line.quantity}
        who = {"actor": office.actor, "now": NOW}
        with pytest.raises(Refused, match="Say why"):
            actions.edit_line(line=line, **same, unit_price=Decimal(80), reason=" ", **who)
        with pytest.raises(Refused, match="more decimals"):
            actions.edit_line(line=line, **same, unit_price=Decimal("80.001"), reason="Goodwill", **who)
        actions.edit_line(line=line, **same, unit_price=Decimal(90), reason="", **who)
        actions.edit_line(line=line, **same, unit_price=Decimal(80), reason="Goodwill", **who)
        line.refresh_from_db()
        assert (line.detail, line.amount, [(c.by, c.price, c.reason) for c in line.why.changes]) == (
            "In plain words",
            80,
            [("Office Manager Northgate", Decimal(80), "Goodwill")],
        )
        assert (Invoice.objects.get(pk=invoice.pk).total, line.why.minutes) == (96, 60)
        verbs = Entry.objects.filter(subject_id=invoice.pk).order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["invoice.drafted", "invoice.line_reworded", "invoice.line_repriced"]
        reworded, repriced = Entry.objects.filter(verb__startswith="invoice.line_").order_by("id")
        assert reworded.data["now"]["detail"] == "In plain words"
        assert [Decimal(repriced.data[when]["unit_price"]) for when in ("was", "now")] == [90, 80]


def test_agreed_terms_keep_what_was_and_what_is_now(world: World, office: Office) -> None:
    client = world.north.one.client
    with enter(world.north.scope()):
        for number in ("PO 1", "PO 2"):
            actions.change_client_terms(client=client, values={"po_number": number}, actor=office.actor, now=NOW)
        entry = Entry.objects.filter(verb="billing.terms_changed").order_by("id").last()
        assert entry is not None
        assert (entry.data["was"], entry.data["now"]) == ({"po_number": "PO 1"}, {"po_number": "PO 2"})


def test_removing_a_line_frees_its_time_alone(world: World, office: Office) -> None:
    office.solved(world.north.one, 60, solved_at=NOW - timedelta(hours=47))
    kept = office.solved(world.north.one, 30)
    invoice = office.draft(world.north.one)
    assert invoice.work_finished_at == NOW - timedelta(hours=47)
    with enter(world.north.scope()):
        line = InvoiceLine.objects.select_related("invoice").get(position=1)
        actions.remove_line(line=line, actor=office.actor, now=NOW)
        assert Invoice.objects.get(pk=invoice.pk).net == Decimal("45.00")
        assert LineTime.objects.get().time_entry.ticket_id == kept.pk
        assert [work.minutes for work in finished_work()] == [60]
        assert Invoice.objects.get().work_finished_at == kept.solved_at
        actions.remove_line(line=InvoiceLine.objects.get(), actor=office.actor, now=NOW)
        assert Invoice.objects.get().work_finished_at is None
