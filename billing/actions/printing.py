"""Invoices that go by post: gathered, merged into one file by a worker, and out once somebody says that they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import PRINTS
from billing.documents.merging import Paper, merged
from billing.models import Invoice, PrintBatch, Printing
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.files.actions import Written, record_file, write_bytes
from msp.files.choices import Visibility
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, Handler, Outcome

from .asking import ask_to_look

MOST = 500  # invoices in one file


@dataclass(frozen=True)
class Stack:
    """The papers of a batch, in order, without the database."""

    tenant_id: int
    name: str
    papers: list[Paper]


def wait_for_print(*, invoice: Invoice, now: datetime) -> Printing:
    """Put an issued invoice with its PDF on the pile, once. In the transaction that set the PDF."""
    values = {"client": invoice.client, "asked_at": now}
    return Printing.objects.get_or_create(invoice=invoice, defaults=values)[0]


def start_print(*, actor: Actor, now: datetime) -> PrintBatch:
    """One file of everything on the pile, the longest waiting first. Raises Refused when nothing waits."""
    with transaction.atomic():
        waiting = Printing.objects.select_for_update(of=("self",)).filter(batch=None, printed_at=None)
        rows = list(waiting.order_by("asked_at", "id")[:MOST])
        if not rows:
            raise Refused(_("No invoice waits to be printed."))
        batch = PrintBatch.objects.create(asked_at=now, asked_by=actor.name, due_at=now)
        Printing.objects.filter(pk__in=[row.pk for row in rows]).update(batch=batch)
        record(actor=actor, verb="billing.print_started", subject=batch, now=now, data={"number": len(rows)})
        ring(PRINTS)
    return batch


def say_printed(*, batch: PrintBatch, actor: Actor, now: datetime) -> PrintBatch:
    """They are on paper and on their way: their promises are kept. Saying it again changes nothing. Raises Refused without a file."""
    with transaction.atomic():
        batch = PrintBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if batch.pdf_id is None:
            raise Refused(_("The file is not made yet."))
        if batch.printed_at is None:
            batch.printed_at, batch.printed_by = now, actor.name
            batch.save(update_fields=["printed_at", "printed_by"])
            Printing.objects.filter(batch=batch).update(printed_at=now)
            rows = Invoice.objects.filter(printings__batch=batch).order_by("id")
            for invoice in rows:
                record(actor=actor, verb="invoice.printed", subject=invoice, now=now)
            for client in Client.objects.filter(pk__in={invoice.client_id for invoice in rows}).order_by("pk"):
                ask_to_look(actor=actor, now=now, client=client)
    return batch


class MergeBatch(Handler[PrintBatch, Stack, Written]):
    """Joins the PDFs outside any transaction."""

    def prepare(self, row: PrintBatch, now: datetime) -> Stack | Outcome:
        if row.pdf_id is not None:
            return Ended(DueState.DONE)
        rows = Printing.objects.filter(batch=row).select_related("invoice__pdf").order_by("asked_at", "id")
        papers = [Paper(str(each.invoice.number), each.invoice.pdf) for each in rows if each.invoice.pdf is not None]
        name = f"{_('Invoices to print')} {row.asked_at:%Y-%m-%d %H%M}.pdf"
        return Stack(row.tenant_id, name, papers)

    def work(self, prepared: Stack) -> Written:
        content = merged(prepared.papers)
        kind = "application/pdf"
        return write_bytes(tenant_id=prepared.tenant_id, name=prepared.name, content=content, content_type=kind)

    def finish(self, row: PrintBatch, result: Written, now: datetime) -> Outcome:
        shop: UUID | None = None  # the file belongs to no client
        actor, internal = system_actor("Mainstay"), Visibility.INTERNAL
        row.pdf = record_file(actor=actor, written=result, client_id=shop, visibility=internal, now=now)
        row.save(update_fields=["pdf"])
        return Ended(DueState.DONE)
