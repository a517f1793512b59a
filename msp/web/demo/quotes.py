"""Quotes of a demo shop: one with choices at the client, one that waits for its evidence, and what an hour costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from billing import actions
from billing.models import Quote, QuoteLine, QuoteRevision
from billing.queries.quotes import receivers_of
from billing.queries.terms import terms_for
from msp.accounts.choices import Role
from msp.accounts.queries import staff

from .shop import Account, Shop

_BASE: dict[str, Any] = {
    "kind": "service",
    "detail": "",
    "quantity": Decimal(1),
    "unit": "flat",
    "every": "once",
    "role": "required",
    "group": "",
    "preselected": True,
}
_BACKUP = {"role": "alternative", "group": "Backup", "unit": "piece", "every": "month"}
_LINES: tuple[dict[str, Any], ...] = (
    {"description": "Move mail and files to the new server, with one evening on site", "unit_price": Decimal(1480)},
    {"kind": "hardware", "description": "Server, two disks of 4 TB", "unit": "piece", "unit_price": Decimal(2360)},
    {**_BACKUP, "description": "Backup every night, kept for thirty days", "unit_price": Decimal(45)},
    {**_BACKUP, "description": "Backup every hour, kept for a year", "unit_price": Decimal(95), "preselected": False},
    {
        "description": "Take the old server away and wipe its disks",
        "unit_price": Decimal(120),
        "role": "optional",
        "preselected": False,
    },
)
_SHEET: dict[str, Any] = {
    "people": 18,
    "devices": 20,
    "measure": "people",
    "use": "1.7 of 2 TB, 18 people at once on Mondays",
    "growth_percent": Decimal(20),
    "growth_why": "Two more people in each of the next two years",
    "serves": 25,
    "smaller": "The same with two disks of 2 TB",
    "smaller_price": Decimal(1990),
    "why_not_smaller": "Full within a year",
}


def offers(shop: Shop) -> None:
    """A sent quote and a draft, and the costs that make profit visible."""
    _costs(shop)
    sent, draft = shop.accounts[0], shop.accounts[1]
    _send(shop, _quote(shop, sent, "A new server for the office"), sent)
    _quote(shop, draft, "Server and backup")


def _quote(shop: Shop, account: Account, title: str) -> Quote:
    owner = shop.one(Role.OFFICE_MANAGER)
    me, now, rate = owner.as_actor(), shop.now, terms_for(account.client).tax_rate
    quote = actions.start_quote(client=account.client, title=title, owner=owner, actor=me, now=now)
    revision = QuoteRevision.objects.get(quote=quote)
    head = {"intro": "Thank you for the talk on site. This is what we would do.", "deposit_percent": Decimal(30)}
    actions.edit_quote(revision=revision, values=head | {"on_accept": "deposit"}, actor=me, now=now)
    for line in _LINES:
        values = {**_BASE, "tax_rate": rate, **line}
        actions.add_quote_line(revision=revision, values=values, actor=me, now=now)
    return quote


def _send(shop: Shop, quote: Quote, account: Account) -> None:
    me, now = shop.one(Role.OFFICE_MANAGER).as_actor(), shop.now
    for line in QuoteLine.objects.filter(revision__quote=quote, kind="hardware"):
        actions.save_evidence(line=line, values=_SHEET, actor=me, now=now)
    revision = QuoteRevision.objects.select_related("quote").get(quote=quote)
    contacts = list(receivers_of(account.client)[:1])
    if contacts:
        actions.send_quote(revision=revision, contacts=contacts, actor=me, now=now, reason="Agreed on the phone")


def _costs(shop: Shop) -> None:
    owner, now, first = shop.one(Role.OWNER).as_actor(), shop.now, date(shop.now.year - 1, 1, 1)
    for member in staff():
        actions.set_cost_rate(member=member, valid_from=first, hourly=Decimal(32), actor=owner, now=now)
    actions.set_overhead(valid_from=first, percent=Decimal(55), actor=owner, now=now)
