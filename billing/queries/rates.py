"""By which rules logged work is rated: the agreement of the entry's day, else the client's terms and the shop's settings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from billing.choices import AgreementKind, AgreementState
from billing.models import Agreement, AgreementTicket, AgreementVersion, Block
from billing.rules.blocks import Purse
from billing.rules.rating import ALWAYS, RateRules, Work
from billing.rules.rounding import RoundingRule
from billing.rules.terms import Terms
from clients.models import Client, ServiceCalendar
from clients.queries import default_calendar, shop_zone
from clients.rules.calendars import Calendar
from tickets.models import TimeEntry

from .agreements import leading, version_on, versions_of


class NoRate(ValueError):
    """Neither an agreement nor the client's terms nor the shop's settings say a rate."""


@dataclass
class Rates:
    """The rules of one client's work, loaded once: its agreements with their versions, whose tickets are whose, its calendar."""

    client: Client
    terms: Terms
    agreements: Sequence[Agreement]
    versions: Mapping[UUID, list[AgreementVersion]]
    by_ticket: Mapping[UUID, Agreement]
    calendar: Calendar
    _made: dict[UUID, RateRules] = field(default_factory=dict)

    def version_of(self, entry: TimeEntry) -> AgreementVersion | None:
        """The version that says what an entry costs: the ticket's own agreement's, else the one that leads on its day."""
        day = entry.started_at.astimezone(self.calendar.zone).date()
        own = self.by_ticket.get(entry.ticket_id)
        agreement = own if own is not None and own.runs_on(day) else leading(self.agreements, day)
        return version_on(self.versions.get(agreement.pk, ()), day) if agreement else None

    def rules_of(self, entry: TimeEntry) -> RateRules:
        """Raises NoRate."""
        version = self.version_of(entry)
        key = version.pk if version else self.client.pk
        if key not in self._made:
            self._made[key] = self._rules(version)
        return self._made[key]

    def _rules(self, version: AgreementVersion | None) -> RateRules:
        terms = self.terms
        agreed = version.hourly_rate if version else None
        rate = agreed if agreed is not None else terms.hourly_rate
        if rate is None:
            raise NoRate
        if version is None:
            return RateRules(terms.currency, rate, terms.rate_is_own)
        return RateRules(
            currency=terms.currency,
            hourly_rate=rate,
            rate_is_own=agreed is not None or terms.rate_is_own,
            agreement=version.agreement.name,
            version=version.number,
            calendar=self.calendar,
            on_site_rate=version.on_site_rate,
            travel=version.travel,
            travel_price=version.travel_price,
            after_multiplier=version.after_multiplier,
            day_off_multiplier=version.day_off_multiplier,
            rounding=RoundingRule(version.round_step, version.round_how, version.round_per, version.minimum_minutes),
            includes=frozenset(version.includes),
            includes_after_hours=version.includes_after_hours,
            not_from_blocks=frozenset(version.not_from_blocks),
            excluded_categories=frozenset(version.excluded_categories),
        )

    def rated(self, entries: Iterable[TimeEntry]) -> list[tuple[Work, RateRules]]:
        """The entries as the rules take them. Their tickets with categories and their members must be loaded."""
        return [(_work(entry), self.rules_of(entry)) for entry in entries]


def rates_of(client: Client, terms: Terms) -> Rates:
    """One client's rules. Four queries at most, one without agreements."""
    return rates_of_many([client], {client.pk: terms})[client.pk]


def rates_of_many(clients: Iterable[Client], terms: Mapping[UUID, Terms]) -> dict[UUID, Rates]:
    """Client id -> the rules of its work. Four queries for any number of clients, one without agreements.

    Agreements in another currency than the client is billed in do not count: they would bill twice over.
    """
    clients = list(clients)
    rows: dict[UUID, list[Agreement]] = defaultdict(list)
    for agreement in Agreement.objects.filter(client__in=clients).exclude(state=AgreementState.DRAFT):
        if agreement.currency == terms[agreement.client_id].currency:
            rows[agreement.client_id].append(agreement)
    known = {agreement.pk: agreement for mine in rows.values() for agreement in mine}
    versions = versions_of(known.values()) if known else {}
    put = AgreementTicket.objects.filter(agreement__in=known) if known else AgreementTicket.objects.none()
    by_ticket = {row.ticket_id: known[row.agreement_id] for row in put}
    calendars = calendars_for([client for client in clients if rows[client.pk]])
    return {
        client.pk: Rates(
            client, terms[client.pk], rows[client.pk], versions, by_ticket, calendars.get(client.pk, ALWAYS)
        )
        for client in clients
    }


def calendars_for(clients: Sequence[Client]) -> dict[UUID, Calendar]:
    """Client id -> its calendar, else the shop's. One query where some have their own."""
    own = {client.calendar_id for client in clients if client.calendar_id}
    made = {row.pk: row.terms.calendar() for row in ServiceCalendar.objects.filter(pk__in=own)} if own else {}
    if not clients:
        return {}
    default = default_calendar()
    usual = default.terms.calendar() if default else Calendar(shop_zone(), (), always=True)
    return {client.pk: made[client.calendar_id] if client.calendar_id else usual for client in clients}


def _work(entry: TimeEntry) -> Work:
    category = entry.ticket.category
    tags = frozenset(each for each in (category.pk, category.parent_id) if each) if category else frozenset()
    return Work(entry.pk, entry.ticket_id, entry.member.name, entry.started_at, entry.minutes, entry.work_type, tags)


def purse_of(block: Block) -> Purse:
    return Purse(
        block.pk,
        block.kind,
        block.unit,
        block.left,
        block.currency,
        block.valid_from,
        block.expires_on,
        block.may_go_negative,
    )


def allowances_wanted(
    rates: Rates, entries: Iterable[TimeEntry]
) -> dict[tuple[UUID, date], tuple[AgreementVersion, date]]:
    """(agreement id, day) -> the version with minutes included each period, for each day of work."""
    found = {}
    for entry in entries:
        version = rates.version_of(entry)
        if version is not None and version.included_minutes and version.agreement.kind != AgreementKind.PROJECT:
            day = entry.started_at.astimezone(rates.calendar.zone).date()
            found[version.agreement_id, day] = (version, day)
    return found
