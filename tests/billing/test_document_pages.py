"""Pages of corrections, taxes and document settings, and what the portal shows of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing import actions
from billing.models import BillingSettings, ClientTerms, Invoice, InvoiceLine, TaxRate
from billing.queries.review import review
from billing.queries.terms import terms_for
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office

D = Decimal
RATE = {
    "name": "", "valid_from": "2027-01-01", "category": "S", "rate": "22", "second_name": "", "second_rate": "0",
    "exemption_code": "", "exemption_reason": "",
}  # fmt: skip


def issued_note(office: Office, invoice: Invoice) -> Invoice:
    """In the shop's scope."""
    note = actions.credit_invoice(invoice=invoice, reason="Wrong switch", actor=office.actor, now=NOW)
    note = actions.approve_invoice(invoice=note, actor=office.actor, now=NOW, reason="Right")
    return actions.issue_invoice(invoice=note, actor=office.actor, now=NOW)


def test_a_part_is_credited_on_its_page(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    browser, path = world.north.browser("office_manager"), f"/billing/invoices/{invoice.pk}/credit-note/"
    with enter(world.north.scope()):
        field = f"line_{InvoiceLine.objects.get().pk.hex}"
    assert 'value="90.00"' in browser.get(path).content.decode()
    for values in ({"reason": "", field: "10"}, {"reason": "x", field: "90.01"}, {"reason": "x", field: ""}):
        answer = browser.post(path, values)
        assert answer.status_code == 422
        assert f'value="{values[field]}"' in answer.content.decode() or not values[field]
    answers = [browser.post(path, {"reason": "Too much", field: "10.00"}) for _ in range(2)]  # the second: sent twice
    with enter(world.north.scope()):
        [note] = Invoice.objects.filter(kind="credit_note")
        assert (note.status, note.net, note.tax, note.correction_reason) == ("draft", 10, 2, "Too much")
    assert {answer.headers["Location"] for answer in answers} == {f"/billing/invoices/{note.pk}/"}
    assert "Draft: Credit note" in browser.get(f"/billing/invoices/{note.pk}/").content.decode()
    assert "Too much" in browser.get(f"/billing/invoices/{invoice.pk}/").content.decode()
    for role in ("technician", "read_only"):
        assert world.north.browser(role).post(path, {}).status_code == 403
    assert world.low.browser("owner").get(path).status_code == 404
    draft = browser.get(f"/billing/invoices/{note.pk}/credit-note/")
    assert draft.status_code == 404


def test_a_debit_note_is_begun_on_its_page(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    browser, path = world.north.browser("office_manager"), f"/billing/invoices/{invoice.pk}/debit-note/"
    assert browser.post(path, {"reason": ""}).status_code == 422
    answer = browser.post(path, {"reason": "The cable was forgotten"})
    with enter(world.north.scope()):
        note = Invoice.objects.get(kind="debit_note")
    assert answer.headers["Location"] == f"/billing/invoices/{note.pk}/lines/new/"


def test_lists_and_portal_name_the_kind(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        note = issued_note(office, invoice)
        offer = actions.start_draft(client=world.north.one.client, actor=office.actor, now=NOW, kind="proforma")
        actions.add_line(
            invoice=offer, description="Server", detail="", quantity=D(1), unit="piece", unit_price=D(500), tax_rate=D(20),
            actor=office.actor, now=NOW,
        )  # fmt: skip
        offer = actions.approve_invoice(invoice=offer, actor=office.actor, now=NOW, reason="Right")
        offer = actions.issue_invoice(invoice=offer, actor=office.actor, now=NOW)
    staff, anna = world.north.browser("office_manager"), world.north.portal(world.north.one.anna)
    everything = staff.get("/billing/invoices/", {"view": "all"}).content.decode()
    assert (everything.count("Credit note"), "\N{MINUS SIGN}£108.00" in everything, offer.number in everything) == (
        1,
        True,
        False,
    )
    assert str(offer.number) in staff.get("/billing/invoices/", {"view": "proforma"}).content.decode()
    portal = anna.get("/portal/invoices/").content.decode()
    assert ("Credit note" in portal, str(offer.number) in portal) == (True, True)
    for shown, words in ((note, "To your credit"), (offer, "the invoice follows"), (invoice, "Nothing is owed")):
        html = anna.get(f"/portal/invoices/{shown.pk}/").content.decode()
        assert words in html
        assert f"{shown.get_kind_display()} {shown.number}" in html
        assert world.north.portal(world.north.two.anna).get(f"/portal/invoices/{shown.pk}/").status_code == 404
    answer = staff.post(f"/billing/invoices/{offer.pk}/bill/")
    with enter(world.north.scope()):
        made = Invoice.objects.get(status="draft")
    assert answer.headers["Location"] == f"/billing/invoices/{made.pk}/"


def test_a_tax_that_makes_no_sense_is_refused(world: World, office: Office) -> None:
    browser = world.north.browser("owner")
    for wrong in (
        {"category": "E"},
        {"second_rate": "5"},
        {"exemption_code": "because"},
        {"category": "E", "rate": "0"},
        {"rate": "101"},
    ):
        assert browser.post("/settings/billing/taxes/new/", RATE | wrong).status_code == 422, wrong
    for _ in range(2):  # the second: sent twice
        assert browser.post("/settings/billing/taxes/new/", RATE).status_code == 302
    assert browser.post("/settings/billing/taxes/new/", RATE | {"rate": "23"}).status_code == 422
    assert world.north.browser("office_manager").post("/settings/billing/taxes/new/", RATE).status_code == 403


def test_a_rate_holds_from_its_day(world: World, office: Office) -> None:
    browser, client = world.north.browser("owner"), world.north.one.client
    exempt = {
        "name": "Training",
        "category": "E",
        "rate": "0",
        "exemption_code": "VATEX-EU-132",
        "exemption_reason": "Article 132",
    }
    browser.post("/settings/billing/taxes/new/", RATE)
    browser.post("/settings/billing/taxes/new/", RATE | exempt | {"valid_from": "2020-01-01"})
    with enter(world.north.scope()):
        rates = [terms_for(client, date(*day)).tax_rate for day in ((2026, 12, 31), (2027, 1, 1))]
        assert rates == [20, 22]
        said = Entry.objects.filter(verb="billing.tax_added").order_by("id").values_list("data__name", "data__rate")
        assert list(said) == [("Usual tax", "22"), ("Training", "0")]
        draft = actions.start_draft(client=client, actor=office.actor, now=NOW)
        row = TaxRate.objects.get(name="")
    html = browser.get("/settings/billing/taxes/").content.decode()
    assert ("22 %" in html, "Article 132" in html) == (True, True)
    line = {
        "description": "Course",
        "detail": "",
        "quantity": "1",
        "unit": "flat",
        "unit_price": "100",
        "tax_rate": "20",
    }
    browser.post(f"/billing/invoices/{draft.pk}/lines/new/", line | {"tax": "Training"})
    with enter(world.north.scope()):
        made = InvoiceLine.objects.get()
        assert (made.tax_category, made.tax_rate, made.exemption_code) == ("E", 0, "VATEX-EU-132")
        assert Invoice.objects.get().total == 100
    assert browser.post(f"/settings/billing/taxes/{row.pk}/remove/").status_code == 302
    assert world.low.browser("owner").post(f"/settings/billing/taxes/{row.pk}/remove/").status_code == 404


def test_work_is_taxed_by_the_rate_of_its_day(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        for day, rate in ((1, 16), (23, 22)):  # the work was done on the 22nd
            TaxRate.objects.create(name="", valid_from=date(2026, 11, day), rate=rate, category="S")
    office.solved(world.north.one, 60)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()):
        assert (InvoiceLine.objects.get().tax_rate, Invoice.objects.get().tax) == (16, D("14.40"))
        assert "tax_of_today" not in {finding.check for finding in review([draft], NOW)[0].report.findings}
        actions.retax_draft(invoice=draft, actor=office.actor, now=NOW)
        assert InvoiceLine.objects.get().tax_rate == 16


def test_how_documents_look_is_set_on_its_page(world: World, office: Office) -> None:
    browser = world.north.browser("owner")
    values = {
        "paper": "letter", "pdf_columns": ["position", "tax"], "intro": "Thank you", "iban": "DE89 3704 0044 0532 0130 00",
        "credit_prefix": "C-", "debit_prefix": "D-", "proforma_prefix": "P-", "deposit_prefix": "A-", "final_prefix": "F-",
        "endpoint_scheme": "EM", "postcode": "20457", "city": "Hamburg",
    }  # fmt: skip
    assert browser.post("/settings/billing/documents/", values | {"iban": "DE00"}).status_code == 422
    same = browser.post("/settings/billing/documents/", values | {"credit_prefix": "INV-"})
    assert (same.status_code, "same numbers" in same.content.decode()) == (422, True)
    assert browser.post("/settings/billing/documents/", values).status_code == 302
    options = {"prices_include_tax": "on", "tax_rounding": "line", "cash_step": "0.05"}
    assert browser.post("/settings/billing/taxes/", options).status_code == 302
    with enter(world.north.scope()):
        row = BillingSettings.objects.get()
        assert (row.paper, row.pdf_columns, row.iban) == ("letter", ["position", "tax"], "DE89370400440532013000")
        assert (row.prices_include_tax, row.tax_rounding, row.cash_step) == (True, "line", D("0.05"))
        draft = actions.start_draft(client=world.north.one.client, actor=office.actor, now=NOW)
        actions.add_line(
            invoice=draft, description="Cable", detail="", quantity=D(1), unit="piece", unit_price=D("10.02"), tax_rate=D(20),
            actor=office.actor, now=NOW,
        )  # fmt: skip
        sums = Invoice.objects.get(pk=draft.pk)
        assert (sums.net, sums.tax, sums.total, sums.payable) == (D("8.35"), D("1.67"), D("10.02"), D("10.00"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [("reverse_charge", "must print"), ("export", "its reason"), ("intra_community", "within the EU")],
)
def test_a_client_without_tax_says_why(world: World, office: Office, kind: str, words: str) -> None:
    path = f"/billing/clients/{world.north.one.client.slug}/terms/"
    values = {"tax_treatment": kind, "grouping": "job", "e_invoice": "facturx", "prices_include_tax": "False"}
    browser = world.north.browser("owner")
    answer = browser.post(path, values)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    browser.post(path, values | {"tax_reason": "The law", "tax_id": "FR40303265045"})
    with enter(world.north.scope()):
        terms = ClientTerms.objects.get(client=world.north.one.client)
        assert (terms.tax_treatment, terms.e_invoice, terms.prices_include_tax) == (kind, "facturx", False)
