"""Bringing the search words of many tickets up to date when a name in them has changed. Worked in batches, by a worker."""

from __future__ import annotations

from datetime import datetime

from clients.models import Client, Contact
from msp.accounts.rules import Actor
from msp.jobs.actions import add_job
from msp.jobs.choices import DueState
from msp.jobs.models import Job
from msp.jobs.rules import Again, Ended, Outcome, Plain
from tickets.models import Ticket

from .rows import make_findable

BATCH = 100  # tickets a transaction


def ask_to_find_again(*, actor: Actor, now: datetime, row: Client | Contact) -> None:
    """Let a worker look at every ticket in whose words the name of a client or contact stands."""
    if isinstance(row, Client):
        client_id, payload = row.pk, {"client": str(row.pk)}
    else:
        client_id, payload = row.client_id, {"client": str(row.client_id), "contact": str(row.pk)}
    add_job(actor=actor, kind="tickets.find_again", payload=payload, now=now, client_id=client_id)


class FindAgain(Plain[Job]):
    """A batch of one client's tickets, newest first; then the next one."""

    def act(self, row: Job, now: datetime) -> Outcome:
        asked = row.payload
        tickets = Ticket.objects.select_related("client", "contact").filter(client_id=asked["client"])
        if "contact" in asked:
            tickets = tickets.filter(contact_id=asked["contact"])
        if "below" in asked:
            tickets = tickets.filter(number__lt=asked["below"])
        batch = list(tickets.order_by("-number")[:BATCH])
        for ticket in batch:
            make_findable(ticket)
        if len(batch) < BATCH:
            return Ended(DueState.DONE)
        row.payload, row.done = asked | {"below": batch[-1].number}, row.done + len(batch)
        row.save(update_fields=["payload", "done"])
        return Again(now)
