"""The office's pages: they work, they refuse, and they ask the database the same for one row and for three."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import actions
from billing.models import Invoice, InvoiceLine, Payment, Receivable, Release
from msp.accounts.models import ShopSettings
from msp.audit.actions import record
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.billing.reading import page, paths, post, text, today  # noqa: F401
from tests.world import ClientWorld, ShopWorld, World

from .conftest import Office


def test_unbilled_work_is_drafted_from_its_page(world: World, office: Office) -> None:
    office.solved(world.north.one, 50, 45)
    office.solved(world.north.two, 60)
    office.solved(world.north.two, 30, solved_at=None)
    browser = world.north.browser("office_manager")
    html = page(browser, "/billing/unbilled/")
    assert "£232.20" in html
    assert "£142.20" in html
    assert "Nobody has drafted it" in html
    after = post(
        browser, "/billing/unbilled/draft/", pick=[str(world.north.one.client.pk), str(world.north.two.client.pk)]
    )
    assert "2 drafts are ready to be checked." in after
    with enter(world.north.scope()):
        drafts = Invoice.objects.order_by("client__name").values_list("client", "net")
        assert list(drafts) == [(world.north.one.client.pk, Decimal("142.20")), (world.north.two.client.pk, 90)]
    assert "Everything finished is billed" in page(browser, "/billing/unbilled/")


def test_a_rows_own_button_wins_over_the_picks(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    office.solved(world.north.two, 60)
    one, two = str(world.north.one.client.pk), str(world.north.two.client.pk)
    post(world.north.browser("office_manager"), "/billing/unbilled/draft/", pick=[one, two], only=[two])
    with enter(world.north.scope()):
        assert Invoice.objects.get().client_id == world.north.two.client.pk


def test_nothing_picked_and_nonsense_draft_nothing(world: World, office: Office) -> None:
    browser = world.north.browser("office_manager")
    assert "Pick a client first." in post(browser, "/billing/unbilled/draft/")
    office_of_low = str(world.low.one.client.pk)
    for asked in ("nonsense", office_of_low):
        browser.post("/billing/unbilled/draft/", {"only": asked})
    with enter(world.north.scope()):
        assert not Invoice.objects.exists()


def test_review_groups_by_what_the_checks_say(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    office.solved(world.north.two, 60, note="")
    good, held = office.draft(world.north.one), office.draft(world.north.two)
    html = page(world.north.browser("office_manager"), "/billing/review/")
    passed = re.search(r"(\d+) of \1 passed", html)
    assert passed
    assert html.index("A line does not say what was done") < passed.start()
    assert re.search(rf'value="{held.pk}"[^>]* disabled', html)
    assert re.search(rf'value="{good.pk}"[^>]* checked', html)
    assert "Change the line" in html


def test_picked_invoices_are_approved_and_the_held_one_is_not(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    office.solved(world.north.two, 60, note="")
    good, held = office.draft(world.north.one), office.draft(world.north.two)
    html = post(
        world.north.browser("office_manager"), "/billing/review/approve/", pick=[str(good.pk), str(held.pk), "x"]
    )
    assert "1 invoice is on its way." in html
    assert "Fix it first." in html
    assert (office.again(good).status, office.again(held).status) == ("approved", "draft")


def test_approve_and_call_back(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    invoice = office.draft(world.north.one)
    browser = world.north.browser("office_manager")
    html = post(browser, f"/billing/invoices/{invoice.pk}/approve/")
    assert f"undo=/billing/invoices/{invoice.pk}/recall/" in html or f"/billing/invoices/{invoice.pk}/recall/" in html
    with enter(world.north.scope()):
        assert Release.objects.get().state == "queued"
    approved = page(browser, f"/billing/invoices/{invoice.pk}/")
    assert (approved.count("Approved by"), approved.count("Call it back")) == (1, 1)
    assert "no number was used" in post(browser, f"/billing/invoices/{invoice.pk}/recall/")
    assert office.again(invoice).status == "draft"


def test_a_draft_is_edited_on_its_pages(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    invoice = office.draft(world.north.one)
    browser, root = world.north.browser("office_manager"), f"/billing/invoices/{invoice.pk}/"
    with enter(world.north.scope()):
        line = InvoiceLine.objects.get()
    new = {
        "description": "Switch",
        "detail": "",
        "quantity": "2",
        "unit": "piece",
        "unit_price": "12.345",
        "tax_rate": "20",
    }
    answer = browser.post(f"{root}lines/new/", new)
    assert (answer.status_code, "more decimals" in answer.content.decode()) == (422, True)
    post(browser, f"{root}lines/new/", **new | {"unit_price": "12.30"})
    change = {
        "description": "Words",
        "detail": "Better",
        "quantity": "1.00",
        "unit_price": "80.00",
        "tax_rate": "20",
        "reason": "",
    }
    answer = browser.post(f"{root}lines/{line.pk}/edit/", change)
    assert (answer.status_code, "Say why" in answer.content.decode()) == (422, True)
    post(browser, f"{root}lines/{line.pk}/edit/", **change | {"reason": "Goodwill"})
    post(browser, f"{root}edit/", po_number="PO-9", payment_days="30")
    after = office.again(invoice)
    assert (after.net, after.po_number, after.payment_days) == (Decimal("104.60"), "PO-9", 30)
    html = page(browser, root)
    assert "Goodwill" in html


def test_a_line_and_a_draft_go_for_a_reason_that_stays(world: World, office: Office) -> None:
    office.solved(world.north.one, 60, 30)
    invoice = office.draft(world.north.one)
    browser, root = world.north.browser("office_manager"), f"/billing/invoices/{invoice.pk}/"
    with enter(world.north.scope()):
        line = InvoiceLine.objects.order_by("position")[0]
    for path in (f"{root}lines/{line.pk}/remove/", f"{root}discard/"):
        assert "Say why." in browser.post(path, follow=True).content.decode()
    assert (office.again(invoice).net, office.again(invoice).status) == (invoice.net, "draft")
    post(browser, f"{root}lines/{line.pk}/remove/", reason="Agreed on the phone")
    assert office.again(invoice).net == invoice.net - line.amount
    post(browser, f"{root}discard/", reason="Billed by the month")
    assert office.again(invoice).status == "discarded"
    with enter(world.north.scope()):
        said = dict(Entry.objects.filter(verb__endswith="_because").values_list("verb", "data__reason"))
    assert said == {
        "invoice.line_removed_because": "Agreed on the phone",
        "invoice.discarded_because": "Billed by the month",
    }


def test_a_payment_is_recorded_and_taken_back(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    browser = world.north.browser("office_manager")
    assert 'value="108.00"' in page(browser, f"/billing/invoices/{invoice.pk}/payments/new/")
    values = {"amount": "100.00", "paid_on": "2026-11-20", "method": "card", "reference": ""}
    html = post(browser, f"/billing/invoices/{invoice.pk}/payments/new/", **values)
    assert "The payment on INV-0001 is recorded." in html
    assert "£8.00" in html
    with enter(world.north.scope()):
        payment = Payment.objects.get()
        assert (payment.amount, payment.method) == (100, "card")
    post(browser, f"/billing/payments/{payment.pk}/void/", reason="Wrong invoice")
    with enter(world.north.scope()):
        assert Receivable.objects.get().owed == 108


def test_a_payment_is_recorded_by_the_invoices_number(world: World, office: Office) -> None:
    office.issued(world.north.one)
    browser = world.north.browser("office_manager")
    values = {"number": "inv-0001", "amount": "108", "paid_on": "2026-11-20", "method": "transfer", "reference": "X"}
    answer = browser.post("/billing/payments/", values | {"number": "INV-9"})
    assert (answer.status_code, "No invoice has this number." in answer.content.decode()) == (422, True)
    assert "The payment on INV-0001 is recorded." in post(browser, "/billing/payments/", **values)
    with enter(world.north.scope()):
        assert Receivable.objects.get().owed == 0


def test_the_list_has_its_views_and_finds(world: World, office: Office) -> None:
    mine, other = office.issued(world.north.one), office.issued(world.north.two)
    office.solved(world.north.one, 60)
    office.draft(world.north.one)
    browser = world.north.browser("office_manager")
    assert page(browser, "/billing/invoices/").count('id="i') == 2
    assert page(browser, "/billing/invoices/", view="draft").count('id="i') == 1
    assert "Nobody is late" in page(browser, "/billing/invoices/", view="overdue")
    assert page(browser, "/billing/invoices/", view="paid").count('id="i') == 0
    for words, found in (("inv-0002", other), ("2", other), ("Harb", mine), ("zzz", None)):
        html = page(browser, "/billing/invoices/", view="all", q=words)
        assert [str(i.pk) in html for i in (mine, other)] == [found is mine, found is other], words


def test_overdue_is_told_by_the_due_day(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        Receivable.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    html = page(world.north.browser("office_manager"), "/billing/invoices/", view="overdue")
    assert str(invoice.pk) in html
    assert "Past due" in html


def test_csv_defuses_formulas(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        client = world.north.one.client
        client.name = "=HYPERLINK(1)"
        client.save(update_fields=["name"])
    office.issued(world.north.one)
    answer = world.north.browser("office_manager").get("/billing/invoices/export.csv", {"view": "all"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    row = answer.content.decode().splitlines()[1].split(",")
    assert (row[0], row[1], row[4:]) == (
        "INV-0001",
        "'=HYPERLINK(1)",
        ["GBP", "90.00", "18.00", "108.00", "0.00", "108.00", "Invoice"],
    )


def test_an_invoice_without_work_is_begun_on_the_clients_page(world: World, office: Office) -> None:
    browser, client = world.north.browser("office_manager"), world.north.one.client
    answer = browser.post(f"/billing/clients/{client.slug}/new/")
    with enter(world.north.scope()):
        invoice = Invoice.objects.get()
        assert (invoice.client_id, invoice.total, invoice.status) == (client.pk, 0, "draft")
    assert answer.headers["Location"] == f"/billing/invoices/{invoice.pk}/lines/new/"
    values = {
        "description": "Switch",
        "detail": "",
        "quantity": "2",
        "unit": "piece",
        "unit_price": "50",
        "tax_rate": "20",
    }
    post(browser, answer.headers["Location"], **values)
    post(browser, f"/billing/invoices/{invoice.pk}/approve/")
    assert (office.again(invoice).status, office.again(invoice).total) == ("approved", 120)
    for role in ("technician", "read_only"):
        assert world.north.browser(role).post(f"/billing/clients/{client.slug}/new/").status_code == 403
    assert world.low.browser("owner").post(f"/billing/clients/{client.slug}/new/").status_code == 404


def test_the_clients_panel_shows_balance_and_invoices(world: World, office: Office) -> None:
    office.issued(world.north.one)
    office.solved(world.north.one, 30)
    html = text(page(world.north.browser("office_manager"), f"/billing/clients/{world.north.one.client.slug}/panel/"))
    assert "£108.00" in html
    assert "INV-0001" in html
    assert "0:30 finished, £45.00" in html
    assert "£90.00 an hour" in html


def queries(browser: Browser, path: str) -> int:
    """How often a page asks billing's and the tickets' tables; what the shell around it asks is other tests' matter."""
    browser.get(path)
    with CaptureQueriesContext(connection) as found:
        assert browser.get(path).status_code == 200
    asked = [query["sql"] for query in found]
    return len([sql for sql in asked if re.search(r'from "(billing|tickets_timeentry)', sql, re.IGNORECASE)])


