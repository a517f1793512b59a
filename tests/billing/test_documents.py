"""From an approved draft to bytes: PDF and XML set once, sent, given out to staff and portal, and never changed by anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from billing import actions
from billing.choices import RENDERINGS
from billing.models import BillingSettings, ClientTerms, DepositUse, Invoice, InvoiceLine, InvoiceTax, Rendering
from billing.queries.review import review
from billing.rules.refusals import Refused
from msp.accounts.models import ShopSettings
from msp.files.documents import content_of
from msp.jobs.actions import run_queue
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office

D = Decimal
LATER = NOW + timedelta(minutes=10)


def furnish_for_xml(world: World, kind: str) -> None:
    """What an e-invoice asks of both sides. Invented, like everything here."""
    north = world.north
    with enter(north.scope()):
        ShopSettings.objects.update(country="DE", phone="+49 40 1", email="office@north.example", tax_id="DE123456789")
        BillingSettings.objects.update(
            street="Kai 1", postcode="20457", city="Hamburg", contact_name="Office", iban="DE89370400440532013000",
            tax_rate=19,
        )  # fmt: skip
        client = north.one.client
        client.country, client.currency, client.language = "DE", "EUR", "de"
        client.save(update_fields=["country", "currency", "language"])
        terms = {
            "hourly_rate": 90,
            "e_invoice": kind,
            "postcode": "20457",
            "city": "Hamburg",
            "endpoint": "in@one.example",
        }
        ClientTerms.objects.update_or_create(client=client, defaults=terms | {"buyer_reference": "04011000-12345-34"})


def rendered(office: Office, invoice: Invoice) -> Invoice:
    assert run_queue(queue_name=RENDERINGS, clock=lambda: LATER) == 1
    return office.again(invoice)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "enclosed"),
    [("", ["INV-0001.pdf"]), ("facturx", ["INV-0001.pdf"]), ("xrechnung_ubl", ["INV-0001.xml", "INV-0001.pdf"])],
)
def test_bytes_are_set_once_sent_and_given_out(world: World, office: Office, kind: str, enclosed: list[str]) -> None:
    north = world.north
    furnish_for_xml(world, kind)
    invoice = rendered(office, office.issued(north.one))
    assert (invoice.e_invoice, invoice.xml_id is not None) == (kind, kind != "")
    with enter(north.scope()):
        files = [file for file in (invoice.pdf, invoice.xml) if file is not None]
        for file, recorded in zip(files, (invoice.pdf_sha256, invoice.xml_sha256), strict=False):
            assert hashlib.sha256(content_of(file)).hexdigest() == file.sha256 == recorded
        [mail] = OutgoingMail.objects.all()
        assert [one.file.name for one in mail.attachments.order_by("id")] in (enclosed, enclosed[::-1])
        pdf = PdfReader(BytesIO(content_of(files[0])))
        assert (list(pdf.attachments) == ["factur-x.xml"]) is (kind == "facturx")
        if kind == "facturx":
            assert pdf.attachments["factur-x.xml"] == [content_of(files[1])]
        assert "Rechnung" in pdf.pages[0].extract_text()
    for browser, path in (
        (north.browser("office_manager"), f"/billing/invoices/{invoice.pk}/xml/"),
        (north.portal(north.one.anna), f"/portal/invoices/{invoice.pk}/xml/"),
    ):
        answer = browser.get(path)
        assert answer.status_code == (200 if kind else 404)
        if kind:
            assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == invoice.xml_sha256
    assert north.portal(north.two.anna).get(f"/portal/invoices/{invoice.pk}/xml/").status_code == 404
    assert world.low.browser("owner").get(f"/billing/invoices/{invoice.pk}/xml/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_a_pdf_without_its_xml_or_another_xml_later(world: World, office: Office) -> None:
    furnish_for_xml(world, "xrechnung_cii")
    invoice = office.issued(world.north.one)
    scope, refused = enter(world.north.scope()), pytest.raises(DatabaseError, match="invoice_xml_with_pdf")
    with scope, refused, transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(xml_sha256="0" * 64)
    done = rendered(office, invoice)
    with enter(world.north.scope()):
        for values in ({"xml_sha256": "0" * 64}, {"xml": None, "xml_sha256": None}, {"xml": done.pdf_id}):
            with pytest.raises(DatabaseError, match="is set and cannot change"), transaction.atomic():
                Invoice.objects.filter(pk=invoice.pk).update(**values)


def posts(line: InvoiceLine) -> list[tuple[str, dict[str, str]]]:
    """What a page could be sent about an issued document."""
    values = {
        "description": "x",
        "detail": "",
        "quantity": "1",
        "unit": "piece",
        "unit_price": "1",
        "tax_rate": "0",
    }
    return [
        ("edit/", {"po_number": "x", "payment_days": "1"}),
        ("lines/new/", values),
        (f"lines/{line.pk}/edit/", values | {"reason": "x"}),
        (f"lines/{line.pk}/remove/", {"reason": "x"}),
        ("discard/", {"reason": "x"}),
        ("tax/", {}),
        ("approve/", {"reason": "x"}),
        ("recall/", {}),
    ]


def attempts(frozen: Invoice) -> list[Callable[[], object]]:
    """What the ORM could be asked to do to an issued document."""
    return [
        lambda: Invoice.objects.filter(pk=frozen.pk).update(footer="x"),
        lambda: Invoice.objects.filter(pk=frozen.pk).delete(),
        lambda: InvoiceLine.objects.filter(invoice=frozen).update(net=1),
        lambda: InvoiceLine.objects.filter(invoice=frozen).delete(),
        lambda: InvoiceTax.objects.filter(invoice=frozen).update(amount=0),
        lambda: InvoiceTax.objects.filter(invoice=frozen).delete(),
        lambda: DepositUse.objects.create(invoice=frozen, deposit=frozen),
    ]


def test_an_issued_document_is_changed_by_nobody(world: World, office: Office) -> None:
    """By page, API and ORM; SQL as the app role and as the owner stand in test_issuing."""
    north = world.north
    invoice = office.issued(north.one)
    with enter(north.scope()):
        note = actions.credit_invoice(invoice=invoice, reason="Wrong", actor=office.actor, now=NOW)
        note = actions.approve_invoice(invoice=note, actor=office.actor, now=NOW, reason="Right")
        note = actions.issue_invoice(invoice=note, actor=office.actor, now=NOW)
    browser = north.browser("owner")
    for frozen in (invoice, note):
        with enter(north.scope()):
            line = InvoiceLine.objects.get(invoice=frozen)
            before = Invoice.objects.filter(pk=frozen.pk).values().get()
        root = f"/billing/invoices/{frozen.pk}/"
        for path, posted in posts(line):
            assert browser.post(root + path, posted).status_code in (302, 422), path
        for method in ("put", "patch", "delete"):
            assert getattr(browser, method)(f"/api/v1/invoices/{frozen.pk}/").status_code in (403, 404, 405)
        with enter(north.scope()):
            for change in attempts(frozen):
                with pytest.raises(Exception, match=r"issued|protected"), transaction.atomic():
                    change()
            assert Invoice.objects.filter(pk=frozen.pk).values().get() == before
            assert (InvoiceLine.objects.get(invoice=frozen).pk, InvoiceTax.objects.get(invoice=frozen).amount) == (
                line.pk,
                18,
            )


def test_what_an_e_invoice_lacks_stops_it_before_the_number(world: World, office: Office) -> None:
    furnish_for_xml(world, "xrechnung_ubl")
    office.solved(world.north.one, 60)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()):
        assert review([draft], NOW)[0].report.errors == []
        BillingSettings.objects.update(iban="", contact_name="")
        ClientTerms.objects.update(buyer_reference="")
        why = [finding.why for finding in review([draft], NOW)[0].report.errors]
        assert why == [
            "Missing: your IBAN, whom clients ask, with phone and e-mail.",
            "Missing: the buyer reference (Leitweg-ID).",
        ]
        with pytest.raises(Refused, match="lacks something of yours"):
            actions.approve_invoice(invoice=draft, actor=office.actor, now=NOW)


def test_a_deposit_is_taken_off_once_with_its_own_tax(world: World, office: Office) -> None:
    north, client = world.north, world.north.one.client
    who = {"actor": office.actor, "now": NOW}
    line = {"detail": "", "quantity": D(1), "unit": "piece", "tax_rate": D(20)}
    with enter(north.scope()):
        deposit = actions.start_draft(client=client, kind="deposit", **who)
        actions.add_line(invoice=deposit, description="30 % of the server", unit_price=D(300), **line, **who)
        deposit = actions.approve_invoice(invoice=deposit, reason="Right", **who)
        deposit = actions.issue_invoice(invoice=deposit, **who)
        assert deposit.number == "DEP-0001"
        final = actions.start_draft(client=client, **who)
        actions.add_line(invoice=final, description="Server", unit_price=D(1000), **line, **who)
        final = actions.deduct_deposit(invoice=final, deposit=deposit, **who)
        assert (final.kind, final.net, final.tax, final.total) == ("final", 700, 140, 840)
        other = actions.start_draft(client=client, **who)
        with pytest.raises(Refused, match="taken off already"):
            actions.deduct_deposit(invoice=other, deposit=deposit, **who)
        taken = InvoiceLine.objects.get(invoice=final, source__deposit=str(deposit.pk))
        with pytest.raises(Refused, match="as it was billed"):
            actions.edit_line(
                line=taken, description="x", detail="", quantity=D(1), unit_price=D(-1), reason="x", **who
            )
        actions.remove_line(line=taken, **who)
        assert (Invoice.objects.get(pk=final.pk).kind, DepositUse.objects.count()) == ("invoice", 0)
        actions.deduct_deposit(invoice=final, deposit=deposit, **who)
        actions.discard_draft(invoice=Invoice.objects.get(pk=final.pk), **who)
        other = actions.deduct_deposit(invoice=other, deposit=deposit, **who)
        assert other.kind == "final"


def test_a_pro_forma_is_billed_once(world: World, office: Office) -> None:
    who = {"actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        offer = actions.start_draft(client=world.north.one.client, kind="proforma", **who)
        actions.add_line(
            invoice=offer, description="Server", detail="", quantity=D(2), unit="piece", unit_price=D(500), tax_rate=D(20), **who
        )  # fmt: skip
        with pytest.raises(Refused, match="issued pro forma"):
            actions.bill_proforma(proforma=offer, **who)
        offer = actions.approve_invoice(invoice=offer, reason="Right", **who)
        offer = actions.issue_invoice(invoice=offer, **who)
        made = actions.bill_proforma(proforma=offer, **who)
        assert (made.kind, made.status, made.total) == ("invoice", "draft", 1200)
        assert actions.bill_proforma(proforma=offer, **who) == made
        assert Rendering.objects.filter(invoice=offer).count() == 1
