"""Above the shop's limit two people approve, and never the same twice nor whoever changed it last."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing import actions
from billing.models import BillingSettings, Invoice, InvoiceLine
from billing.rules.approving import Hands
from billing.rules.refusals import Refused
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office


@pytest.mark.parametrize(
    ("hands", "person", "step", "refused"),
    [
        (Hands(Decimal(100), None, "a"), "a", "enough", ""),
        (Hands(Decimal(100), Decimal(100), "a"), "a", "enough", ""),
        (Hands(Decimal("100.01"), Decimal(100), "a"), "a", "first", ""),
        (Hands(Decimal("100.01"), Decimal(100), "a"), "b", "first", ""),
        (Hands(Decimal("100.01"), Decimal(100), "", "b"), "c", "enough", ""),
        (Hands(Decimal("100.01"), Decimal(100), "a", "a"), "a", "enough", "approved it first"),
        (Hands(Decimal("100.01"), Decimal(100), "a", "b"), "a", "enough", "changed it last"),
        (Hands(Decimal(1), Decimal(0), "a", "b"), "c", "enough", ""),
    ],
)
def test_who_may_be_the_second(hands: Hands, person: str, step: str, refused: str) -> None:
    said = hands.refuses(person)
    assert (hands.step, bool(said), refused in said) == (step, bool(refused), True)


def test_two_people_and_both_are_in_the_log(world: World, office: Office) -> None:
    north = world.north
    owner, manager = (north.staff[role].as_actor() for role in ("owner", "office_manager"))
    office.solved(north.one, 60)
    with enter(north.scope()):
        BillingSettings.objects.update(second_person_above=Decimal(100))
        draft = actions.draft_invoice(client=north.one.client, actor=manager, now=NOW)
        once = actions.approve_invoice(invoice=draft, actor=owner, now=NOW)
        assert (once.status, once.checked_by) == ("draft", north.staff["owner"].name)
        for person, why in ((owner, "approved it first"), (manager, "changed it last")):
            with pytest.raises(Refused, match=why):
                actions.approve_invoice(invoice=draft, actor=person, now=NOW)
        line = InvoiceLine.objects.select_related("invoice").get()
        actions.edit_line(
            line=line, description="Words", detail="Done", quantity=line.quantity, unit_price=line.unit_price,
            reason="", actor=owner, now=NOW,
        )  # fmt: skip
        assert Invoice.objects.get().checked_at is None  # what was approved is not there any more
        actions.approve_invoice(invoice=draft, actor=owner, now=NOW)
        twice = actions.approve_invoice(invoice=draft, actor=manager, now=NOW)
        assert (twice.status, twice.approved_by) == ("approved", north.staff["office_manager"].name)
        said = (
            Entry.objects.filter(verb__startswith="invoice.approved").order_by("id").values_list("verb", "actor_name")
        )
        names = north.staff["owner"].name, north.staff["office_manager"].name
        assert list(said) == [
            ("invoice.approved_first", names[0]),
            ("invoice.approved_first", names[0]),
            ("invoice.approved", names[1]),
        ]
        back = actions.recall_invoice(invoice=twice, actor=owner, now=NOW)
        assert (back.checked_at, back.checked_by_id) == (None, "")


def test_the_page_says_who_must_approve(world: World, office: Office) -> None:
    north = world.north
    office.solved(north.one, 60)
    draft = office.draft(north.one)
    with enter(north.scope()):
        BillingSettings.objects.update(second_person_above=Decimal(50))
    owner, manager = (north.browser(role) for role in ("owner", "office_manager"))
    assert "Approve as the first" in manager.get("/billing/review/").content.decode()
    manager.post(f"/billing/invoices/{draft.pk}/approve/")
    page = manager.get(f"/billing/invoices/{draft.pk}/").content.decode()
    assert ("You approved it first" in page, "Approve and send" in page) == (True, True)
    owner.post("/billing/review/approve/", {"pick": str(draft.pk)})
    assert office.again(draft).status == "approved"
