"""Who sends an invoice to whom: the columns that are copied onto it, so that it stays what it was."""

from __future__ import annotations

from dataclasses import dataclass


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
