"""Statements of account: what the ledger says, to staff and to the client."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import Settings

from billing import actions
from billing.models import Invoice, StatementPdf
from billing.queries.statements import statement
from msp.files.documents import content_of
from msp.jobs.actions import run_queue
from msp.tenancy.context import enter
from tests.billing.reading import page, post, text, today  # noqa: F401
from tests.world import World

from .conftest import Office

DAY = timedelta(days=1)


@pytest.fixture
def account(world: World, office: Office) -> Invoice:
    """An invoice of 108.00 and 150.00 paid on it and on account, and one of another client."""
    invoice = office.issued(world.north.one)
    office.issued(world.north.two)
    with enter(world.north.scope()):
        now = timezone.now()
        money_in = {"amount": Decimal(150), "paid_on": now.date(), "method": "transfer", "reference": "STMT 7"}
        actions.record_payment(invoice=invoice, actor=office.actor, now=now, **money_in)
    return invoice


def test_it_adds_up_and_leaves_out_what_moves_nothing(world: World, account: Invoice) -> None:
    with enter(world.north.scope()):
        day = account.issued_on
        found = statement(world.north.one.client, "GBP", day - DAY, day)
        assert [(each.entry.number, each.amount, each.balance) for each in found.movements] == [
            ("INV-0001", 108, 108),
            ("STMT 7", -150, -42),
        ]
        assert (found.opening, found.closing, found.is_credit, found.open_items) == (0, -42, True, [])
        later = statement(world.north.one.client, "GBP", day + DAY, day + 2 * DAY)
        assert (later.opening, later.closing, later.movements) == (-42, -42, [])


def test_pages_and_csv_show_it_and_another_shop_has_none(world: World, account: Invoice) -> None:
    browser, slug = world.north.browser("office_manager"), world.north.one.client.slug
    html = text(page(browser, f"/billing/statements/{slug}/"))
    assert "INV-0001" in html
    assert "-£42.00" in html
    table = browser.get(f"/billing/statements/{slug}/export.csv").content.decode()
    assert table.splitlines()[-1].endswith("Balance,,GBP,,,-42.00")
    assert "£42.00" in page(browser, "/billing/statements/", q="har")
    for odd in ({"from": "2026-99-99"}, {"to": "1900-01-01"}, {"from": "2999-01-01", "currency": "XXX"}):
        page(browser, f"/billing/statements/{slug}/", **odd)
    assert world.low.browser("owner").get(f"/billing/statements/{slug}/").status_code == 404
    assert world.north.browser("technician").get(f"/billing/statements/{slug}/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_worker_makes_the_pdf_once_for_shop_and_client(
    world: World, account: Invoice, settings: Settings, tmp_path: Path
) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    contact, slug = world.north.portal(world.north.one.anna), world.north.one.client.slug
    html = page(contact, "/portal/statement/")
    assert "INV-0001" in html
    assert "INV-0002" not in html
    assert "The PDF is being made" in post(contact, "/portal/statement/make/")
    post(world.north.browser("office_manager"), f"/billing/statements/{slug}/make/")
    with enter(world.north.scope()):
        [row] = StatementPdf.objects.all()
    assert contact.get(f"/portal/statement/pdf/{row.pk}/").status_code == 404
    assert run_queue(queue_name="statements", clock=timezone.now) == 1
    with enter(world.north.scope()):
        pdf = StatementPdf.objects.select_related("pdf").get().pdf
        words = "".join(each.extract_text() for each in PdfReader(BytesIO(content_of(pdf))).pages)
    assert "INV-0001" in words
    assert "-£42.00" in words
    for browser, path in ((contact, "/portal/statement/"), (world.north.browser("owner"), "/billing/statements/")):
        assert b"".join(browser.get(f"{path}pdf/{row.pk}/").streaming_content).startswith(b"%PDF")
    other = world.north.portal(world.north.two.anna)
    assert other.get(f"/portal/statement/pdf/{row.pk}/").status_code == 404
    assert "INV-0001" not in page(other, "/portal/statement/")
