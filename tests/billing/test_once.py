"""A form sent twice, by a double click or by Back, books once; with another amount in it, it books again."""

from __future__ import annotations

import re

from billing.models import InvoiceLine, Payment, Receivable
from msp.tenancy.context import enter
from tests.world import World

from .conftest import Office


def test_a_form_sent_twice_books_once(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    office.solved(world.north.two, 60)
    draft = office.draft(world.north.two)
    browser = world.north.browser("office_manager")
    line = {"description": "Switch", "quantity": "1", "unit": "piece", "unit_price": "20", "tax_rate": "20"}
    paid = {"amount": "50.00", "paid_on": "2026-11-20", "method": "card", "reference": ""}
    for path, values in (
        (f"/billing/invoices/{draft.pk}/lines/new/", line),
        (f"/billing/invoices/{invoice.pk}/payments/new/", paid),
        ("/billing/payments/", paid | {"number": "INV-0001", "amount": "20.00"}),
    ):
        (key,) = re.findall(r'name="form_key" value="([^"]+)"', browser.get(path).content.decode())
        for _ in range(2):
            assert browser.post(path, values | {"form_key": key}).status_code == 302
    with enter(world.north.scope()):
        assert InvoiceLine.objects.filter(description="Switch").count() == 1
        assert [payment.amount for payment in Payment.objects.order_by("recorded_at")] == [50, 20]
        assert Receivable.objects.get().owed == 38
    # Back in the browser, and another amount: that is another payment.
    browser.post("/billing/payments/", paid | {"number": "INV-0001", "amount": "5.00", "form_key": key})
    with enter(world.north.scope()):
        assert Receivable.objects.get().owed == 33
