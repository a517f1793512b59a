"""What holds for a client, and who the parties of an invoice are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from billing.models import BillingSettings, ClientTerms
from billing.rules.parties import BuyerDetails, Parties, SellerDetails
from billing.rules.tax import tax_on
from billing.rules.terms import OwnTerms, ShopDefaults, Terms, combined
from clients.models import Client, Contact
from msp.accounts.models import ShopSettings
from msp.accounts.queries import settings_of_shop
from msp.tenancy.kept import kept
from msp.tenancy.models import current_tenant

from .tax import dated_taxes


@dataclass(frozen=True)
class Shop:
    """The shop as billing sees it; rows that were never saved stand for settings nobody has touched."""

    identity: ShopSettings
    billing: BillingSettings

    @property
    def defaults(self) -> ShopDefaults:
        return ShopDefaults(
            currency=self.identity.currency,
            hourly_rate=self.billing.hourly_rate,
            tax_name=self.billing.tax_name,
            tax_rate=self.billing.tax_rate,
            payment_days=self.billing.payment_days,
            prices_include_tax=self.billing.prices_include_tax,
        )

    def defaults_on(self, day: date | None) -> ShopDefaults:
        """With the usual tax as it was on a day; None: today where the shop is."""
        day = day or timezone.now().astimezone(ZoneInfo(self.identity.zone)).date()
        return replace(self.defaults, usual_tax=tax_on(dated_taxes(), "", day))


def shop() -> Shop:
    """The current shop, without the logo's bytes. Two queries."""
    return Shop(settings_of_shop(), billing_settings())


@kept(BillingSettings)
def billing_settings() -> BillingSettings:
    """How the current shop bills; the defaults where nothing was set yet."""
    return BillingSettings.objects.first() or BillingSettings()


def client_terms(client: Client) -> ClientTerms:
    """The client's own terms; an unsaved row where none were agreed."""
    return ClientTerms.objects.filter(client=client).first() or ClientTerms(client=client)


def own_terms(row: ClientTerms | None) -> OwnTerms:
    if row is None:
        return OwnTerms()
    own = row.hourly_rate, row.tax_treatment, row.tax_rate, row.payment_days
    return OwnTerms(*own, row.tax_reason, row.prices_include_tax)


def terms_of(clients: Iterable[Client], day: date | None = None) -> dict[UUID, Terms]:
    """Client id -> the terms that hold, with the tax of a day or of today. Four queries for any number of clients."""
    clients, defaults = list(clients), shop().defaults_on(day)
    own = {row.client_id: row for row in ClientTerms.objects.filter(client__in=clients)}
    return {client.pk: combined(defaults, own_terms(own.get(client.pk)), client.currency) for client in clients}


def terms_for(client: Client, day: date | None = None) -> Terms:
    """The terms that hold for one client, with the tax of a day or of today."""
    return terms_of([client], day)[client.pk]


def parties_of(clients: Iterable[Client]) -> dict[UUID, Parties]:
    """Client id -> who would stand on an invoice drawn up now. A constant number of queries."""
    clients, here = list(clients), shop()
    own = {row.client_id: row for row in ClientTerms.objects.filter(client__in=clients)}
    receivers: dict[UUID, list[str]] = defaultdict(list)
    for client_id, email in (
        Contact.objects.living()
        .filter(client__in=clients, gets_invoices=True)
        .exclude(email="")
        .order_by("name", "id")
        .values_list("client_id", "email")
    ):
        receivers[client_id].append(email.lower())
    name = here.identity.legal_name or current_tenant().name
    return {c.pk: _parties(here, name, c, own.get(c.pk) or ClientTerms(client=c), receivers[c.pk]) for c in clients}


def _recipients(terms: ClientTerms, receivers: list[str]) -> list[str]:
    """Who gets the mail: where invoices go by post only an address that the terms name."""
    if terms.invoice_email:
        return [terms.invoice_email.lower()]
    return [] if terms.by_post else list(dict.fromkeys(receivers))


def _parties(shop: Shop, name: str, client: Client, terms: ClientTerms, receivers: list[str]) -> Parties:
    identity, billing = shop.identity, shop.billing
    return Parties(
        seller_name=name,
        seller_address=identity.address,
        seller_tax_id=identity.tax_id,
        seller_registration=identity.registration,
        seller_phone=identity.phone,
        seller_email=identity.email,
        buyer_name=terms.billing_name or client.name,
        buyer_address=terms.billing_address or client.address,
        buyer_tax_id=terms.tax_id,
        bank_details=billing.bank_details,
        footer=billing.footer,
        language=client.language,
        recipients=_recipients(terms, receivers),
        intro=billing.intro,
        seller_details=_seller_details(identity, billing),
        buyer_details=_buyer_details(client, terms, receivers),
        e_invoice=terms.e_invoice,
    )


def _seller_details(identity: ShopSettings, billing: BillingSettings) -> SellerDetails:
    return SellerDetails(
        street=billing.street,
        postcode=billing.postcode,
        city=billing.city,
        country=identity.country,
        contact=billing.contact_name,
        tax_number=billing.tax_number,
        endpoint=billing.endpoint or identity.email,
        endpoint_scheme=billing.endpoint_scheme if billing.endpoint else "EM",
        account_name=billing.account_name,
        iban=billing.iban.replace(" ", "").upper(),
        bic=billing.bic.replace(" ", "").upper(),
    )


def _buyer_details(client: Client, terms: ClientTerms, receivers: list[str]) -> BuyerDetails:
    mailed = terms.invoice_email or next(iter(receivers), "") or client.email
    return BuyerDetails(
        street=terms.street,
        postcode=terms.postcode,
        city=terms.city,
        country=client.country,
        reference=terms.buyer_reference,
        endpoint=terms.endpoint or mailed,
        endpoint_scheme=terms.endpoint_scheme if terms.endpoint else "EM",
    )