def three_more(office: Office, shop: ShopWorld, client: ClientWorld, kind: str) -> None:
    for _ in range(2):
        if kind == "issued":
            issued = office.issued(client)
            with enter(shop.scope()):
                actions.record_payment(
                    invoice=issued, amount=Decimal(5), paid_on=timezone.localdate(), method="cash", reference="",
                    actor=office.actor, now=timezone.now(),
                )  # fmt: skip
        else:
            office.solved(client, 30, 30, **({"solved_at": None} if kind == "open" else {}))
            if kind == "draft":
                office.draft(client)


@pytest.mark.parametrize(
    ("path", "kind", "number"),
    [
        ("/billing/unbilled/", "work", 12),
        ("/billing/unbilled/open/", "open", 6),
        ("/billing/review/", "draft", 21),
        ("/billing/invoices/", "issued", 7),
        ("/billing/invoices/?view=draft", "draft", 6),
        ("/billing/payments/", "issued", 4),
        ("/billing/overdue/", "issued", 7),
        ("/billing/statements/", "issued", 3),
    ],
)
def test_lists_ask_the_same_for_one_and_three(world: World, office: Office, path: str, kind: str, number: int) -> None:
    browser = world.north.browser("owner")
    three_more(office, world.north, world.north.one, kind)
    few = queries(browser, path)
    three_more(office, world.north, world.north.two, kind)
    assert (few, queries(browser, path)) == (number, number)


