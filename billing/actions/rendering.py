"""The worker's part after an invoice was issued: make the PDF, set it once, and hand the mails over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from billing.documents.content import InvoiceDocument
from billing.documents.invoice import TooBig, render_invoice
from billing.documents.loading import document_of
from billing.models import Invoice, Rendering
from billing.queries.terms import client_terms
from msp.accounts.rules import Actor, system_actor
from msp.files.actions import Written, record_file, write_bytes
from msp.files.choices import Visibility
from msp.files.models import StoredFile
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, GiveUp, Handler, Outcome

from .dispatching import dispatch_invoice
from .printing import wait_for_print


@dataclass(frozen=True)
class Order:
    """What the renderer needs, without the database."""

    tenant_id: int
    document: InvoiceDocument


@dataclass(frozen=True)
class Made:
    """The files of a document, written and not yet recorded. `xml` None: the client gets the PDF only."""

    pdf: Written
    xml: Written | None


class RenderInvoice(Handler[Rendering, Order, Made]):
    """PDF and XML bytes between two transactions. A worker that died after writing them leaves files that no row knows.

    Both and the mails enter in one transaction: there is no invoice with a PDF that nobody was asked to send, and no e-invoice
    without its XML.
    """

    def prepare(self, row: Rendering, now: datetime) -> Order | Outcome:
        if row.invoice.pdf_id is not None:
            return Ended(DueState.DONE)
        return Order(row.tenant_id, document_of(row.invoice))

    def work(self, prepared: Order) -> Made:
        try:
            rendered = render_invoice(prepared.document)
        except (TooBig, ValueError) as error:  # no later try would find it otherwise
            raise GiveUp(str(error)) from error
        tenant_id, number = prepared.tenant_id, prepared.document.invoice.number
        pdf = write_bytes(
            tenant_id=tenant_id, name=f"{number}.pdf", content=rendered.pdf, content_type="application/pdf"
        )
        if rendered.xml is None:
            return Made(pdf, None)
        xml = write_bytes(
            tenant_id=tenant_id, name=f"{number}.xml", content=rendered.xml, content_type="application/xml"
        )
        return Made(pdf, xml)

    def finish(self, row: Rendering, result: Made, now: datetime) -> Outcome:
        actor = system_actor(_("Mainstay"))
        invoice = Invoice.objects.select_for_update(of=("self",)).select_related("client").get(pk=row.invoice_id)
        invoice.pdf, invoice.pdf_sha256 = _kept(result.pdf, invoice, actor, now), result.pdf.sha256
        if result.xml is not None:
            invoice.xml, invoice.xml_sha256 = _kept(result.xml, invoice, actor, now), result.xml.sha256
        invoice.save(update_fields=["pdf", "pdf_sha256", "xml", "xml_sha256"])
        dispatch_invoice(invoice=invoice, pdf=invoice.pdf, actor=actor, now=now)
        if client_terms(invoice.client).by_post:
            wait_for_print(invoice=invoice, now=now)
        return Ended(DueState.DONE)


def _kept(written: Written, invoice: Invoice, actor: Actor, now: datetime) -> StoredFile:
    client_id = invoice.client_id
    return record_file(actor=actor, written=written, client_id=client_id, visibility=Visibility.PUBLIC, now=now)
