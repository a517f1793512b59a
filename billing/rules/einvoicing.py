"""What an e-invoice must have before it can be one: asked before a number is given, while it can still be put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.choices import EInvoice

from .parties import Parties

# How far a tax may lie from rate times base (BR-CO-17): many lines, each rounded, can add up to more.
_SLACK = Decimal(1)


@dataclass(frozen=True)
class Lacks:
    """`of_shop`: what the documents' settings must say; `of_client`: the client's terms; `of_tax`: what EN 16931 cannot say."""

    of_shop: tuple[str, ...] = ()
    of_client: tuple[str, ...] = ()
    of_tax: tuple[str, ...] = ()


def lacks(parties: Parties, *, has_second_tax: bool, farthest: Decimal) -> Lacks:
    """`farthest`: the largest distance of a tax from rate times base. Nothing is lacking where no e-invoice is wanted."""
    if not parties.e_invoice:
        return Lacks()
    return Lacks(tuple(_of_shop(parties)), tuple(_of_client(parties)), tuple(_of_tax(has_second_tax, farthest)))


def _of_shop(parties: Parties) -> Iterator[str]:
    seller = parties.seller_details
    if not seller.city or not seller.postcode:
        yield _("your town and postcode")
    if not (parties.seller_tax_id or seller.tax_number or parties.seller_registration):
        yield _("a tax or registration number of yours")
    if parties.e_invoice != EInvoice.FACTURX:
        if not seller.iban:
            yield _("your IBAN")
        if not seller.contact or not parties.seller_phone or not parties.seller_email:
            yield _("whom clients ask, with phone and e-mail")


def _of_client(parties: Parties) -> Iterator[str]:
    buyer = parties.buyer_details
    if not buyer.city or not buyer.postcode:
        yield _("the client's town and postcode")
    if parties.e_invoice != EInvoice.FACTURX:
        if not buyer.reference:
            yield _("the buyer reference (Leitweg-ID)")
        if not buyer.endpoint:
            yield _("the client's electronic address")


def _of_tax(has_second_tax: bool, farthest: Decimal) -> Iterator[str]:
    if has_second_tax:
        yield _("EN 16931 knows one tax on a line, this has two")
    if farthest >= _SLACK:
        yield _("tax rounded on every line is too far from rate times sum: round once for each rate")
