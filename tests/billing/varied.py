"""Invoices of many kinds, the same for a seed, built in memory. Every name, number and account in them is invented."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from billing.choices import DocumentKind, EInvoice, TaxRounding, TaxTreatment
from billing.documents.content import InvoiceDocument, Previous
from billing.models import Invoice, InvoiceLine
from billing.queries.tax import Printed, tax_of, tax_rows
from billing.rules import money
from billing.rules.tax import Item, assess, cash_rounding

D = Decimal
KINDS = [DocumentKind.INVOICE] * 5 + [
    DocumentKind.CREDIT_NOTE,
    DocumentKind.DEBIT_NOTE,
    DocumentKind.DEPOSIT,
    DocumentKind.FINAL,
]
UNTAXED = [treatment for treatment in TaxTreatment if treatment != TaxTreatment.STANDARD]
TEXTS = [
    "Replaced the switch",
    "Müller & Söhne <Server>",
    "Clé « USB » 32 Go",
    "Reparación del portátil",
    "Één uur werk",
    "x" * 290,
]
ACCOUNTS = {
    "EUR": "DE89370400440532013000",
    "CHF": "CH9300762011623852957",
    "GBP": "GB29NWBK60161331926819",
    "SEK": "SE4550000000058398257466",
}
PEOPLE = {"EUR": ("DE", "FR"), "CHF": ("CH", "DE"), "GBP": ("GB", "IE"), "SEK": ("SE", "DK")}
VAT = {"DE": "DE123456789", "FR": "FR40303265045", "CH": "CHE123456788", "GB": "GB123456789", "IE": "IE6388047V",
       "SE": "SE556012579001", "DK": "DK13585628"}  # fmt: skip


def varied(seed: int, kind: str, treatment: str | None = None) -> InvoiceDocument:
    """A document in the asked e-invoice format. A quarter of them carry no tax, for each of the reasons there are."""
    rng = Random(seed)  # noqa: S311  nothing here is a secret
    currency = rng.choice(["EUR", "EUR", "CHF", "GBP", "SEK"])
    taxed_as = treatment or (TaxTreatment.STANDARD if seed % 4 else UNTAXED[seed // 4 % len(UNTAXED)])
    invoice = Invoice(**_head(rng, seed, currency), **_parties(rng, currency), tax_treatment=taxed_as, e_invoice=kind)
    invoice.tax_reason = "" if taxed_as == TaxTreatment.STANDARD else f"No tax: {taxed_as}, see the law"
    if kind == EInvoice.FACTURX and seed % 7 == 0:
        invoice.seller_details["iban"] = ""
    lines = [_line(rng, seed, number, invoice) for number in range(rng.choice([1, 2, 3, 5, 12, 40]))]
    items = [Item(line.pk, line.amount, tax_of(invoice, line)) for line in lines]
    sums = assess(items, currency, inclusive=invoice.prices_include_tax, rounding=invoice.tax_rounding)
    for line in lines:
        line.net = sums.nets[line.pk]
    invoice.net, invoice.tax, invoice.total = sums.net, sums.tax, sums.total
    invoice.cash_rounding = cash_rounding(sums.total, invoice.cash_step)
    printed = Printed(sums.net, sums.tax, sums.total, invoice.cash_rounding, invoice.payable, tax_rows(invoice, sums))
    follows = invoice.kind not in (DocumentKind.INVOICE, DocumentKind.DEPOSIT)
    previous = [Previous("INV-0041", date(2026, 10, 1))] if follows else []
    return InvoiceDocument(invoice, lines, printed, hue=245, logo=None, previous=previous)


def _head(rng: Random, seed: int, currency: str) -> dict[str, Any]:
    issued_on = date(2026, 1, 1) + timedelta(days=rng.randrange(300))
    first = rng.choice([None, issued_on - timedelta(days=rng.randrange(1, 40))])
    return {
        "kind": rng.choice(KINDS),
        "number": f"INV-{seed:04d}",
        "currency": currency,
        "issued_on": issued_on,
        "due_on": issued_on + timedelta(days=rng.choice([0, 14, 30])),
        "delivered_from": first,
        "delivered_until": rng.choice([first, issued_on]) if first else None,
        "prices_include_tax": rng.random() < 0.3,
        "tax_rounding": rng.choice(sorted(TaxRounding)),
        "cash_step": D("0.05") if currency == "CHF" else D(0),
        "tax_name": "VAT",
        "po_number": rng.choice(["", "PO-77/3"]),
        "correction_reason": rng.choice(["", "The wrong switch was billed"]),
        "intro": rng.choice(["", "Thank you for your trust."]),
        "language": rng.choice(["en", "de", "fr", "es", "nl"]),
    }


def _parties(rng: Random, currency: str) -> dict[str, Any]:
    here = PEOPLE[currency][0]
    there = rng.choice(PEOPLE[currency])
    return {
        "seller_name": "Northgate IT & Söhne",
        "seller_address": "Hafenstraße 12\n20457 Hamburg",
        "seller_tax_id": VAT[here],
        "seller_registration": rng.choice(["", "HRB 12345"]),
        "seller_phone": "+49 40 123456",
        "seller_email": "office@northgate.example",
        "buyer_name": "Harbour Dental",
        "buyer_address": "Kaistraße 1\n2. Stock\nHinterhof\n20457 Hamburg",
        "buyer_tax_id": VAT[there],
        "seller_details": {"country": here, "postcode": "20457", "city": "Hamburg", "contact": "Office", "iban": ACCOUNTS[currency],
                           "bic": rng.choice(["", "COBADEFFXXX"]), "endpoint": "office@northgate.example"},
        "buyer_details": {"country": there, "postcode": "20457", "city": "Hamburg", "reference": "04011000-12345-34",
                          "endpoint": "bills@harbour.example"},
    }  # fmt: skip


def _line(rng: Random, seed: int, number: int, invoice: Invoice) -> InvoiceLine:
    standard = invoice.tax_treatment == TaxTreatment.STANDARD
    quantity = D(rng.choice([100, 25, 158, 33, 7, rng.randrange(1, 5_000)])) / 100
    price = D(rng.choice([9_000, 1, 4_999, rng.randrange(1, 200_000)])) / 100
    if number and rng.random() < 0.15:
        price = -price / 10  # a discount
    price = money.quantise(price, invoice.currency)
    chosen = standard and rng.random() < 0.15
    return InvoiceLine(
        id=UUID(int=seed * 1_000 + number),
        description=rng.choice(TEXTS),
        detail=rng.choice(["", "Two\nlines & \x07 a bell"]),
        quantity=quantity,
        unit=rng.choice(["hour", "piece", "flat"]),
        unit_price=price,
        amount=money.line_amount(quantity, price, invoice.currency),
        tax_rate=D(rng.choice(["20", "7", "19", "8.1", "5.5"])) if standard and not chosen else D(0),
        tax_category="E" if chosen else "",
        exemption_code="VATEX-EU-132" if chosen else "",
        exemption_reason="Article 132" if chosen else "",
    )


FORMATS = [EInvoice.FACTURX, EInvoice.XRECHNUNG_UBL, EInvoice.XRECHNUNG_CII]
