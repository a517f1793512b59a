"""Statements of account as PDF: asked for by a row, made by a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.choices.paying import STATEMENTS
from billing.documents.statement import StatementDocument, statement_pdf
from billing.models import StatementPdf
from billing.queries.statements import Statement, latest_entry, statement
from billing.queries.terms import parties_of, shop
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.files.actions import Written, record_file, write_bytes
from msp.files.choices import Visibility
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, Handler, Outcome


def ask_for_statement(*, asked: Statement, actor: Actor, now: datetime) -> StatementPdf:
    """The row whose PDF a worker makes; the same one as long as nothing has moved on the account.

    Raises Refused for an account that has never moved.
    """
    upto = latest_entry(asked.client, asked.currency)
    if upto is None:
        raise Refused(_("Nothing has moved on this account yet."))
    same = {
        "client": asked.client,
        "currency": asked.currency,
        "starts": asked.starts,
        "ends": asked.ends,
        "upto": upto,
    }
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = StatementPdf.objects.create(due_at=now, **same)
        except IntegrityError:
            return StatementPdf.objects.get(**same)
        data = {"starts": str(asked.starts), "ends": str(asked.ends)}
        record(actor=actor, verb="statement.asked", subject=asked.client, now=now, data=data)
        ring(STATEMENTS)
    return row


@dataclass(frozen=True)
class Order:
    """What the renderer needs, without the database."""

    tenant_id: int
    name: str
    document: StatementDocument


class RenderStatement(Handler[StatementPdf, Order, Written]):
    """PDF bytes between two transactions, as of an invoice."""

    def prepare(self, row: StatementPdf, now: datetime) -> Order | Outcome:
        if row.pdf_id is not None:
            return Ended(DueState.DONE)
        found = statement(row.client, row.currency, row.starts, row.ends)
        identity, parties = shop().identity, parties_of([row.client])[row.client_id]
        logo = bytes(identity.logo) if identity.logo else None
        document = StatementDocument(found, parties, row.ends, identity.hue, logo)
        return Order(row.tenant_id, f"{row.client.slug}-{row.starts}-{row.ends}.pdf", document)

    def work(self, prepared: Order) -> Written:
        content = statement_pdf(prepared.document)
        kind = "application/pdf"
        return write_bytes(tenant_id=prepared.tenant_id, name=prepared.name, content=content, content_type=kind)

    def finish(self, row: StatementPdf, result: Written, now: datetime) -> Outcome:
        actor, shown = system_actor(_("Mainstay")), Visibility.PUBLIC
        row.pdf = record_file(actor=actor, written=result, client_id=row.client_id, visibility=shown, now=now)
        row.save(update_fields=["pdf"])
        return Ended(DueState.DONE)
