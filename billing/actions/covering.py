"""Rating logged work under the client's agreements, and settling what they bear in full without an invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import AgreementState, Coverage
from billing.models import Agreement, Block, CoveredTime, CoveredWork
from billing.queries.rates import NoRate, Rates, purse_of, rates_of
from billing.queries.terms import terms_for
from billing.rules.explaining import source_of
from billing.rules.rating import RatedLine, rate_work
from billing.rules.refusals import Refused
from billing.rules.terms import Terms
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.actions import lock_time, unlock_time
from tickets.models import Ticket, TimeEntry

from .asking import ask_to_look
from .blocks import draw_from, ensure_allowances, give_back, usable_blocks


@dataclass(frozen=True)
class RatedTicket:
    """A ticket's work with the lines it comes to."""

    ticket: Ticket
    entries: list[TimeEntry]
    lines: list[RatedLine]

    @property
    def is_covered(self) -> bool:
        """Nothing of it is charged."""
        return all(line.coverage != Coverage.RATE for line in self.lines)


@dataclass(frozen=True)
class Rated:
    """Work as it is rated now, with its blocks held. Nothing is drawn yet."""

    rates: Rates
    tickets: list[RatedTicket]
    blocks: Mapping[UUID, Block]

    def draw(self, lines: Iterable[RatedLine], work_id: UUID, *, about: str, actor: Actor, now: datetime) -> None:
        """Take what these lines cost out of their blocks, for the invoice line or covered work of that id."""
        for line in lines:
            if line.first.purse is not None:
                block, on = self.blocks[line.first.purse.key], line.first.day
                minutes = line.billed_minutes
                draw_from(block, line.drawn, actor=actor, now=now, on=on, about=about, minutes=minutes, work_id=work_id)


def take_entries(client: Client, ticket_ids: Collection[UUID] | None, with_open: bool) -> list[TimeEntry]:
    """Unbilled entries, held in key order: of two people who draft at once the second finds nothing left."""
    rows = TimeEntry.objects.unbilled().filter(client=client)
    if ticket_ids is not None:
        rows = rows.filter(ticket__in=ticket_ids)
    if not with_open:
        rows = rows.filter(finished_at__isnull=False)
    held = list(rows.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
    loaded = TimeEntry.objects.filter(pk__in=held).select_related("ticket__category", "member")
    return list(loaded.order_by("ticket__number", "started_at", "id"))


def rate_entries(client: Client, terms: Terms, entries: list[TimeEntry], *, actor: Actor, now: datetime) -> Rated:
    """Rate held entries, ordered by ticket, with the client's blocks held. Raises Refused without a rate."""
    rates = rates_of(client, terms)
    blocks: Mapping[UUID, Block] = {}
    if rates.agreements:
        ensure_allowances(rates, entries, actor=actor, now=now)
        blocks = usable_blocks(client, terms.currency)
    try:
        lines = rate_work(rates.rated(entries), [purse_of(block) for block in blocks.values()])
    except NoRate:
        raise Refused(_("Set an hourly rate and a tax rate first: Settings, Billing.")) from None
    by_ticket: dict[UUID, list[RatedLine]] = defaultdict(list)
    for line in lines:
        by_ticket[line.ticket].append(line)
    work: dict[UUID, list[TimeEntry]] = defaultdict(list)
    for entry in entries:
        work[entry.ticket_id].append(entry)
    tickets = [RatedTicket(rows[0].ticket, rows, by_ticket[key]) for key, rows in work.items()]
    return Rated(rates, tickets, blocks)


def cover_work(
    *,
    client: Client,
    actor: Actor,
    now: datetime,
    ticket_ids: Collection[UUID] | None = None,
    with_open_tickets: bool = False,
) -> list[CoveredWork]:
    """Settle the tickets whose work the client's agreements bear in full: nothing is left to bill, blocks are drawn from.

    Takes the tickets that `draft_invoice` would take. Raises Refused without a rate.
    """
    with transaction.atomic():
        if not Agreement.objects.filter(client=client).exclude(state=AgreementState.DRAFT).exists():
            return []
        entries = take_entries(client, ticket_ids, with_open_tickets)
        if not entries:
            return []
        rated = rate_entries(client, terms_for(client), entries, actor=actor, now=now)
        found = [_cover(rated, each, client, actor, now) for each in rated.tickets if each.is_covered]
        if found:
            ask_to_look(actor=actor, now=now, client=client)
    return found


def _cover(rated: Rated, each: RatedTicket, client: Client, actor: Actor, now: datetime) -> CoveredWork:
    agreement = _bearer(rated, each)
    notes = {entry.pk: entry.note for entry in each.entries}
    work = CoveredWork.objects.create(
        agreement=agreement,
        client=client,
        ticket=each.ticket,
        minutes=sum(entry.minutes for entry in each.entries),
        source={"parts": [source_of(line, notes) for line in each.lines]},
        covered_at=now,
    )
    CoveredTime.objects.bulk_create(CoveredTime(work=work, time_entry=entry) for entry in each.entries)
    rated.draw(each.lines, work.pk, about=str(each.ticket), actor=actor, now=now)
    lock_time(entries=each.entries, because=_("An agreement covers it"), actor=actor, now=now)
    data = {"ticket": each.ticket.number, "minutes": work.minutes}
    record(actor=actor, verb="agreement.covered", subject=agreement, now=now, data=data)
    return work


def _bearer(rated: Rated, each: RatedTicket) -> Agreement:
    """The agreement that says the terms; where only a block of an ended one pays, that one."""
    version = rated.rates.version_of(each.entries[0])
    purses = (line.first.purse for line in each.lines if line.first.purse is not None)
    found: Agreement = version.agreement if version else rated.blocks[next(purses).key].agreement
    return found


def uncover_work(*, work: CoveredWork, reason: str, actor: Actor, now: datetime) -> None:
    """Make covered work unbilled again; what it drew is given back. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Say why."))
    with transaction.atomic():
        work = (
            CoveredWork.objects.select_for_update(of=("self",))
            .select_related("agreement", "ticket", "client")
            .get(pk=work.pk)
        )
        links = CoveredTime.objects.filter(work=work)
        entries = list(TimeEntry.objects.filter(pk__in=links.values("time_entry")))
        links.delete()
        give_back([work.pk], actor=actor, now=now)
        CoveredWork.objects.filter(pk=work.pk).delete()
        unlock_time(entries=entries, actor=actor, now=now)
        data = {"ticket": work.ticket.number, "minutes": work.minutes, "reason": reason.strip(), "source": work.source}
        record(actor=actor, verb="agreement.uncovered", subject=work.agreement, now=now, data=data)
        ask_to_look(actor=actor, now=now, client=work.client)
