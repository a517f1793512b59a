"""The promise *invoice out* about one row of finished work: made, led to an invoice, kept or given up."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from billing.choices import INVOICE_OUT, OPEN
from billing.models import FinishedWork, Invoice
from billing.queries.clock import Standing, whose_promise
from billing.rules.clock import ClockTerms, promised_at, stages, working
from clients.actions import cancel_promise, explain_broken, keep_promise, make_promise
from clients.queries import promise_of
from msp.accounts.rules import system_actor
from msp.jobs.choices import DueState

CLOCK = system_actor("Mainstay")


def promise_invoice(work: FinishedWork, terms: ClockTerms, words: str, now: datetime) -> None:
    """Promise that it is out in time; `words` say what."""
    make_promise(
        actor=CLOCK,
        now=now,
        kind=INVOICE_OUT,
        subject=work,
        client=work.client,
        promised_at=promised_at(work.clock_from, terms),
        stages=stages(work.clock_from, terms),
        owner=whose_promise(),
        words=words,
        working=working(work.clock_from, terms),
    )


def lead_to(work: FinishedWork, invoices: list[Invoice]) -> None:
    """Say on which invoice it goes out, and on the invoice by when."""
    if work.invoice_id not in {invoice.pk for invoice in invoices}:
        work.invoice = invoices[0]
        work.save(update_fields=["invoice"])
    promise = promise_of(work, INVOICE_OUT)
    for invoice in invoices:
        if promise and (invoice.promised_at is None or invoice.promised_at > promise.promised_at):
            Invoice.objects.filter(pk=invoice.pk, status__in=OPEN).update(promised_at=promise.promised_at)


def settle(work: FinishedWork, standing: Standing, now: datetime) -> None:
    """Nothing of it is unbilled and nothing waits: it went out, or there is nothing to bill any more."""
    work.settled_at = now
    if work.state == DueState.QUEUED:
        work.state, work.finished_at = DueState.DONE, now
    work.save(update_fields=["settled_at", "state", "finished_at"])
    promise = promise_of(work, INVOICE_OUT)
    if promise is None or not promise.is_unkept:
        return
    if standing.out_at is not None:
        keep_promise(actor=CLOCK, now=now, promise=promise, kept_at=standing.out_at)
    elif promise.is_standing:
        cancel_promise(actor=CLOCK, now=now, promise=promise, because=_("nothing of it is left to bill"))
    else:
        keep_promise(actor=CLOCK, now=now, promise=promise)
        explain_broken(actor=CLOCK, now=now, promise=promise, because=_("nothing of it was left to bill"))
