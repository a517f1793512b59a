"""What a client pays and how: the shop's defaults under the client's own agreement."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.choices import TaxCategory, TaxTreatment

from .money import ZERO
from .tax import Tax, treatment_of


@dataclass(frozen=True)
class ShopDefaults:
    """`currency` is the one `hourly_rate` is in. A rate of None was never set. `usual_tax`: the dated tax that holds today, where
    there is one; else `tax_rate` alone says it.
    """

    currency: str
    hourly_rate: Decimal | None
    tax_name: str
    tax_rate: Decimal | None
    payment_days: int
    usual_tax: Tax | None = None
    prices_include_tax: bool = False


@dataclass(frozen=True)
class OwnTerms:
    """What was agreed with one client; None leaves the shop's default."""

    hourly_rate: Decimal | None = None
    tax_treatment: str = TaxTreatment.STANDARD
    tax_rate: Decimal | None = None
    payment_days: int | None = None
    tax_reason: str = ""
    prices_include_tax: bool | None = None


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
    tax_reason: str = ""
    second_tax_name: str = ""
    second_tax_rate: Decimal = ZERO
    second_on_top: bool = False
    prices_include_tax: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether time can be billed under them."""
        return self.hourly_rate is not None and self.tax_rate is not None


def combined(shop: ShopDefaults, own: OwnTerms, currency: str) -> Terms:
    """The terms of a client billed in `currency`. The shop's rate counts only in the shop's own currency."""
    shop_rate = shop.hourly_rate if currency == shop.currency else None
    plain = None if shop.tax_rate is None else Tax(TaxCategory.STANDARD, shop.tax_rate)
    usual = shop.usual_tax or plain
    as_usual = own.tax_treatment == TaxTreatment.STANDARD
    usually = usual if as_usual and own.tax_rate is None else None  # a rate of the client's own is all its tax
    inclusive = own.prices_include_tax
    return Terms(
        currency=currency,
        hourly_rate=own.hourly_rate if own.hourly_rate is not None else shop_rate,
        rate_is_own=own.hourly_rate is not None,
        tax_name=shop.tax_name,
        tax_treatment=treatment_of(usually.category) if usually else own.tax_treatment,
        tax_rate=_rate(own, usual) if as_usual else ZERO,
        payment_days=own.payment_days if own.payment_days is not None else shop.payment_days,
        tax_reason=own.tax_reason or (usually.reason if usually else ""),
        second_tax_name=usually.second_name if usually else "",
        second_tax_rate=usually.second_rate if usually else ZERO,
        second_on_top=usually.on_top if usually else False,
        prices_include_tax=shop.prices_include_tax if inclusive is None else inclusive,
    )


def _rate(own: OwnTerms, usual: Tax | None) -> Decimal | None:
    if own.tax_rate is not None:
        return own.tax_rate
    return usual.rate if usual else None
