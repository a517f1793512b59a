"""From the number to the mail: the PDF in a worker, set once; one mail a recipient."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader
from pytest_django import Settings

from billing import actions
from billing.actions.dispatching import dispatch_invoice
from billing.actions.rendering import RenderInvoice
from billing.models import ClientTerms, Dispatch, Invoice, Rendering
from billing.queries.sending import deliveries, sent_on_time, sent_states
from clients.models import Contact
from msp.audit.models import Entry
from msp.files.documents import content_of
from msp.files.models import StoredFile
from msp.jobs.actions import run_queue
from msp.mail.models import MailAttachment, OutgoingMail
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant
from tests.world import NOW, World

from .conftest import Office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def render() -> int:
    return run_queue(queue_name="renderings", clock=lambda: NOW)


def test_the_worker_makes_the_pdf_and_queues_the_mail(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    assert render() == 1
    with enter(world.north.scope()):
        invoice = Invoice.objects.select_related("pdf").get(pk=invoice.pk)
        content = content_of(invoice.pdf)
        assert invoice.pdf_sha256 == hashlib.sha256(content).hexdigest() == invoice.pdf.sha256
        assert (invoice.pdf.name, invoice.pdf.client_id, invoice.pdf.visibility, invoice.pdf.content_type) == (
            "INV-0001.pdf",
            invoice.client_id,
            "public",
            "application/pdf",
        )
        sent = Dispatch.objects.select_related("mail").get()
        mail = sent.mail
        assert (sent.invoice_id, sent.recipient) == (invoice.pk, world.north.one.anna.email)
        assert (mail.to, mail.subject, mail.client_id) == (
            [world.north.one.anna.email],
            "Invoice INV-0001 from Northgate Ltd",
            invoice.client_id,
        )
        assert mail.purpose_key == f"invoice:{invoice.pk}:{world.north.one.anna.email}"
        assert MailAttachment.objects.get(mail=mail).file_id == invoice.pdf_id
        assert f"/portal/invoices/{invoice.pk}/" in mail.text
        assert "£108.00" in mail.text
        assert "£108.00" in mail.html
        assert Entry.objects.get(verb="invoice.dispatched").data == {"recipients": world.north.one.anna.email}
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    for said in (
        "INV-0001",
        "Harbour Northgate",
        "Replaced the switch",
        "1.00 h",
        "£90.00",
        "£108.00",
        "7 December 2026",
    ):
        assert said in text
    assert "Page 1 of 1" in text


def test_a_second_run_finds_nothing_to_do(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    assert (render(), render()) == (1, 0)
    with enter(system_scope(world.north.tenant.pk)):
        row = Rendering.objects.select_related("invoice").get()
        assert RenderInvoice().prepare(row, NOW) is not None
        again = Invoice.objects.select_related("pdf", "client").get(pk=invoice.pk)
        dispatch_invoice(invoice=again, pdf=again.pdf, actor=office.actor, now=NOW)
        assert OutgoingMail.objects.count() == Dispatch.objects.count() == StoredFile.objects.count() == 1


def test_a_worker_that_dies_after_rendering_leaves_nothing_half_done(world: World, office: Office) -> None:
    """The bytes are written, the worker is gone; the next one begins anew and only its file counts."""
    office.issued(world.north.one)
    handler = RenderInvoice()
    with enter(system_scope(world.north.tenant.pk)):
        prepared = handler.prepare(Rendering.objects.select_related("invoice").get(), NOW)
    handler.work(prepared)
    with enter(world.north.scope()):
        assert not StoredFile.objects.exists()
    assert render() == 1
    with enter(world.north.scope()):
        assert StoredFile.objects.count() == OutgoingMail.objects.count() == 1


def test_the_pdf_is_set_once(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    render()
    with enter(world.north.scope()):
        for change in ({"pdf": None, "pdf_sha256": None}, {"pdf_sha256": "0" * 64}):
            with pytest.raises(DatabaseError, match="is set and cannot change"), transaction.atomic():
                Invoice.objects.filter(pk=invoice.pk).update(**change)


def test_each_recipient_gets_one_mail(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        Contact.objects.filter(pk=world.north.one.ben.pk).update(gets_invoices=True)
    invoice = office.issued(world.north.one)
    render()
    with enter(world.north.scope()):
        wanted = sorted([world.north.one.anna.email, world.north.one.ben.email])
        assert [(row.recipient, row.sent.state) for row in deliveries(invoice)] == [(to, "queued") for to in wanted]
        OutgoingMail.objects.filter(to__contains=[wanted[0]]).update(state="unknown", finished_at=NOW)
        OutgoingMail.objects.filter(to__contains=[wanted[1]]).update(state="sent", finished_at=NOW)
        [(_pk, sent)] = sent_states([invoice.pk]).items()
        assert (sent.state, sent.is_unknown, sent.is_sent) == ("unknown", True, False)


def test_on_time_is_told_from_finished_work_to_the_mail(world: World, office: Office) -> None:
    for finished in (NOW - timedelta(hours=20), NOW - timedelta(hours=60)):
        office.solved(world.north.one, 60, solved_at=finished)
        draft = office.draft(world.north.one)
        with enter(world.north.scope()):
            approved = actions.approve_invoice(invoice=draft, actor=office.actor, now=NOW, reason="Late")
            actions.issue_invoice(invoice=approved, actor=office.actor, now=NOW)
    render()
    with enter(world.north.scope()):
        promised = timedelta(hours=48)
        assert sent_on_time(NOW - timedelta(days=30), promised).percent is None
        OutgoingMail.objects.update(state="sent", finished_at=NOW)
        on_time = sent_on_time(NOW - timedelta(days=30), promised)
        assert (on_time.sent, on_time.kept, on_time.percent) == (2, 1, 50)


def test_the_pdf_is_shown_to_the_office_and_kept_by_the_client(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    assert world.north.browser("owner").get(f"/billing/invoices/{invoice.pk}/pdf/").status_code == 404
    render()
    shown = world.north.browser("owner").get(f"/billing/invoices/{invoice.pk}/pdf/")
    kept = world.north.portal(world.north.one.ben).get(f"/portal/invoices/{invoice.pk}/pdf/")
    for answer, how in ((shown, "inline"), (kept, "attachment")):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith(how)
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert world.north.portal(world.north.two.anna).get(f"/portal/invoices/{invoice.pk}/pdf/").status_code == 404
    assert world.north.browser("technician").get(f"/billing/invoices/{invoice.pk}/pdf/").status_code == 403


def test_the_clients_language_and_own_address_are_used(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        ClientTerms.objects.create(
            client=world.north.one.client, billing_name="Harbour Holding", billing_address="2 Bank", po_number="PO 7"
        )
    invoice = office.issued(world.north.one)
    render()
    with enter(world.north.scope()):
        content = content_of(Invoice.objects.select_related("pdf").get(pk=invoice.pk).pdf)
    text = PdfReader(BytesIO(content)).pages[0].extract_text()
    for said in ("Harbour Holding", "2 Bank", "PO 7"):
        assert said in text


def test_the_mails_link_leads_to_the_shops_own_host(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    Tenant.objects.filter(pk=world.north.tenant.pk).update(host="it.northgate.example")
    render()
    with enter(world.north.scope()):
        mail = OutgoingMail.objects.get()
        assert f"//it.northgate.example/portal/invoices/{invoice.pk}/" in mail.text
