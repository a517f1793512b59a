"""Month end: all clients with finished work drafted at once, each a row of its own, so that nothing that dies loses its place."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import RUNS
from billing.models import BillingRun, RunClient
from billing.queries.clock import pieces_of
from billing.queries.work import clients_finished_before
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, Outcome, Plain

from .covering import cover_work
from .drafting import draft_invoice

REASON_LENGTH = 300


def start_run(*, until: datetime, actor: Actor, now: datetime) -> BillingRun:
    """Draft every client's work that was finished before `until`; workers do it, the run's page shows how far they are.

    Raises Refused while another run is at work, and when there is nothing to draft.
    """
    with transaction.atomic():
        if RunClient.objects.filter(state=DueState.QUEUED).exists():
            raise Refused(_("A month end is running already."))
        clients = list(clients_finished_before(until).values_list("pk", flat=True))
        if not clients:
            raise Refused(_("No finished work of that time is unbilled."))
        run = BillingRun.objects.create(until=until, asked_at=now, asked_by=actor.name)
        RunClient.objects.bulk_create(RunClient(run=run, client_id=pk, due_at=now) for pk in clients)
        record(actor=actor, verb="billing.run_started", subject=run, now=now, data={"clients": len(clients)})
        ring(RUNS)
    return run


class DraftRunClient(Plain[RunClient]):
    """One client: drafted, or refused with the reason."""

    def act(self, row: RunClient, now: datetime) -> Outcome:
        client, until = row.client, row.run.until
        tickets = {piece.ticket_id for piece in pieces_of(client) if piece.at < until}
        actor = system_actor(_("%(name)s, by the month end") % {"name": row.run.asked_by})
        try:
            cover_work(client=client, ticket_ids=tickets, actor=actor, now=now)
            with transaction.atomic():
                row.invoice = draft_invoice(client=client, ticket_ids=tickets, actor=actor, now=now)
        except Refused as refused:
            row.refused_because = str(refused)[:REASON_LENGTH]
        row.save(update_fields=["invoice", "refused_because"])
        return Ended(DueState.DONE)
