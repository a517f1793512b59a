"""Turning finished work into a draft, and a draft back into unbilled work."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import STARTED, DocumentKind, Status
from billing.models import AgreementCharge, CoveredWork, DepositUse, Invoice, InvoiceLine, LineTime, Part
from billing.queries.agreements import agreement_for
from billing.queries.lists import shop_today
from billing.queries.terms import billing_settings, client_terms, parties_of, terms_for
from billing.rules import money
from billing.rules.refusals import Refused
from billing.rules.terms import Terms
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.actions import lock_time, unlock_time
from tickets.models import TimeEntry

from . import drafts
from .asking import ask_to_look
from .consenting import drop_question
from .covering import cover_work, rate_entries, take_entries
from .fees import add_extras
from .parts import bill_parts, parts_to_bill
from .worked_lines import open_corrections, release_lines, settle_corrections, write_work

MAX_LINES = 2000  # what the PDF renderer makes in seconds and a few hundred megabytes


def draft_invoice(
    *,
    client: Client,
    actor: Actor,
    now: datetime,
    ticket_ids: Collection[UUID] | None = None,
    with_open_tickets: bool = False,
) -> Invoice:
    """A draft of the client's unbilled billable time, oldest ticket first; a line for each way in which its work is borne.

    Takes solved tickets, with `with_open_tickets` the others too; `ticket_ids` narrows. The time is locked meanwhile. What the
    client's agreements bear in full is settled first and stands on no invoice (`cover_work`); corrections of billed time come last.
    Raises Refused without a rate, without a tax rate, or when nothing is left to bill.
    """
    # On its own: what is covered stays so, whether or not something is left to bill.
    which: dict[str, Any] = {"ticket_ids": ticket_ids, "with_open_tickets": with_open_tickets}
    covered = cover_work(client=client, actor=actor, now=now, **which)
    with transaction.atomic():
        terms = terms_for(client)
        if terms.tax_rate is None:
            raise Refused(_("Set an hourly rate and a tax rate first: Settings, Billing."))
        entries = take_entries(client, ticket_ids, with_open_tickets)
        corrections = open_corrections(client, terms.currency)
        parts = parts_to_bill(client, ticket_ids, with_open=with_open_tickets)
        if not entries and not corrections and not parts:
            raise Refused(_nothing_left(covered))
        rated = rate_entries(client, terms, entries, actor=actor, now=now)
        if len(rated.tickets) > MAX_LINES:
            raise Refused(_("That is more than %d tickets: draft a part of them.") % MAX_LINES)
        invoice = new_draft(client, terms, now, finished=_finished(entries, parts))
        write_work(invoice, rated, terms, actor=actor, now=now)
        bill_parts(invoice, parts, terms)
        settle_corrections(invoice, corrections, terms)
        drafts.add_up(invoice)
        lock_time(entries=entries, because=_("It is on an invoice"), actor=actor, now=now)
        data = {"client": client.name, "entries": len(entries)}
        record(actor=actor, verb="invoice.drafted", subject=invoice, now=now, data=data)
        add_extras(invoice=invoice, actor=actor, now=now)
        ask_to_look(actor=actor, now=now, client=client)
    return invoice


def _finished(entries: Iterable[TimeEntry], parts: Iterable[Part]) -> datetime | None:
    """When the earliest of it was finished."""
    when = [entry.finished_at for entry in entries] + [part.ticket.solved_at for part in parts]
    return min((at for at in when if at), default=None)


def _nothing_left(covered: list[CoveredWork]) -> str:
    if covered:
        return _("An agreement covers all of it: there is nothing to bill. It is written down there.")
    return _("There is no unbilled work of this kind any more.")


def start_draft(*, client: Client, actor: Actor, now: datetime, kind: str = DocumentKind.INVOICE) -> Invoice:
    """An empty draft, for what no logged work stands behind: parts, licences, a fee; or a pro forma or deposit invoice.

    Raises Refused without a tax rate, and for a kind that is made from another document.
    """
    if kind not in STARTED:
        raise Refused(_("This kind of document is made from another one."))
    with transaction.atomic():
        terms = terms_for(client)
        if terms.tax_rate is None:
            raise Refused(_("Set a tax rate first: Settings, Billing."))
        invoice = new_draft(client, terms, now, kind)
        record(actor=actor, verb="invoice.started", subject=invoice, now=now, data={"client": client.name})
    return invoice


def discard_draft(*, invoice: Invoice, actor: Actor, now: datetime, reason: str = "") -> Invoice:
    """Give the draft up. Its time becomes unbilled again; the record stays. Raises Refused unless it is a draft."""
    with transaction.atomic():
        invoice = drafts.locked_draft(invoice)
        free_time(LineTime.objects.filter(line__invoice=invoice), actor=actor, now=now)
        release_lines(InvoiceLine.objects.filter(invoice=invoice), actor=actor, now=now)
        AgreementCharge.objects.filter(trued_by=invoice).update(trued_by=None)
        AgreementCharge.objects.filter(invoice=invoice).delete()
        DepositUse.objects.filter(invoice=invoice).delete()
        drop_question(invoice)
        invoice.status = Status.DISCARDED
        invoice.save(update_fields=["status"])
        verb = "invoice.discarded_because" if reason else "invoice.discarded"
        record(actor=actor, verb=verb, subject=invoice, now=now, data={"reason": reason})
        ask_to_look(actor=actor, now=now, client=invoice.client)
    return invoice


def free_time(links: Iterable[LineTime], *, actor: Actor, now: datetime) -> None:
    """Unlink billed time and unlock it, in the caller's transaction."""
    rows = {link.pk: link.time_entry_id for link in links}
    LineTime.objects.filter(pk__in=rows).delete()
    entries = list(TimeEntry.objects.filter(pk__in=rows.values()))
    unlock_time(entries=entries, actor=actor, now=now)


def new_draft(
    client: Client,
    terms: Terms,
    now: datetime,
    kind: str = DocumentKind.INVOICE,
    *,
    finished: datetime | None = None,
) -> Invoice:
    """An empty document by the client's terms and, before those, its agreement's; `finished`: its earliest finished work."""
    own, here = client_terms(client), billing_settings()
    agreed = agreement_for(client, shop_today(now))
    invoice = Invoice(
        client=client,
        kind=kind,
        currency=terms.currency,
        created_at=now,
        work_finished_at=finished,
        payment_days=terms.payment_days,
        prices_include_tax=terms.prices_include_tax,
        tax_rounding=here.tax_rounding,
        cash_step=here.cash_step,
        po_number=own.po_number,
        net=money.ZERO,
        tax=money.ZERO,
        total=money.ZERO,
    )
    if agreed is not None:
        invoice.payment_days = terms.payment_days if agreed.payment_days is None else agreed.payment_days
        invoice.po_number = agreed.po_number or own.po_number
    drafts.copy_tax(invoice, terms)
    drafts.copy_parties(invoice, parties_of([client])[client.pk])
    invoice.save(force_insert=True)
    return invoice
