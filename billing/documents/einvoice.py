"""The invoice as data: EN 16931 in CII (Factur-X, ZUGFeRD, XRechnung) and in UBL (XRechnung).

Keys are the business terms of EN 16931 (BT-1, BG-25 …), which the factur-x library writes in either syntax and checks against the
XSD. The schematron rules are run by tests/billing/test_einvoice.py: they need a Saxon processor that the product does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from facturx import xml_check_xsd
from facturx.generate_xml import generate_cii_xml, generate_ubl_xml
from lxml import etree

from billing.choices import DocumentKind, EInvoice, TaxCategory, TaxTreatment, Unit
from billing.models import Invoice, InvoiceLine, InvoiceTax
from billing.rules import money
from billing.rules.parties import BuyerDetails, SellerDetails, vat_number
from billing.rules.tax import EXPLAINED

from .content import InvoiceDocument, Previous

XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
EN16931 = "urn:cen.eu:en16931:2017"
_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"

_TYPE_CODES = {  # UNTDID 1001
    DocumentKind.INVOICE: "380",
    DocumentKind.CREDIT_NOTE: "381",
    DocumentKind.DEBIT_NOTE: "383",
    DocumentKind.DEPOSIT: "386",
    DocumentKind.FINAL: "380",
}
_IN_XRECHNUNG = {"380", "381"}  # of ours; BR-DE-17 knows no debit note and no prepayment invoice
_UNITS = {Unit.HOUR: "HUR", Unit.FLAT: "LS"}  # UN/ECE recommendation 20; all else is counted
_COUNTED = "C62"
_TRANSFER, _SEPA_TRANSFER = "30", "58"
_UNCHECKED = {"level": "en16931", "check_xsd": False, "check_schematron": False}  # it would ask a server for the rules
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_PRICE_STEP = Decimal("0.000001")

Terms = dict[str, Any]  # business terms → values


def einvoice_xml(document: InvoiceDocument) -> bytes:
    """The XML that the client asked for. Raises ValueError for what EN 16931 cannot say or the XSD refuses."""
    terms = business_terms(document)
    if document.invoice.e_invoice == EInvoice.XRECHNUNG_UBL:
        root = etree.fromstring(generate_ubl_xml(terms, **_UNCHECKED))
        flavor = f"ubl-2.1-{'creditnote' if document.invoice.is_credit else 'invoice'}"
    else:
        root, flavor = etree.fromstring(generate_cii_xml(terms, **_UNCHECKED)), "factur-x"
    _mend(root, document.invoice)
    try:
        xml_check_xsd(root, flavor=flavor, level="en16931")
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"the e-invoice breaks its XSD: {error}") from error
    done: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return done


def _mend(root: etree._Element, invoice: Invoice) -> None:
    """What the library writes in its own way: empty parts as nil, every rounding in EUR, and no identifier of XRechnung."""
    for element in root.iter("{*}ApplicableHeaderTradeDelivery"):
        element.attrib.pop(_NIL, None)
    for element in root.iter("{*}PayableRoundingAmount"):
        element.set("currencyID", invoice.currency)
    if invoice.e_invoice != EInvoice.FACTURX:
        for element in root.iter("{*}CustomizationID", "{*}ID"):
            if element.text == EN16931:
                element.text = XRECHNUNG


def business_terms(document: InvoiceDocument) -> Terms:
    """What the document says, by EN 16931's terms."""
    invoice = document.invoice
    if any(tax.is_second for tax in document.totals.taxes):
        raise ValueError("EN 16931 knows one tax on a line")
    terms: Terms = {
        "BT-1": invoice.number,
        "BT-2": invoice.issued_on,
        "BT-3": _type_code(invoice),
        "BT-5": invoice.currency,
        "BT-9": invoice.due_on,
        "BT-10": invoice.buyer.reference,
        "BT-13": invoice.po_number,
        "BT-24": EN16931,
        "BT-83": invoice.number,
        "BG-1": [{"BT-22": _clean(note)} for note in _notes(invoice)],
        "BG-3": [_previous(one) for one in document.previous],
        "BG-4": _seller(document),
        "BG-7": _buyer(document),
        "BG-23": [_breakdown(tax, invoice) for tax in document.totals.taxes],
        "BG-25": [_line(document, number, line) for number, line in enumerate(document.lines, start=1)],
    }
    if invoice.e_invoice != EInvoice.FACTURX:
        terms["BT-23"] = _PROCESS
    terms |= _delivery(document) | _payment(invoice) | _sums(document)
    return {term: value for term, value in terms.items() if value not in (None, "", [])}