def test_time_on_open_tickets_stands_apart(world: World, office: Office) -> None:
    for minutes in (30, 45, 60, 15):
        ticket = office.solved(world.north.one, minutes, solved_at=None)
    browser = world.north.browser("office_manager")
    assert "Everything finished is billed" in page(browser, "/billing/unbilled/")
    html = page(browser, "/billing/unbilled/open/")
    assert "2:30" in html
    assert "and 1 more" in html
    assert f"#{ticket.number}<" not in html
    post(browser, "/billing/unbilled/draft/", only=str(world.north.one.client.pk), with_open="1")
    assert "No billable time waits" in page(browser, "/billing/unbilled/open/")


def test_a_shop_without_rates_is_told_what_to_do(world: World) -> None:
    with enter(world.north.scope()):
        ShopSettings.objects.update(address="")
    office = Office(world.north, world.north.staff["owner"].as_actor())
    office.solved(world.north.one, 60)
    browser = world.north.browser("owner")
    html = page(browser, "/billing/unbilled/")
    assert "No hourly rate is set" in html
    assert "/settings/billing/" in html
    answer = post(browser, "/billing/unbilled/draft/", only=str(world.north.one.client.pk))
    assert "Set an hourly rate and a tax rate first" in answer


PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.parametrize("path", ["/billing/unbilled/", "/billing/review/"])
def test_a_page_left_open_asks_for_its_news(world: World, office: Office, path: str) -> None:
    office.solved(world.north.one, 60)
    browser = world.north.browser("office_manager")
    [mark] = re.findall(r'name="seen" value="([^"]+)"', page(browser, path))
    assert browser.get(path, {"seen": mark}, headers=PART).status_code == 204
    office.solved(world.north.two, 60)
    news = browser.get(path, {"seen": mark}, headers=PART)
    assert (news.status_code, "<!doctype" in news.content.decode().lower()) == (200, False)
    assert mark not in news.content.decode()


