"""The clock of finished work: a promise when it is finished, a draft within minutes, kept once its invoice is out.

Whoever changes what is finished, drafted or out only asks for a look (`ask_to_look`); a worker then brings the rows of the client in
line with what is there. So no act waits for another's locks, and looking twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.choices import DRAFTS, LOOK, Grouping
from billing.models import FinishedWork
from billing.queries.clock import (
    Key,
    Piece,
    clock_terms,
    drafted_pieces,
    key_of,
    key_of_row,
    pieces_of,
    standing_of,
)
from billing.queries.work import clients_with_finished_work
from billing.rules.clock import SETTLE, ClockTerms
from billing.rules.refusals import Refused
from clients.models import Client
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.models import Job
from msp.jobs.rules import Ended, Later, Outcome, Plain

from .asking import ask_to_look
from .charge_clock import look_at_charges
from .covering import cover_work
from .drafting import draft_invoice
from .promising import CLOCK, lead_to, promise_invoice, settle

AGAIN_AFTER = timedelta(hours=1)  # when a draft was refused: a rate is missing, say


class LookAtWork(Plain[Job]):
    """One look for all who asked for one about the same client."""

    def act(self, row: Job, now: datetime) -> Outcome:
        if "client" not in row.payload:
            for client in clients_with_finished_work():
                ask_to_look(actor=CLOCK, now=now, client=client)
            return Ended(DueState.DONE)
        asked = Job.objects.filter(kind=LOOK, client_id=row.client_id, state=DueState.QUEUED).exclude(pk=row.pk)
        others = list(asked.select_for_update(skip_locked=True).values_list("pk", flat=True))
        Job.objects.filter(pk__in=others).update(state=DueState.DONE, finished_at=now)
        client = Client.objects.get(pk=row.payload["client"])
        look_at_work(client=client, now=now)
        look_at_charges(client=client, now=now)
        return Ended(DueState.DONE)


def look_at_work(*, client: Client, now: datetime) -> None:
    """Bring the rows and promises of a client's finished work in line with its time, drafts and invoices."""
    with transaction.atomic():
        terms = clock_terms(client, now)
        unbilled = _by_key(pieces_of(client), terms)
        finished = _by_key(drafted_pieces(client), terms) | unbilled
        rows = FinishedWork.objects.select_for_update(of=("self",)).filter(
            client=client, settled_at=None, agreement=None
        )
        known = {key_of_row(work): work for work in rows.order_by("id")}
        for key, work in known.items():
            _follow(work, is_unbilled=key in unbilled, now=now)
        for key, at in finished.items():
            if key not in known:
                _begin(client, key, at, terms, now)


def _by_key(pieces: list[Piece], terms: ClockTerms) -> dict[Key, datetime]:
    """What goes together, with the time since when the first of it waits."""
    found: dict[Key, datetime] = {}
    for piece in sorted(pieces, key=lambda piece: piece.at):
        found.setdefault(key_of(piece, terms), piece.at)
    return found


def _follow(work: FinishedWork, *, is_unbilled: bool, now: datetime) -> None:
    standing = standing_of(work)
    if standing.waiting:
        lead_to(work, standing.waiting)
    elif not is_unbilled:
        settle(work, standing, now)


def _begin(client: Client, key: Key, at: datetime, terms: ClockTerms, now: datetime) -> None:
    """Finished work that nobody knew of: when it is drafted, and the promise about it."""
    clock_from = max(at, key.ends_at) if key.ends_at else at
    work = FinishedWork(
        client=client,
        grouping=key.grouping,
        ticket_id=key.ticket_id,
        starts_at=key.starts_at,
        ends_at=key.ends_at,
        clock_from=clock_from,
        due_at=max(clock_from + SETTLE, now),
    )
    if not terms.automatic:
        work.state, work.finished_at = DueState.DONE, now
    work.save(force_insert=True)
    promise_invoice(work, terms, _words(work, terms), now)
    standing = standing_of(work)
    if standing.waiting:  # drafted before we looked
        lead_to(work, standing.waiting)
    ring(DRAFTS)


def _words(work: FinishedWork, terms: ClockTerms) -> str:
    if work.ticket is not None:
        return f"#{work.ticket.number} {work.ticket.subject}"
    assert work.starts_at is not None
    first = work.starts_at.astimezone(terms.zone).date()
    if work.grouping == Grouping.MONTHLY:
        return _("work of %(month)s") % {"month": date_format(first, "F Y")}
    return _("work of the week from %(monday)s") % {"monday": date_format(first, "j F Y")}


class DraftFinished(Plain[FinishedWork]):
    """Drafts what is due, once. A refusal is tried again, and stands on the Unbilled page meanwhile."""

    def act(self, row: FinishedWork, now: datetime) -> Outcome:
        client = row.client
        terms, key = clock_terms(client, now), key_of_row(row)
        tickets = _tickets(client, key, terms)
        if not terms.automatic or not tickets:
            return Ended(DueState.DONE)
        try:
            if cover_work(client=client, ticket_ids=tickets, actor=CLOCK, now=now):
                tickets = _tickets(client, key, terms)
            if not tickets:
                return Ended(DueState.DONE)
            with transaction.atomic():
                row.invoice = draft_invoice(client=client, ticket_ids=tickets, actor=CLOCK, now=now)
        except Refused as refused:
            return Later(now + AGAIN_AFTER, str(refused))
        row.save(update_fields=["invoice"])
        return Ended(DueState.DONE)


def _tickets(client: Client, key: Key, terms: ClockTerms) -> set[UUID]:
    return {piece.ticket_id for piece in pieces_of(client) if key_of(piece, terms) == key}
