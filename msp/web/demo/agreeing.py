"""A few of a demo shop's clients have agreements; the last one is a draft that waits for its signature."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing import actions
from billing.models import Agreement, AgreementVersion
from billing.queries.agreement_templates import start_from
from billing.rules.proration import add_months
from msp.accounts.choices import Role

from .clock import Story
from .shop import Account, Shop

_BEFORE_THE_END = timedelta(days=12)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """An agreement to make: from which template, at which prices, since how many months. `left`: days until its term ends."""

    template: str
    name: str
    prices: tuple[str, ...] = ()
    months: int = 6
    left: int | None = None
    rate: str = "90.00"
    block: tuple[int, str] | None = None  # hours, price
    signed: bool = True
    values: dict[str, Any] = field(default_factory=dict)


PLANS = (
    Plan("users", "Office care", ("24.00", "65.00"), months=14, left=100),
    Plan("block", "Twenty hours", block=(20, "1600.00"), months=2),
    Plan("retainer", "Ten hours a month", ("780.00",), months=5, left=40, values={"renewal": "ask", "notice_days": 30}),
    Plan("time", "Hourly work", rate="95.00", months=8),
    Plan("project", "New file server", months=1),
    Plan("flat", "Backup watch", ("120.00",), months=0, signed=False),
)


def agreeing(shop: Shop) -> Story:
    """Twelve days before the end, so that the last drafts follow them."""
    yield shop.timeline.end - _BEFORE_THE_END
    for account, plan in zip(shop.accounts[1::2], PLANS, strict=False):
        _agree(shop, account, plan)


def _agree(shop: Shop, account: Account, plan: Plan) -> None:
    start = start_from(plan.template)
    assert start is not None
    today = shop.now.date()
    begins = add_months(today.replace(day=1), -plan.months)
    items = [item | {"unit_price": Decimal(price)} for item, price in zip(start.items, plan.prices, strict=False)]
    who: dict[str, Any] = {"actor": shop.one(Role.OFFICE_MANAGER).as_actor(), "now": shop.now}
    charged = today.replace(day=1) - _DAY if plan.months else None
    ends = today + plan.left * _DAY if plan.left else None
    agreement = actions.create_agreement(
        client=account.client,
        values={"kind": start.kind, "name": plan.name, "starts_on": begins, "ends_on": ends, "charged_until": charged}
        | plan.values,
        terms=start.terms | {"hourly_rate": Decimal(plan.rate)},
        items=items,
        **who,
    )
    if plan.signed:
        version = AgreementVersion.objects.select_related("agreement").get(agreement=agreement)
        said: dict[str, Any] = {
            "name": account.contacts[0].name,
            "accepted_on": begins,
            "how": "signed",
            "document": None,
        }
        actions.accept_agreement(version=version, **said, **who)
        _furnish(agreement, plan, begins, who)


def _furnish(agreement: Agreement, plan: Plan, begins: date, who: dict[str, Any]) -> None:
    actions.count_items(agreement=agreement, on=begins, **who)
    if plan.block:
        hours, price = plan.block
        size = {"unit": "minutes", "size": Decimal(hours * 60), "price": Decimal(price)}
        days = {"valid_from": begins, "expires_on": add_months(begins, 12) - _DAY}
        actions.add_block(agreement=agreement, values=size | days, **who)
    if plan.template == "project":
        for title, amount, deposit in (("On order", "600.00", True), ("Installed", "1400.00", False)):
            values = {"title": title, "amount": Decimal(amount), "is_deposit": deposit}
            actions.add_milestone(agreement=agreement, values=values, **who)