def test_an_invoice_on_its_way_is_drawn_anew_when_it_has_moved_on(world: World, office: Office) -> None:
    invoice = office.approved(world.north.one)
    browser = world.north.browser("office_manager")
    path = f"/billing/invoices/{invoice.pk}/state/"
    assert f"{path}?was=approved" in page(browser, f"/billing/invoices/{invoice.pk}/")
    assert "HX-Refresh" not in browser.get(path, {"was": "approved"}).headers
    with enter(world.north.scope()):
        actions.issue_invoice(invoice=invoice, actor=office.actor, now=timezone.now())
    assert browser.get(path, {"was": "approved"}).headers["HX-Refresh"] == "true"
    assert "PDF is being made" in page(browser, path, was="issued")


def test_who_sees_a_ticket_or_an_invoice_pages_through_all_that_was_done_to_it(world: World, office: Office) -> None:
    north, ticket = world.north, office.solved(world.north.one, 60)
    invoice = office.draft(north.one)
    with enter(north.scope()):
        for subject in (ticket, invoice):
            for _number in range(20):
                record(actor=north.staff["owner"].as_actor(), verb="timer.started", subject=subject, now=timezone.now())
    for subject in (ticket, invoice):
        path = f"/audit/{subject._meta.label_lower}/{subject.pk}/"
        page = north.browser("office_manager").get(path).content.decode()
        assert (page.count('<li id="a'), "Older activity" in page) == (15, True)
        assert world.low.browser("owner").get(path).status_code == 404
    assert north.browser("technician").get(path).status_code == 403
    assert (
        f'href="/audit/tickets.ticket/{ticket.pk}/"' in north.browser("technician").get("/tickets/1/").content.decode()
    )