def _type_code(invoice: Invoice) -> str:
    code = _TYPE_CODES[DocumentKind(invoice.kind)]
    return code if invoice.e_invoice == EInvoice.FACTURX or code in _IN_XRECHNUNG else "380"


def _notes(invoice: Invoice) -> Iterator[str]:
    yield from filter(None, (invoice.correction_reason, invoice.intro))
    if invoice.tax_reason and invoice.tax_treatment == TaxTreatment.ZERO:
        yield invoice.tax_reason  # a zero rate has no reason in its breakdown (BR-Z-10)


def _previous(one: Previous) -> Terms:
    return {"BT-25": one.number, "BT-26": one.issued_on}


def _clean(text: str) -> str:
    """Without characters that XML cannot carry."""
    return _NOT_IN_XML.sub(" ", text).strip()


def _amount(amount: Decimal, currency: str) -> str:
    return str(money.quantise(amount, currency))


def _plain(number: Decimal) -> str:
    """Without needless zeros, and never with an exponent."""
    return f"{number.normalize():f}"


def _address(text: str, details: SellerDetails | BuyerDetails) -> Terms:
    """The structured parts if they are known; else the lines as they were typed."""
    known = {details.postcode, details.city, f"{details.postcode} {details.city}".strip()}
    lines = [details.street] if details.street else [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and line not in known]
    names = ("addr_l1", "addr_l2", "addr_l3")
    folded = [*lines[:2], ", ".join(lines[2:])]
    parts = dict(zip(names, folded, strict=False)) | {"city": details.city, "postcode": details.postcode}
    return {name: _clean(part) for name, part in parts.items() if part} | {"country_code": details.country}


def _seller(document: InvoiceDocument) -> Terms:
    invoice, seller = document.invoice, document.invoice.seller
    vat, local = vat_number(invoice.seller_tax_id, seller.country), seller.tax_number
    if not vat:
        local = local or invoice.seller_tax_id
    elif _is_outside(document):
        vat, local = "", local or invoice.seller_tax_id  # BR-O-02: no VAT number where nothing is taxed
    party: Terms = {"name": _clean(invoice.seller_name)} | _address(invoice.seller_address, seller)
    party |= {"legal_identifier": invoice.seller_registration, "vat_identifier": vat, "tax_identifier": local}
    if not vat and not invoice.seller_registration:
        party["identifiers"] = {None: local or _clean(invoice.seller_name)}  # BR-CO-26 asks for one of them
    contact = {"name": seller.contact, "phone": invoice.seller_phone, "email": invoice.seller_email}
    if any(contact.values()):
        party["contacts"] = [{name: _clean(value) for name, value in contact.items() if value}]
    return party | _endpoint(seller)


def _buyer(document: InvoiceDocument) -> Terms:
    invoice, buyer = document.invoice, document.invoice.buyer
    vat = vat_number(invoice.buyer_tax_id, buyer.country)
    party: Terms = {"name": _clean(invoice.buyer_name)} | _address(invoice.buyer_address, buyer)
    if vat and not _is_outside(document):
        party["vat_identifier"] = vat
    elif invoice.buyer_tax_id:
        party["legal_identifier"] = invoice.buyer_tax_id
    return party | _endpoint(buyer)


