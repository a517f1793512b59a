"""Settings and terms on their pages, and who may open which page."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.models import BillingSettings, ClientTerms
from msp.tenancy.context import enter
from tests.billing.reading import page, paths, post, text, today  # noqa: F401
from tests.world import World

from .conftest import Office


def test_settings_are_saved_and_numbers_begun(world: World, office: Office) -> None:
    browser = world.north.browser("owner")
    assert "INV-0001" in page(browser, "/settings/billing/")
    values = {
        "hourly_rate": "95", "tax_name": "VAT", "tax_rate": "20", "payment_days": "30", "number_prefix": "N",
        "bank_details": "", "footer": "Thanks", "undo_minutes": "0", "sent_within_hours": "48",
    }  # fmt: skip
    post(browser, "/settings/billing/", **values)
    post(browser, "/settings/billing/numbers/", number="77")
    with enter(world.north.scope()):
        row = BillingSettings.objects.get()
        assert (row.hourly_rate, row.payment_days, row.number_prefix, row.undo_minutes) == (95, 30, "N", 0)
    assert "N0077" in page(browser, "/settings/billing/")
    office.issued(world.north.one)
    answer = browser.post("/settings/billing/", values | {"number_prefix": "N0"})
    assert (answer.status_code, "N0077, which is used already" in answer.content.decode()) == (422, True)
    answer = browser.post("/settings/billing/", values | {"tax_rate": "120"})
    assert answer.status_code == 422


def test_terms_are_saved_for_one_client(world: World, office: Office) -> None:
    browser, client = world.north.browser("office_manager"), world.north.one.client
    path = f"/billing/clients/{client.slug}/terms/"
    wrong = browser.post(path, {"tax_treatment": "reverse_charge"})
    assert (wrong.status_code, wrong.content.decode().count("Reverse charge must print this.") >= 2) == (422, True)
    values = {"tax_treatment": "standard", "hourly_rate": "70.50", "po_required": "on", "grouping": "weekly"}
    browser.post(path, values)
    with enter(world.north.scope()):
        terms = ClientTerms.objects.get()
        assert (terms.client_id, terms.hourly_rate, terms.po_required, terms.grouping) == (
            client.pk, Decimal("70.50"), True, "weekly",
        )  # fmt: skip


STAFF_PAGES = [
    "/billing/unbilled/",
    "/billing/unbilled/open/",
    "/billing/review/",
    "/billing/invoices/",
    "/billing/invoices/export.csv",
]


@pytest.mark.parametrize("role", ["dispatcher", "technician", "read_only"])
def test_roles_without_billing_see_no_amounts(world: World, office: Office, role: str) -> None:
    invoice = office.issued(world.north.one)
    browser = world.north.browser(role)
    wanted = [*STAFF_PAGES, "/billing/payments/", "/settings/billing/", *paths(invoice)]
    wanted.append(f"/billing/clients/{world.north.one.client.slug}/panel/")
    assert {path: browser.get(path).status_code for path in wanted} == dict.fromkeys(wanted, 403)


def test_the_office_manager_changes_no_settings(world: World, office: Office) -> None:
    assert world.north.browser("office_manager").get("/settings/billing/").status_code == 403


def test_another_shops_invoice_is_not_there(world: World, office: Office, low_office: Office) -> None:
    theirs = low_office.issued(world.low.one)
    browser = world.north.browser("owner")
    assert {path: browser.get(path).status_code for path in paths(theirs)} == dict.fromkeys(paths(theirs), 404)
    for verb in ("approve", "recall", "discard", "payments/new"):
        assert browser.post(f"/billing/invoices/{theirs.pk}/{verb}/").status_code == 404
    assert browser.get(f"/billing/clients/{world.low.one.client.slug}/panel/").status_code == 404
    assert theirs.number not in page(browser, "/billing/invoices/", view="all")
