"""The worker's part after an invoice was issued: make the PDF, set it once, and hand the mails over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from billing.documents.content import InvoiceDocument
from billing.documents.invoice import TooBig, invoice_pdf
from billing.models import Invoice, Rendering
from billing.queries.detail import lines_of
from billing.queries.tax import printed_totals
from billing.queries.terms import shop
from msp.accounts.rules import system_actor
from msp.files.actions import Written, record_file, write_bytes
from msp.files.choices import Visibility
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, GiveUp, Handler, Outcome

from .dispatching import dispatch_invoice


@dataclass(frozen=True)
class Order:
    """What the renderer needs, without the database."""

    tenant_id: int
    document: InvoiceDocument


class RenderInvoice(Handler[Rendering, Order, Written]):
    """PDF bytes between two transactions. A worker that died after writing them leaves a file that no row knows.

    The PDF and the mails enter in one transaction: there is no invoice with a PDF that nobody was asked to send.
    """

    def prepare(self, row: Rendering, now: datetime) -> Order | Outcome:
        invoice = row.invoice
        if invoice.pdf_id is not None:
            return Ended(DueState.DONE)
        lines, identity = lines_of(invoice), shop().identity
        logo = bytes(identity.logo) if identity.logo else None
        document = InvoiceDocument(invoice, lines, printed_totals(invoice), identity.hue, logo)
        return Order(row.tenant_id, document)

    def work(self, prepared: Order) -> Written:
        try:
            content = invoice_pdf(prepared.document)
        except TooBig as error:
            raise GiveUp(str(error)) from error
        name = f"{prepared.document.invoice.number}.pdf"
        return write_bytes(tenant_id=prepared.tenant_id, name=name, content=content, content_type="application/pdf")

    def finish(self, row: Rendering, result: Written, now: datetime) -> Outcome:
        actor = system_actor(_("Mainstay"))
        invoice = Invoice.objects.select_for_update(of=("self",)).select_related("client").get(pk=row.invoice_id)
        visibility, client_id = Visibility.PUBLIC, invoice.client_id
        invoice.pdf = record_file(actor=actor, written=result, client_id=client_id, visibility=visibility, now=now)
        invoice.pdf_sha256 = result.sha256
        invoice.save(update_fields=["pdf", "pdf_sha256"])
        dispatch_invoice(invoice=invoice, pdf=invoice.pdf, actor=actor, now=now)
        return Ended(DueState.DONE)
