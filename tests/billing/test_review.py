"""The facts that the checks look at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing import actions
from billing.models import ClientTerms, Invoice, InvoiceLine
from billing.queries.review import review
from clients.actions import keep_names
from clients.models import Contact
from msp.tenancy.context import enter
from tests.world import NOW, World
from tickets.models import TimeEntry

from .conftest import Office

CHECK_QUERIES = 17


@pytest.mark.parametrize("written", ["anna@orchard.example", "Anna@Orchard.Example"])
def test_a_recipient_of_another_client_is_found_however_it_is_written(
    world: World, office: Office, written: str
) -> None:
    north = world.north
    office.solved(north.one, 60)
    invoice = office.draft(north.one)
    with enter(north.scope()):
        Contact.objects.filter(pk=north.two.anna.pk).update(email=written)
        ClientTerms.objects.create(client=north.one.client, invoice_email="anna@ORCHARD.example")
        (found,) = review([invoice], NOW)[0].report.errors
        assert (found.check, found.why) == ("own_recipient", "anna@orchard.example")


def test_a_drafts_tax_is_put_right(world: World, office: Office) -> None:
    north, browser = world.north, world.north.browser("office_manager")
    office.solved(north.one, 60)
    invoice = office.draft(north.one)
    root = f"/billing/invoices/{invoice.pk}/"
    fee = {"description": "Book", "quantity": "1", "unit": "piece", "unit_price": "10", "tax_rate": "5"}
    browser.post(f"{root}lines/new/", fee)
    with enter(north.scope()):
        assert review([invoice], NOW)[0].report.findings == ()  # the other rate was chosen by hand
        ClientTerms.objects.create(client=north.one.client, tax_rate=Decimal(7))
        (found,) = review([invoice], NOW)[0].report.warnings
        assert found.check == "tax_of_today"
    assert "Take over the client's tax" in browser.get(root).content.decode()
    browser.post(f"{root}tax/")
    with enter(north.scope()):
        lines = InvoiceLine.objects.order_by("position")
        assert [line.tax_rate for line in lines] == [7, 5]
        assert (office.again(invoice).tax, lines[0].why.changes[0].tax_rate) == (Decimal("6.80"), 7)
        assert review([office.again(invoice)], NOW)[0].report.findings == ()
        charge = {"tax_treatment": "reverse_charge", "tax_id": "DE 1", "tax_reason": "Art. 196"}
        ClientTerms.objects.update(**charge)
    browser.post(f"{root}tax/")
    after = office.again(invoice)
    assert (after.tax, after.tax_treatment, after.tax_reason) == (0, "reverse_charge", "Art. 196")
    # By hand, with its reason.
    with enter(north.scope()):
        line = lines[0]
    change = {"description": "Words", "detail": "Done", "quantity": "1.00", "unit_price": "90.00", "tax_rate": "20"}
    assert browser.post(f"{root}lines/{line.pk}/edit/", change).status_code == 422
    assert browser.post(f"{root}lines/{line.pk}/edit/", change | {"reason": "Sold at home"}).status_code == 302
    with enter(north.scope()):
        assert [found.check for found in review([office.again(invoice)], NOW)[0].report.errors] == ["untaxed"]


def test_terms_without_tax_say_why(world: World, office: Office) -> None:
    path = f"/billing/clients/{world.north.one.client.slug}/terms/"
    answer = world.north.browser("owner").post(path, {"tax_treatment": "zero"})
    assert (answer.status_code, "must print its reason" in answer.content.decode()) == (422, True)


def test_what_a_draft_is_compared_with(world: World, office: Office) -> None:
    """Other clients' names, the same work on another document, a purchase order that is used up: each from the rows."""
    north = world.north
    with enter(north.scope()):
        keep_names(north.two.client)
    office.solved(north.one, 60, note=f"Same as at {north.two.client.name}")
    first = office.draft(north.one)
    with enter(north.scope()):
        checked = review([first], NOW)[0]
        assert [(found.check, found.fix) for found in checked.report.findings] == [("names_nobody_else", "line")]
        assert north.two.client.name in checked.report.findings[0].why
        entry = TimeEntry.objects.get()
        ClientTerms.objects.create(client=north.one.client, po_number="PO 7", po_limit=Decimal(100))
        actions.approve_invoice(invoice=first, reason="They are sisters", actor=office.actor, now=NOW)
        actions.issue_invoice(invoice=first, actor=office.actor, now=NOW)
    office.solved(north.one, 60)
    with enter(north.scope()):
        TimeEntry.objects.filter(locked_because="").update(started_at=entry.started_at)
    again = office.draft(north.one)
    with enter(north.scope()):
        Invoice.objects.filter(pk=first.pk).exclude(status="issued").update(po_number="PO 7")
        report = review([again], NOW)[0].report
        why = {found.check: found.why for found in report.findings}
        assert "INV-0001" in why["billed_once"]
        assert "order_covers" not in why  # 100.00 covers 90.00
        ClientTerms.objects.update(po_limit=Decimal(80))
        (short,) = review([again], NOW)[0].report.errors
        assert (short.check, short.fix) == ("order_covers", "order")


@pytest.mark.parametrize("number", [1, 3])
def test_checking_asks_the_same_however_many(
    world: World, office: Office, number: int, django_assert_num_queries: Any
) -> None:
    drafts = []
    for client in (world.north.one, world.north.two, world.north.one)[:number]:
        office.solved(client, 60)
        drafts.append(office.draft(client))
    with enter(world.north.scope()), django_assert_num_queries(CHECK_QUERIES):
        review(drafts, NOW)
