"""The pages of agreements: from a template to a signature, a new version, blocks, renewals, and what the client sees."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Acceptance, Agreement, AgreementTemplate, AgreementVersion, Block, Invoice, TimeCorrection
from msp.tenancy.context import enter
from tests.billing.reading import page, paths, post, text, today  # noqa: F401
from tests.world import NOW, World
from tickets.models import TimeEntry

from .conftest import Office
from .test_agreements import START, TODAY, agreed, block, users

TERMS = {
    "proration": "days", "true_up": "both", "travel": "as_work", "after_multiplier": "1.5", "day_off_multiplier": "2", "round_step": "15",
    "round_how": "up", "round_per": "visit", "minimum_minutes": "0", "included_minutes": "0", "carry_minutes": "0",
    "grouping": "job", "sent_within_hours": "48", "index_percent": "3", "weekend_counts": "on",
    "items-TOTAL_FORMS": "2", "items-INITIAL_FORMS": "0", "items-0-label": "Users", "items-0-basis": "user",
    "items-0-count_rule": "start", "items-0-quantity": "1", "items-0-at_least": "0", "items-0-unit_price": "25",
    "items-1-basis": "flat", "items-1-count_rule": "start", "items-1-quantity": "1", "items-1-at_least": "0",
}  # fmt: skip


def test_from_a_template_to_a_signature(world: World, office: Office) -> None:
    browser, client = world.north.browser("office_manager"), world.north.one.client
    assert "Prepaid hours" in page(browser, f"/billing/agreements/new/?client={client.slug}")
    asked = {"client": client.pk, "template": "users", "name": "Care", "starts_on": "2026-11-01", "period": "month"}
    assert browser.post("/billing/agreements/new/", asked | {"template": "none"}).status_code == 422
    browser.post("/billing/agreements/new/", asked | {"in_advance": "on"})
    with enter(world.north.scope()):
        made = Agreement.objects.get()
        assert (made.kind, made.is_draft, made.versions.get().includes) == ("fixed", True, ["remote"])
    path = f"/billing/agreements/{made.pk}/"
    assert "Support for each user" in page(browser, f"{path}terms/")
    wrong = browser.post(f"{path}terms/", TERMS | {"items-0-unit_price": ""})
    assert (wrong.status_code, "Write a price." in wrong.content.decode()) == (422, True)
    browser.post(f"{path}terms/", TERMS | {"includes": ["remote", "on_site"]})
    with enter(world.north.scope()):
        version = AgreementVersion.objects.get()
        assert (version.includes, version.items.get().unit_price) == (["remote", "on_site"], 25)
    paper = SimpleUploadedFile("signed.pdf", b"%PDF-1.4 signed", "application/pdf")
    said = {"name": "Anna", "accepted_on": "2026-11-02", "how": "signed", "document": paper}
    browser.post(f"{path}accept/", said)
    with enter(world.north.scope()):
        yes = Acceptance.objects.get()
        assert (yes.name, yes.document_sha256, len(yes.document_sha256)) == ("Anna", yes.document.sha256, 64)
    html = page(browser, path)
    assert "In force" not in html.split("<h1>")[0]
    assert yes.document_sha256 in html
    assert browser.get(f"/billing/agreements/signed/{yes.pk}/").getvalue() == b"%PDF-1.4 signed"
    post(browser, f"{path}template/", name="Our users")
    with enter(world.north.scope()):
        kept = AgreementTemplate.objects.get()
    browser.post("/billing/agreements/new/", asked | {"template": str(kept.pk), "name": "Care two"})
    with enter(world.north.scope()):
        copied = AgreementVersion.objects.get(agreement__name="Care two")
        assert (copied.includes, copied.round_step, copied.items.get().label) == (["on_site", "remote"], 15, "Users")


def test_a_new_version_and_an_end(world: World, office: Office) -> None:
    agreement = agreed(office, world.north.one, items=[users()])
    browser, path = world.north.browser("office_manager"), f"/billing/agreements/{agreement.pk}/"
    early = browser.post(f"{path}terms/", TERMS | {"valid_from": "2025-01-01"})
    assert (early.status_code, "after the one before it" in early.content.decode()) == (422, True)
    browser.post(f"{path}terms/", TERMS | {"valid_from": "2027-01-01", "because": "New prices"})
    with enter(world.north.scope()):
        assert [version.because for version in AgreementVersion.objects.order_by("number")] == ["", "New prices"]
    assert "Say its last day" in post(browser, f"{path}end/", reason="Moved away")
    post(browser, f"{path}end/", reason="Moved away", on="2026-12-31")
    with enter(world.north.scope()):
        assert Agreement.objects.get().ended_on == date(2026, 12, 31)


def test_periods_blocks_and_corrections_from_their_pages(world: World, office: Office) -> None:
    issued = office.issued(world.north.one)
    agreement = agreed(office, world.north.one, items=[users()], starts_on=NOW.date().replace(day=1))
    browser, path = world.north.browser("office_manager"), f"/billing/agreements/{agreement.pk}/"
    assert "1 period is not charged yet." in page(browser, path)
    assert "1 period is drafted." in post(browser, f"{path}charge/")
    assert "Every period is charged." in post(browser, f"{path}charge/")
    values = {"unit": "minutes", "size": "10", "price": "700", "valid_from": "2026-01-01"}
    browser.post(f"{path}blocks/new/", values | {"notice_days": "30", "low_percent": "20"})
    with enter(world.north.scope()):
        made = Block.objects.get()
        assert (made.size, made.left, made.price) == (600, 600, 700)
        entry = TimeEntry.objects.get()
    assert "10.00 of 10.00 h" in text(page(browser, f"/billing/blocks/{made.pk}/"))
    browser.post(f"/billing/blocks/{made.pk}/bill/")
    with enter(world.north.scope()):
        assert Invoice.objects.latest("created_at", "id").net == 700
    assert "Correct" in page(browser, f"/billing/invoices/{issued.pk}/")
    fix = f"/billing/invoices/{issued.pk}/time/{entry.pk}/correct/"
    assert browser.post(fix, {"minutes": "60", "reason": "Same"}).status_code == 422
    browser.post(fix, {"minutes": "30", "reason": "Lunch"})
    with enter(world.north.scope()):
        assert TimeCorrection.objects.get().minutes == -30


def test_the_renewals_queue(world: World, office: Office) -> None:
    agreement = agreed(office, world.north.one, ends_on=TODAY + timedelta(days=100), renewal="ask", name="Old care")
    block(office, agreement, 60, expires_on=TODAY + timedelta(days=10))
    agreed(office, world.north.two, ends_on=TODAY + timedelta(days=400), name="Far away")
    browser = world.north.browser("office_manager")
    html = page(browser, "/billing/agreements/renewals/")
    assert "Old care" in html
    assert "Far away" not in html
    post(browser, f"/billing/agreements/{agreement.pk}/renew/")
    with enter(world.north.scope()):
        assert Agreement.objects.get(pk=agreement.pk).ends_on == date(2028, 3, 3)


def test_a_client_sees_its_own_agreements(world: World, office: Office) -> None:
    agreement = agreed(office, world.north.one, {"included_text": "Remote help"}, items=[users()], name="Care of one")
    block(office, agreement, 600)
    agreed(office, world.north.two, name="Care of two")
    html = page(world.north.portal(world.north.one.anna), "/portal/agreements/")
    assert "Care of one" in html
    assert "Remote help" in html
    assert "10.00 of 10.00 h" in text(html)
    assert "Care of two" not in html
    panel = page(world.north.browser("office_manager"), f"/billing/clients/{world.north.one.client.slug}/agreements/")
    assert "Care of one" in panel


@pytest.mark.parametrize("path", ["/billing/agreements/?view=all", "/billing/agreements/renewals/", "one"])
def test_pages_ask_the_same_for_one_and_for_three(world: World, office: Office, path: str) -> None:
    browser, asked = world.north.browser("office_manager"), []
    first = agreed(office, world.north.one, items=[users()], ends_on=TODAY + timedelta(days=50), renewal="none")
    for size in (1, 3):
        for number in range(size - 1):
            agreed(office, world.north.two, ends_on=TODAY + timedelta(days=60), renewal="none", name=f"More {number}")
            block(office, first, 60, expires_on=TODAY + timedelta(days=9), valid_from=START + timedelta(days=number))
        where = f"/billing/agreements/{first.pk}/" if path == "one" else path
        page(browser, where)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page(browser, where)
        asked.append(len(seen))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("role", ["technician", "read_only"])
def test_who_may_not(world: World, office: Office, role: str) -> None:
    agreement = agreed(office, world.north.one)
    browser = world.north.browser(role)
    for path in ("new/", f"{agreement.pk}/edit/", f"{agreement.pk}/terms/", f"{agreement.pk}/accept/"):
        assert browser.get(f"/billing/agreements/{path}").status_code == 403
    for path in ("activate", "end", "renew", "charge"):
        assert browser.post(f"/billing/agreements/{agreement.pk}/{path}/").status_code == 403
    strangers = world.low.browser("office_manager")
    for path in ("", "edit/", "terms/", "accept/"):
        assert strangers.get(f"/billing/agreements/{agreement.pk}/{path}").status_code == 404


def test_the_list_is_a_table_for_spreadsheets(world: World, office: Office) -> None:
    agreed(office, world.north.one, name="Care")
    answer = world.north.browser("office_manager").get("/billing/agreements/export.csv?view=all")
    lines = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1].split(",")[:3] == ["Harbour Northgate", "Care", "Fixed monthly"]
    assert Decimal(len(lines)) == 2
