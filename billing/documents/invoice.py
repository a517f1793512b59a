"""The PDF of an invoice. Rendered in a worker, never in a request and never inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import pgettext

from billing.choices import EInvoice

from .content import InvoiceDocument
from .paycode import epc_code, swiss_slip
from .press import printed
from .words import title_of

LOGO, PAY_CODE, SLIP = "mainstay:logo", "mainstay:pay-code", "mainstay:slip"
MAX_HTML = 8_000_000  # characters; 2,000 lines with long texts stay below it
_SVG = "image/svg+xml"


class TooBig(Exception):
    """The document is larger than a worker may take on."""


@dataclass(frozen=True)
class Rendered:
    """The bytes of a document; `xml` None: the client gets the PDF only."""

    pdf: bytes
    xml: bytes | None


def render_invoice(document: InvoiceDocument) -> Rendered:
    """Both forms of a document. Raises TooBig, and ValueError where the e-invoice cannot say what it must."""
    if not document.invoice.e_invoice:
        return Rendered(invoice_pdf(document), None)
    from .einvoice import einvoice_xml  # noqa: PLC0415  as long as WeasyPrint to load, and few need it

    xml = einvoice_xml(document)  # first: it takes milliseconds and says at once what is missing
    pdf = invoice_pdf(document)
    return Rendered(_hybrid(document, pdf, xml) if document.invoice.e_invoice == EInvoice.FACTURX else pdf, xml)


def invoice_html(document: InvoiceDocument, *, has_code: bool = False, has_slip: bool = False) -> str:
    """The page as WeasyPrint gets it, in the client's language. All texts are escaped; none can bring markup along."""
    with translation.override(document.invoice.language):
        context = {
            "doc": document,
            "invoice": document.invoice,
            "title": title_of(document.invoice.kind),
            "logo": LOGO,
            "code": PAY_CODE if has_code else "",
            "slip": SLIP if has_slip else "",
        }
        return render_to_string("pdf/invoice.html", context)


def invoice_pdf(document: InvoiceDocument) -> bytes:
    """The PDF, tagged for screen readers. About 0.3 s for a page and 8 s for 2,000 lines. Raises TooBig above `MAX_HTML`."""
    given = {LOGO: (document.logo, document.logo_kind)} if document.logo else {}
    if code := epc_code(document.invoice):
        given[PAY_CODE] = (code, _SVG)
    if slip := swiss_slip(document.invoice):
        given[SLIP] = (slip, _SVG)
    html = invoice_html(document, has_code=code is not None, has_slip=slip is not None)
    if len(html) > MAX_HTML:
        raise TooBig(f"{len(html)} characters")
    variant = "pdf/a-3b" if document.invoice.e_invoice == EInvoice.FACTURX else None
    try:
        return printed(html, given, tags=True, variant=variant)
    except RecursionError as error:
        raise TooBig("nested too deep") from error


def _hybrid(document: InvoiceDocument, pdf: bytes, xml: bytes) -> bytes:
    """The PDF with the XML inside (Factur-X, ZUGFeRD). The XML was checked by its XSD when it was made."""
    from facturx import generate_from_binary  # noqa: PLC0415

    invoice = document.invoice
    with translation.override(invoice.language):
        title = f"{title_of(invoice.kind)} {invoice.number}"
        subject = pgettext("document", "%(title)s of %(day)s from %(shop)s") % {
            "title": title,
            "day": invoice.issued_on,
            "shop": invoice.seller_name,
        }
    about = {"author": invoice.seller_name, "title": title, "subject": subject, "keywords": "Factur-X"}
    hybrid: bytes = generate_from_binary(
        pdf,
        xml,
        flavor="factur-x",
        level="en16931",
        check_xsd=False,
        pdf_metadata=about,
        lang=invoice.language,
        afrelationship="alternative",
    )
    return hybrid
