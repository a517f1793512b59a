"""A month of work becomes one right invoice: checked, mended, approved by two, queried by the client, reminded of, and paid."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from billing.actions import change_care_settings
from billing.choices import RELEASES, RENDERINGS
from billing.choices.care import DUNNING_ROUNDS, DUNNING_SWEEPS
from billing.models import BillingSettings, Invoice
from msp.accounts.models import Membership
from msp.jobs.actions import run_queue
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.billing.conftest import furnish
from tests.world import ShopWorld, World

from .conftest import Visitor

ASKED = "Nobody came on that day."
ANSWER = "Tom was there from nine, see the note on the ticket."


@pytest.fixture
def month(world: World, monkeypatch: pytest.MonkeyPatch) -> ShopWorld:
    """Three finished jobs of one client, the dearest of them without a word about what was done; two must approve above £100."""
    now = timezone.now()
    monkeypatch.setattr("tests.billing.conftest.NOW", now)
    north, office = world.north, furnish(world.north)
    for days, minutes, subject, note in (
        (26, 60, "New laptop for reception", "Set up the laptop and moved the mail"),
        (12, 45, "Printer prints blank pages", "Replaced the drum"),
        (3, 55, "Server room is too warm", ""),
    ):
        office.solved(north.one, minutes, note=note, subject=subject, solved_at=now - timedelta(days=days))
    with enter(north.scope()):
        BillingSettings.objects.update(second_person_above=100)
        change_care_settings(values={"reminds": True}, actor=office.actor, now=now)
    return north


def fix_the_failed_check(page: Page) -> None:
    """Draft the month, follow the fix button of what holds it, and approve as the first."""
    page.goto("/billing/unbilled/")
    page.locator("button[name=only]").click()
    page.goto("/billing/review/")
    expect(page.locator("#review")).to_contain_text("A line does not say what was done")
    expect(page.get_by_role("button", name="Approve as the first")).to_be_disabled()
    wordless = page.locator(".checks li", has_text="A line does not say what was done")
    wordless.get_by_role("link", name="Change the line").click()
    page.fill("#id_detail", "Cleaned the filters and set the fans")
    page.get_by_role("button", name="Save").click()
    page.goto("/billing/review/")
    page.get_by_role("button", name="Approve as the first").click()
    expect(page.locator("#review")).to_contain_text("a second person must, too")


def work(now: datetime) -> None:
    """What the workers do until `now`."""
    for queue in (RELEASES, RENDERINGS, "mail", DUNNING_SWEEPS, DUNNING_ROUNDS):
        run_queue(queue_name=queue, clock=lambda: now)


def query_a_line(page: Page) -> None:
    page.goto("/portal/invoices/")
    page.get_by_role("link", name="INV-0001").first.click()
    page.get_by_role("link", name="Query this line").last.click()
    page.locator("textarea").fill(ASKED)
    page.get_by_role("button", name="Send the question").click()
    expect(page.locator("main")).to_contain_text(ASKED)


def pay(page: Page, invoice: Invoice, amount: str) -> None:
    page.goto(f"/billing/invoices/{invoice.pk}/payments/new/")
    page.fill("#id_amount", amount)
    page.get_by_role("button", name="Save").click()


def pdf_text(page: Page, invoice: Invoice) -> str:
    answer = page.request.get(f"/portal/invoices/{invoice.pk}/pdf/")
    assert answer.status == 200
    return "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.body())).pages)


def test_a_month_is_billed_queried_reminded_of_and_paid(visitor: Visitor, month: ShopWorld, tmp_path: Path) -> None:
    office, owner = (visitor(month.staff[role]) for role in ("office_manager", "owner"))
    with enter(month.scope()):
        anna = visitor(Membership.objects.get(pk=month.one.anna.membership_id))
    now = timezone.now()
    fix_the_failed_check(office)
    owner.goto("/billing/review/")
    owner.get_by_role("button", name="Approve and send").last.click()
    expect(owner.locator("#review")).to_contain_text("Approved by")
    with override_settings(MEDIA_ROOT=tmp_path):
        work(now + timedelta(minutes=11))
    with enter(month.scope()):
        invoice = Invoice.objects.get(number="INV-0001")
        assert [mail.subject for mail in OutgoingMail.objects.filter(purpose_key__startswith="invoice:")] == [
            "Invoice INV-0001 from Northgate Ltd"
        ]
    assert "Cleaned the filters and set the fans" in pdf_text(anna, invoice)

    query_a_line(anna)
    office.goto("/billing/queries/")
    office.locator("[data-rows] a.t-title").click()
    office.locator("textarea").fill(ANSWER)
    office.get_by_role("button", name="Explain the line").click()
    anna.reload()
    expect(anna.locator("main")).to_contain_text(ANSWER)

    pay(office, invoice, "100.00")
    later = now + timedelta(days=40)
    for hour in range(0, 96, 12):
        work(later + timedelta(hours=hour))
    with enter(month.scope()):
        reminder = OutgoingMail.objects.get(purpose_key__startswith="dunning:")
        assert reminder.to == [month.one.anna.email]
        assert "INV-0001" in reminder.text
        assert "£188.36" in reminder.text  # 2.67 h at 90.00 and 20 % tax, less what was paid

    pay(office, invoice, "188.36")
    expect(office.locator("main")).to_contain_text("Paid")
    anna.goto(f"/portal/invoices/{invoice.pk}/")
    expect(anna.locator("main")).to_contain_text("Nothing is owed on this invoice")
