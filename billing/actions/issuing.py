"""Giving a number. From then on the invoice is frozen."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import RENDERINGS, DocumentKind, Status
from billing.models import Invoice, Receivable, Rendering, Series
from billing.queries.series import series_key
from billing.queries.terms import Shop, shop
from billing.rules import money, numbering
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring

from . import drafts
from .allocating import put_against_corrected
from .finding import index_invoice
from .ledger import post_issue


def issue_invoice(*, invoice: Invoice, actor: Actor, now: datetime) -> Invoice:
    """Give an approved invoice the next number of its kind's series, freeze it, and ask for its PDF.

    Raises Refused unless it is approved. A rolled back issue leaves no gap: the series row rolls back with it.
    """
    with transaction.atomic():
        invoice = drafts.locked(invoice)
        if invoice.status != Status.APPROVED:
            raise Refused(_("Only an approved invoice can be issued."))
        here = shop()
        invoice.issued_at, invoice.issued_on = now, now.astimezone(ZoneInfo(here.identity.zone)).date()
        invoice.due_on = invoice.issued_on + timedelta(days=invoice.payment_days)
        invoice.status = Status.ISSUED
        _number(invoice, series_for(here, now, invoice.kind))
        columns = ["issued_at", "issued_on", "due_on", "status", "series", "sequence", "number"]
        invoice.save(update_fields=columns)
        if invoice.is_owed:
            _owe(invoice, actor, now)
        Rendering.objects.create(invoice=invoice, due_at=now)
        record(actor=actor, verb="invoice.issued", subject=invoice, now=now, data={"number": invoice.number})
        index_invoice(invoice)
        ring(RENDERINGS)
    return invoice


def series_for(here: Shop, now: datetime, kind: str = DocumentKind.INVOICE) -> Series:
    """The count that the shop's settings name for a kind, made when it is new; not locked."""
    found, _made = Series.objects.get_or_create(**series_key(here, now, kind))
    return found


def _number(invoice: Invoice, found: Series) -> None:
    """Take the next number. Everybody who issues waits here until this transaction ends, so it comes late."""
    series = Series.objects.select_for_update().get(pk=found.pk)
    invoice.series, invoice.sequence = series, series.next_number
    invoice.number = numbering.written(series.prefix, series.year, series.next_number)
    series.next_number += 1
    series.save(update_fields=["next_number"])


def _owe(invoice: Invoice, actor: Actor, now: datetime) -> None:
    """What the client owes because of it; a credit note is owed the other way round."""
    assert invoice.issued_at is not None
    assert invoice.due_on is not None
    owed = Receivable.objects.create(
        invoice=invoice,
        client=invoice.client,
        currency=invoice.currency,
        issued_at=invoice.issued_at,
        due_on=invoice.due_on,
        total=invoice.sign * invoice.payable,
        paid=money.ZERO,
        owed=invoice.sign * invoice.payable,
    )
    post_issue(invoice=invoice, now=now)
    put_against_corrected(owed=owed, invoice=invoice, actor=actor, now=now)
