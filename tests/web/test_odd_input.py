"""What nobody types but anybody can send is answered, not stumbled over."""

from __future__ import annotations

import pytest

from billing.actions import draft_invoice
from msp.tenancy.context import enter
from tests.billing.conftest import furnish
from tests.tickets.making import make_ticket
from tests.world import NOW, World

ODD = [
    "/clients/?q=%00",
    "/audit/?until=9999-12-31",
    "/audit/?since=0001-01-01",
    "/audit/?after=WyJcdTAwMDAiLCAiXHUwMDAwIl0",
    "/billing/invoices/?q=%00",
    "/billing/invoices/?q=%C2%B2",
    "/mail/?q=%00",
    "/search/?q=%00",
    "/search/palette?q=%00",
    "/tickets/?q=%00",
    "/tickets/new/?q=%00",
    "/tickets/new/?client=%00",
    "/tickets/clients/?client=%00",
    "/time/?day=0001-01-01",
    "/time/?day=9999-12-31",
]


@pytest.mark.parametrize("path", ODD)
def test_an_odd_address_has_an_answer(world: World, path: str) -> None:
    make_ticket(world.north)
    assert world.north.browser("owner").get(path).status_code == 200


def test_a_colour_of_thousands_of_digits_is_none(world: World) -> None:
    assert world.north.browser("owner").get("/brand.css?h=" + "1" * 5000).status_code == 404


@pytest.mark.parametrize(
    "values",
    [{"ticket": "²"}, {"day": "0001-01-01"}, {"day": "9999-12-31", "start": "23:59"}],
)
def test_odd_time_is_refused(world: World, values: dict[str, str]) -> None:
    make_ticket(world.north)
    good = {"ticket": "1", "day": "2026-11-20", "start": "09:00", "minutes": "60", "work_type": "remote"}
    assert world.north.browser("owner").post("/time/", good | values).status_code == 422


def test_odd_small_forms_are_answered(world: World) -> None:
    browser = world.north.browser("owner")
    make_ticket(world.north)
    assert browser.post("/tickets/bulk/", {"do": "status:solved", "pick": ["²", "1"]}).status_code == 302
    assert browser.post("/tickets/1/subject/", {"was": "Printer jams", "text": "Printer\0 burns"}).status_code == 302
    assert "Printer burns" in browser.get("/tickets/1/").content.decode()


def test_odd_billing_is_answered(world: World) -> None:
    office, browser = furnish(world.north), world.north.browser("owner")
    invoice = office.issued(world.north.one)
    paid = {"amount": "1", "paid_on": "2026-11-20", "method": "cash"}
    browser.post(f"/billing/invoices/{invoice.pk}/payments/new/", paid)
    with enter(world.north.scope()):
        payment = invoice.payments.get()
    assert browser.post(f"/billing/payments/{payment.pk}/void/", {"reason": "x" * 500}).status_code == 302
    office.solved(world.north.two, 60)
    with enter(world.north.scope()):
        assert invoice.payments.count() == 2
        draft = draft_invoice(client=world.north.two.client, actor=office.actor, now=NOW)
    late = browser.post(f"/billing/invoices/{draft.pk}/edit/", {"payment_days": "9000"})
    assert late.status_code == 422