def _endpoint(details: SellerDetails | BuyerDetails) -> Terms:
    if not details.endpoint:
        return {}
    return {"einvoicing_addr": details.endpoint, "einvoicing_addr_schemeid": details.endpoint_scheme}


def _is_outside(document: InvoiceDocument) -> bool:
    return any(tax.category == TaxCategory.OUTSIDE for tax in document.totals.taxes)


def _delivery(document: InvoiceDocument) -> Terms:
    """The day or the days of the work; for goods within the EU also where they went."""
    invoice = document.invoice
    first, last = invoice.delivered_from, invoice.delivered_until or invoice.delivered_from
    abroad = any(tax.category == TaxCategory.INTRA_COMMUNITY for tax in document.totals.taxes)
    must_say = abroad or invoice.e_invoice != EInvoice.FACTURX  # BR-IC-11, BR-DE-TMP-32
    terms: Terms = {"BT-72": _single(first, last) or (invoice.issued_on if must_say and first is None else None)}
    if first is not None and first != last:
        terms |= {"BT-73": first, "BT-74": last}
    if abroad:
        terms["BG-13"] = {"name": _clean(invoice.buyer_name)} | _address(invoice.buyer_address, invoice.buyer)
    return terms


def _single(first: date | None, last: date | None) -> date | None:
    return first if first == last else None


def _payment(invoice: Invoice) -> Terms:
    seller = invoice.seller
    if not seller.iban:
        return {}
    return {
        "BT-81": _SEPA_TRANSFER if invoice.currency == "EUR" else _TRANSFER,
        "BT-84": seller.iban,
        "BT-85": _clean(seller.account_name or invoice.seller_name),
        "BT-86": seller.bic,
    }


def _breakdown(tax: InvoiceTax, invoice: Invoice) -> Terms:
    base, charged = _amount(tax.base, invoice.currency), _amount(tax.amount, invoice.currency)
    terms: Terms = {"BT-116": base, "BT-117": charged, "BT-118": tax.category}
    if tax.category != TaxCategory.OUTSIDE or invoice.e_invoice != EInvoice.FACTURX:  # BR-DE-14 wants a rate everywhere
        terms["BT-119"] = _plain(tax.rate)
    if tax.category in EXPLAINED:
        reason = {"BT-120": _clean(tax.exemption_reason), "BT-121": tax.exemption_code}
        terms |= {term: value for term, value in reason.items() if value}
    return terms


def _sums(document: InvoiceDocument) -> Terms:
    invoice = document.invoice
    sums = {
        "BT-106": invoice.net,
        "BT-109": invoice.net,
        "BT-110": invoice.tax,
        "BT-112": invoice.total,
        "BT-114": invoice.cash_rounding or None,
        "BT-115": invoice.payable,
    }
    return {term: _amount(sum_, invoice.currency) for term, sum_ in sums.items() if sum_ is not None}


def _line(document: InvoiceDocument, number: int, line: InvoiceLine) -> Terms:
    """A line without tax. A negative amount is a negative quantity: no price may be below zero (BR-27)."""
    invoice, tax = document.invoice, document.tax_of(line)
    quantity, price = line.quantity, line.unit_price
    if invoice.prices_include_tax:
        price = (line.net / quantity).quantize(_PRICE_STEP) if quantity else line.net
    if price < 0:
        quantity, price = -quantity, -price
    terms: Terms = {
        "BT-126": str(number),
        "BT-129": _plain(quantity),
        "BT-130": _UNITS.get(Unit(line.unit), _COUNTED),
        "BT-131": _amount(line.net, invoice.currency),
        "BT-146": _plain(price),
        "BT-151": tax.category,
        "BT-153": _clean(line.description) or str(number),
    }
    if tax.category != TaxCategory.OUTSIDE:
        terms["BT-152"] = _plain(tax.rate)
    if line.detail:
        terms["BT-154"] = _clean(line.detail)
    return terms
