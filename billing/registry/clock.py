"""The clock from finished work to the invoice: its queues, its promise, its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.choices import DRAFTS, INVOICE_OUT, LOOK, PRINTS, RUNS
from billing.models import FinishedWork
from billing.queries.printing import waiting_to_print
from clients.registry import PromiseKind, PromiseSubject
from msp.accounts.choices import Capability
from msp.accounts.registry import Command, Counted, NavItem
from msp.jobs.registry import JobKind, Queue

_VIEW, _DRAFT = Capability.BILLING_VIEW, Capability.BILLING_DRAFT
_PILE = Counted(lambda _request: waiting_to_print(), "warn", _("invoices to print"))

OFFERS = (
    NavItem(_("To print"), "billing:prints", "printer", _VIEW, "billing", 40, counted=_PILE),
    Command(_("Month end"), "billing:runs", _DRAFT),
)

QUEUES = (
    JobKind(LOOK, _("Finished work and its promises"), "billing.actions.clock.LookAtWork"),
    Queue(DRAFTS, _("Finished work to draft"), "billing.FinishedWork", "billing.actions.clock.DraftFinished"),
    Queue(RUNS, _("Month end"), "billing.RunClient", "billing.actions.runs.DraftRunClient"),
    Queue(PRINTS, _("Invoices to print"), "billing.PrintBatch", "billing.actions.printing.MergeBatch"),
)


def _urls(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    rows = FinishedWork.objects.filter(pk__in=ids).values_list("pk", "invoice")
    unbilled = reverse("billing:unbilled")
    return {pk: reverse("billing:invoice", args=[invoice]) if invoice else unbilled for pk, invoice in rows}


PROMISES = (
    # Nobody outside reads it: clients are told when the invoice is there, not how we come to it.
    PromiseKind(INVOICE_OUT, _("Invoice out"), quiet=frozenset()),
    PromiseSubject("billing.finishedwork", _urls),
)

SENTENCES: dict[str, StrOrPromise] = {
    "part.added": _("%(actor)s wrote down %(what)s, %(quantity)s of it"),
    "part.changed": _("%(actor)s corrected %(what)s"),
    "part.removed": _("%(actor)s took %(what)s off the ticket"),
    "part.approved": _("%(actor)s agreed to the price of %(what)s: %(because)s"),
    "billing.run_started": _("%(actor)s let %(clients)s clients be drafted for the month end"),
    "billing.print_started": _("%(actor)s had %(number)s invoices put into one file to print"),
    "invoice.approved_first": _("%(actor)s approved the invoice as the first of two"),
    "invoice.printed": _("%(actor)s printed the invoice"),
}
