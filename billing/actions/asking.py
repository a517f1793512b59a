"""Asking for a look at a client's finished work: whoever changes what is finished, drafted or out does it in its transaction."""

from __future__ import annotations

from datetime import datetime

from billing.choices import LOOK
from clients.models import Client
from msp.accounts.rules import Actor
from msp.jobs.actions import add_job


def ask_to_look(*, actor: Actor, now: datetime, client: Client | None) -> None:
    """Let a worker bring the promises of a client's finished work in line; None: of everybody's. Nobody is billed as Unsorted."""
    if client is None or not client.is_unsorted:
        payload = {"client": str(client.pk)} if client else {}
        add_job(actor=actor, kind=LOOK, payload=payload, now=now, client_id=client.pk if client else None)
