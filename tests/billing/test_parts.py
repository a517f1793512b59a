"""Parts and expenses: on the ticket, agreed to where the margin is odd, and lines of the invoice once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from billing import actions
from billing.models import BillingSettings, Invoice, InvoiceLine, Part
from billing.queries.work import finished_work
from billing.rules.margins import is_outside, margin
from billing.rules.refusals import Refused
from msp.tenancy.context import enter
from tests.world import NOW, World
from tickets.models import Ticket

from .conftest import Office


@pytest.mark.parametrize(
    ("cost", "price", "percent", "outside"),
    [
        ("80", "100", "20.0", False),
        ("90.01", "100", "10.0", True),  # 9.99 is below 10, whatever is printed
        ("60", "100", "40.0", False),
        ("59", "100", "41.0", True),
        ("120", "100", "-20.0", True),
        ("0", "0", None, False),
        ("1", "0", None, True),  # given away
    ],
)
def test_the_band(cost: str, price: str, percent: str | None, outside: bool) -> None:
    least, most = Decimal(10), Decimal(40)
    assert margin(Decimal(cost), Decimal(price)) == (Decimal(percent) if percent else None)
    assert is_outside(Decimal(cost), Decimal(price), least, most) is outside
    assert not is_outside(Decimal(cost), Decimal(price), None, None)


def values(**given: Any) -> dict[str, Any]:
    said = {"kind": "part", "description": "Switch, 8 ports", "serial": "SN-77", "old_part": "returned"}
    return said | {"quantity": Decimal(2), "cost": Decimal("40.00"), "price": Decimal("50.00")} | given


def add(world: World, office: Office, ticket: Ticket, **given: Any) -> Part:
    technician = world.north.staff["technician"].as_actor()
    with enter(world.north.scope()):
        return actions.add_part(ticket=ticket, actor=technician, now=NOW, **values(**given))


def test_a_part_becomes_a_line_and_is_free_again_when_the_draft_goes(world: World, office: Office) -> None:
    ticket = office.solved(world.north.one, 60)
    part = add(world, office, ticket)
    with enter(world.north.scope()):
        (waiting,) = finished_work(world.north.one.client)
        assert waiting.amount == Decimal(190)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()):
        line = InvoiceLine.objects.get(position=2)
        assert (line.description, line.quantity, line.unit_price, line.amount, line.tax_rate) == (
            "Switch, 8 ports", 2, 50, 100, 20,
        )  # fmt: skip
        assert line.detail == "Serial number SN-77\nThe old part: Goes back to the supplier"
        assert (draft.net, Part.objects.get().line_id) == (Decimal(190), line.pk)
        with pytest.raises(Refused, match="on an invoice"):
            actions.change_part(part=part, actor=office.actor, now=NOW, **values(price=Decimal(60)))
        actions.discard_draft(invoice=draft, actor=office.actor, now=NOW)
        assert Part.objects.get().line_id is None
    again = office.draft(world.north.one)
    with enter(world.north.scope()):
        actions.remove_line(
            line=InvoiceLine.objects.select_related("invoice").get(position=2, invoice=again),
            actor=office.actor,
            now=NOW,
        )
        assert (Part.objects.get().line_id, Invoice.objects.get(pk=again.pk).net) == (None, 90)


def test_a_ticket_with_parts_alone_is_billed_and_the_issued_part_stays(world: World, office: Office) -> None:
    ticket = office.solved(world.north.one)
    part = add(world, office, ticket)
    draft = office.draft(world.north.one)
    assert (draft.net, draft.work_finished_at) == (Decimal(100), ticket.solved_at)
    with enter(world.north.scope()):
        actions.approve_invoice(invoice=draft, actor=office.actor, now=NOW)
        actions.issue_invoice(invoice=draft, actor=office.actor, now=NOW)
        with pytest.raises(DatabaseError, match="issued invoice"), transaction.atomic():
            Part.objects.filter(pk=part.pk).update(line=None)


def test_an_odd_margin_waits_for_somebody_else(world: World, office: Office) -> None:
    ticket = office.solved(world.north.one, 60)
    with enter(world.north.scope()):
        BillingSettings.objects.update(least_margin=Decimal(10), most_margin=Decimal(40))
    part = add(world, office, ticket, price=Decimal("41.00"))
    assert (part.needs_approval, part.waits_for_approval) == (True, True)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()):
        assert draft.lines.count() == 1
        technician = world.north.staff["technician"].as_actor()
        for who, why, said in ((office.actor, " ", "Say why"), (technician, "Fine", "Somebody else")):
            with pytest.raises(Refused, match=said):
                actions.approve_part(part=part, because=why, actor=who, now=NOW)
        actions.approve_part(part=part, because="Sold at cost", actor=office.actor, now=NOW)
    assert office.draft(world.north.one).net == Decimal(82)


def test_the_pages_of_a_ticket(world: World, office: Office) -> None:
    ticket = office.solved(world.north.one, 60)
    technician, manager = (world.north.browser(role) for role in ("technician", "office_manager"))
    root = f"/billing/tickets/{ticket.number}/parts/"
    assert "None. What you build in" in technician.get(root).content.decode()
    form = {name: str(value) for name, value in values(price="41.00").items()}
    with enter(world.north.scope()):
        BillingSettings.objects.update(least_margin=Decimal(10))
    assert technician.post(f"{root}new/", form | {"cost": "x"}).status_code == 422
    key = {"form_key": "0192b6a0-0000-7000-8000-000000000001"}
    for _ in range(2):
        assert technician.post(f"{root}new/", form | key).status_code == 302
    with enter(world.north.scope()):
        part = Part.objects.get()
    assert technician.post(f"{root}{part.pk}/approve/", {"reason": "Mine"}).status_code == 403
    page = manager.get(root).content.decode()
    assert ("margin 2.4 %" in page, "Why is the price right?" in page) == (True, True)
    assert "margin 2.4" not in technician.get(root).content.decode()
    manager.post(f"{root}{part.pk}/approve/", {"reason": "Goodwill"})
    assert technician.post(f"{root}{part.pk}/edit/", form | {"serial": "SN-78"}).status_code == 302
    technician.post(f"{root}{part.pk}/remove/")
    with enter(world.north.scope()):
        gone = Part.objects.get()
        assert (gone.serial, gone.approved_because, gone.removed_at is None) == ("SN-78", "Goodwill", False)
    assert world.north.browser("read_only").get(f"{root}new/").status_code == 403
    assert world.low.browser("owner").get(f"{root}{part.pk}/edit/").status_code == 404
