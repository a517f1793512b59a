"""The PDF of an invoice. Rendered in a worker, never in a request and never inside a transaction."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import translation
from weasyprint import HTML

from .content import InvoiceDocument
from .fetching import FromMemory

LOGO = "mainstay:logo"
MAX_HTML = 8_000_000  # characters; 2,000 lines with long texts stay below it


class TooBig(Exception):
    """The document is larger than a worker may take on."""


def invoice_html(document: InvoiceDocument) -> str:
    """The page as WeasyPrint gets it, in the client's language. All texts are escaped; none can bring markup along."""
    with translation.override(document.invoice.language):
        return render_to_string("pdf/invoice.html", {"doc": document, "invoice": document.invoice, "logo": LOGO})


def invoice_pdf(document: InvoiceDocument) -> bytes:
    """The PDF. About 0.2 s for a page and 6 s for 2,000 lines. Raises TooBig above `MAX_HTML` characters."""
    html = invoice_html(document)
    if len(html) > MAX_HTML:
        raise TooBig(f"{len(html)} characters")
    given = {LOGO: (document.logo, document.logo_kind)} if document.logo else {}
    pdf: bytes = HTML(string=html, base_url="mainstay:", url_fetcher=FromMemory(given)).write_pdf()
    return pdf
