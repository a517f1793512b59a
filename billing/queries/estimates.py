"""What unbilled work would come to if it were drafted now, where agreements say so. Nothing is held and nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID, uuid4

from billing.choices import AgreementState, BlockKind, BlockUnit
from billing.models import Block
from billing.rules import money
from billing.rules.blocks import Purse
from billing.rules.proration import period_of
from billing.rules.rating import rate_work
from billing.rules.terms import Terms
from clients.models import Client
from tickets.models import TimeEntry

from .rates import NoRate, Rates, allowances_wanted, purse_of, rates_of_many


def agreed_amounts(clients: Iterable[Client], terms: Mapping[UUID, Terms]) -> dict[UUID, Decimal | None]:
    """Ticket id -> what its finished work would be billed at, for the clients that have agreements; None without a rate.

    Six queries for any number of clients, one where none has an agreement.
    """
    rates = {pk: each for pk, each in rates_of_many(clients, terms).items() if each.agreements}
    if not rates:
        return {}
    entries: dict[UUID, list[TimeEntry]] = defaultdict(list)
    rows = TimeEntry.objects.unbilled().filter(client__in=rates, finished_at__isnull=False)
    for entry in rows.select_related("ticket__category", "member").order_by("started_at", "id"):
        entries[entry.client_id].append(entry)
    purses: dict[UUID, list[Purse]] = defaultdict(list)
    blocks = Block.objects.filter(client__in=rates, closed_at=None).exclude(agreement__state=AgreementState.DRAFT)
    for block in blocks:
        if block.currency == terms[block.client_id].currency:
            purses[block.client_id].append(purse_of(block))
    found: dict[UUID, Decimal | None] = {}
    for client_id, work in entries.items():
        found |= _amounts(rates[client_id], work, purses[client_id])
    return found


def _amounts(rates: Rates, work: list[TimeEntry], purses: list[Purse]) -> dict[UUID, Decimal | None]:
    try:
        lines = rate_work(rates.rated(work), [*purses, *_unmade(rates, work, purses)])
    except NoRate:
        return {entry.ticket_id: None for entry in work}
    found: dict[UUID, Decimal | None] = {entry.ticket_id: money.ZERO for entry in work}
    for line in lines:
        found[line.ticket] = (found[line.ticket] or money.ZERO) + line.amount
    return found


def _unmade(rates: Rates, work: list[TimeEntry], purses: list[Purse]) -> list[Purse]:
    """Included minutes of periods that nothing was drafted for yet; what would be carried over is not counted."""
    made = {purse.valid_from for purse in purses if purse.kind == BlockKind.ALLOWANCE}
    found: dict[tuple[UUID, object], Purse] = {}
    for version, day in allowances_wanted(rates, work).values():
        period = period_of(day, version.agreement.period)
        if period.start not in made:
            about = (uuid4(), BlockKind.ALLOWANCE, BlockUnit.MINUTES, Decimal(version.included_minutes))
            purse = Purse(*about, rates.terms.currency, period.start, period.end)
            found[version.agreement_id, period.start] = purse
    return list(found.values())
