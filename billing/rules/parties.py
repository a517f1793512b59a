"""Who sends an invoice to whom: the columns that are copied onto it, so that it stays what it was."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VAT = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")


@dataclass(frozen=True)
class SellerDetails:
    """What e-invoices and payment codes ask of the shop apart. `country`: ISO 3166; `endpoint_scheme`: CEF EAS, EM is e-mail."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    contact: str = ""
    tax_number: str = ""
    endpoint: str = ""
    endpoint_scheme: str = "EM"
    account_name: str = ""
    iban: str = ""
    bic: str = ""


@dataclass(frozen=True)
class BuyerDetails:
    """What e-invoices ask of the client apart. `reference`: BT-10, of public bodies in Germany the Leitweg-ID."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    reference: str = ""
    endpoint: str = ""
    endpoint_scheme: str = "EM"


@dataclass(frozen=True)
class Parties:
    """Named as the invoice's columns."""

    seller_name: str
    seller_address: str
    seller_tax_id: str
    seller_registration: str
    seller_phone: str
    seller_email: str
    buyer_name: str
    buyer_address: str
    buyer_tax_id: str
    bank_details: str
    footer: str
    language: str
    recipients: list[str]
    intro: str = ""
    seller_details: SellerDetails = SellerDetails()
    buyer_details: BuyerDetails = BuyerDetails()
    e_invoice: str = ""


def vat_number(text: str, country: str) -> str:
    """A tax number as EN 16931 writes VAT numbers, with the country's prefix; empty where it is none.

    Greece's prefix is EL. A number typed without any prefix is of no known country, so it is no VAT number.
    """
    plain = re.sub(r"[\s.\-/]", "", text).upper()
    prefixes = {country, "EL" if country == "GR" else country, "XI" if country == "GB" else country}
    return plain if _VAT.fullmatch(plain) and plain[:2] in prefixes else ""
