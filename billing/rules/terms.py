"""What a client pays and how: the shop's defaults under the client's own agreement."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.choices import TaxTreatment

from .money import ZERO


@dataclass(frozen=True)
class ShopDefaults:
    """`currency` is the one `hourly_rate` is in. A rate of None was never set."""

    currency: str
    hourly_rate: Decimal | None
    tax_name: str
    tax_rate: Decimal | None
    payment_days: int


@dataclass(frozen=True)
class OwnTerms:
    """What was agreed with one client; None leaves the shop's default."""

    hourly_rate: Decimal | None = None
    tax_treatment: str = TaxTreatment.STANDARD
    tax_rate: Decimal | None = None
    payment_days: int | None = None


@dataclass(frozen=True)
class Terms:
    """What holds for one client. `hourly_rate` or `tax_rate` None: nobody has set one that fits. Tax in percent."""

    currency: str
    hourly_rate: Decimal | None
    rate_is_own: bool
    tax_name: str
    tax_treatment: str
    tax_rate: Decimal | None
    payment_days: int

    @property
    def is_complete(self) -> bool:
        """Whether time can be billed under them."""
        return self.hourly_rate is not None and self.tax_rate is not None


def combined(shop: ShopDefaults, own: OwnTerms, currency: str) -> Terms:
    """The terms of a client billed in `currency`. The shop's rate counts only in the shop's own currency."""
    shop_rate = shop.hourly_rate if currency == shop.currency else None
    own_tax = own.tax_rate if own.tax_rate is not None else shop.tax_rate
    return Terms(
        currency=currency,
        hourly_rate=own.hourly_rate if own.hourly_rate is not None else shop_rate,
        rate_is_own=own.hourly_rate is not None,
        tax_name=shop.tax_name,
        tax_treatment=own.tax_treatment,
        tax_rate=own_tax if own.tax_treatment == TaxTreatment.STANDARD else ZERO,
        payment_days=own.payment_days if own.payment_days is not None else shop.payment_days,
    )
