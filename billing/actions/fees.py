"""Reminder fees on a client's next draft, and what else a fresh draft gets by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.choices import DocumentKind
from billing.models import Invoice, InvoiceLine, ReminderFee
from billing.queries.care import care_settings
from billing.queries.reminders import waiting_fees
from clients.models import Client
from msp.accounts.rules import Actor

from .besides import put_line
from .loyalty import give_gift


def add_extras(*, invoice: Invoice, actor: Actor, now: datetime) -> None:
    """What a draft of finished work gets besides: the reminder fees that wait, and a gift by a rule that works by itself."""
    lines = add_fees(invoice=invoice, actor=actor, now=now)
    gift = give_gift(invoice=invoice, actor=actor, now=now, automatic=True)
    if lines or gift:
        invoice.refresh_from_db(fields=["net", "tax", "total", "cash_rounding"])


def add_fees(*, invoice: Invoice, actor: Actor, now: datetime) -> list[InvoiceLine]:
    """Put the client's waiting fees on a draft, a line each, in the language of the document. None waits, nothing is done.

    A fee whose line is removed, or whose draft is discarded, waits again. Raises Refused unless it is a draft.
    """
    if invoice.kind != DocumentKind.INVOICE or not waiting_fees(invoice.client):
        return []
    with transaction.atomic():
        Client.objects.select_for_update(of=("self",)).get(pk=invoice.client_id)
        fees = [fee for fee in waiting_fees(invoice.client) if fee.currency == invoice.currency]
        return [_add(fee, invoice, actor, now) for fee in fees]


def _add(fee: ReminderFee, invoice: Invoice, actor: Actor, now: datetime) -> InvoiceLine:
    with translation.override(invoice.language or None):
        words = _("Fee for a reminder of %(number)s (%(step)s)") % {"number": fee.invoice, "step": fee.step}
    rate = care_settings().fee_tax_rate
    line = put_line(invoice=invoice, words=words, amount=fee.amount, tax_rate=rate, actor=actor, now=now)
    fee.line = line
    fee.save(update_fields=["line"])
    return line
