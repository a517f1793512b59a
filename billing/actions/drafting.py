"""Turning finished work into a draft, and a draft back into unbilled work."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import STARTED, DocumentKind, Status, Unit
from billing.models import Invoice, InvoiceLine, LineTime
from billing.queries.terms import billing_settings, client_terms, parties_of, terms_for
from billing.rules import money
from billing.rules.refusals import Refused
from billing.rules.terms import Terms
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.actions import lock_time, unlock_time
from tickets.models import Ticket, TimeEntry

from . import drafts
from .asking import ask_to_look
from .fees import add_extras

HOURS_RULE = "hours-nearest-hundredth/1"  # rules/money.py; kept with each line, so that old lines explain themselves
MAX_LINES = 2000  # what the PDF renderer makes in seconds and a few hundred megabytes
MAX_DETAIL = 4000


def draft_invoice(
    *,
    client: Client,
    actor: Actor,
    now: datetime,
    ticket_ids: Collection[UUID] | None = None,
    with_open_tickets: bool = False,
) -> Invoice:
    """A draft of the client's unbilled billable time, one line a ticket, oldest first.

    Takes solved tickets, with `with_open_tickets` the others too; `ticket_ids` narrows. The time is locked meanwhile.
    Raises Refused without a rate, without a tax rate, or when nothing is left to bill.
    """
    with transaction.atomic():
        terms = terms_for(client)
        if not terms.is_complete:
            raise Refused(_("Set an hourly rate and a tax rate first: Settings, Billing."))
        entries = _take(client, ticket_ids, with_open_tickets)
        if not entries:
            raise Refused(_("There is no unbilled work of this kind any more."))
        invoice = new_draft(client, terms, now)
        for position, (ticket, work) in enumerate(_by_ticket(entries), start=1):
            _bill_ticket(invoice, position, ticket, work, terms)
        solved = [entry.finished_at for entry in entries if entry.finished_at]
        invoice.work_finished_at = min(solved, default=None)
        invoice.save(update_fields=["work_finished_at"])
        drafts.add_up(invoice)
        lock_time(entries=entries, because=_("It is on an invoice"), actor=actor, now=now)
        data = {"client": client.name, "entries": len(entries)}
        record(actor=actor, verb="invoice.drafted", subject=invoice, now=now, data=data)
        add_extras(invoice=invoice, actor=actor, now=now)
        ask_to_look(actor=actor, now=now, client=client)
    return invoice


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


def _take(client: Client, ticket_ids: Collection[UUID] | None, with_open: bool) -> list[TimeEntry]:
    """The entries, held in key order: of two people who draft at once the second finds nothing left."""
    rows = TimeEntry.objects.unbilled().filter(client=client)
    if ticket_ids is not None:
        rows = rows.filter(ticket__in=ticket_ids)
    if not with_open:
        rows = rows.filter(finished_at__isnull=False)
    held = list(rows.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
    loaded = TimeEntry.objects.filter(pk__in=held).select_related("ticket", "member")
    return list(loaded.order_by("ticket__number", "started_at", "id"))


def _by_ticket(entries: list[TimeEntry]) -> list[tuple[Ticket, list[TimeEntry]]]:
    groups = [(ticket, list(work)) for ticket, work in groupby(entries, key=lambda entry: entry.ticket)]
    if len(groups) > MAX_LINES:
        raise Refused(_("That is more than %d tickets: draft a part of them.") % MAX_LINES)
    return groups


def new_draft(client: Client, terms: Terms, now: datetime, kind: str = DocumentKind.INVOICE) -> Invoice:
    own, here = client_terms(client), billing_settings()
    invoice = Invoice(
        client=client,
        kind=kind,
        currency=terms.currency,
        created_at=now,
        payment_days=terms.payment_days,
        prices_include_tax=terms.prices_include_tax,
        tax_rounding=here.tax_rounding,
        cash_step=here.cash_step,
        po_number=own.po_number,
        net=money.ZERO,
        tax=money.ZERO,
        total=money.ZERO,
    )
    drafts.copy_tax(invoice, terms)
    drafts.copy_parties(invoice, parties_of([client])[client.pk])
    invoice.save(force_insert=True)
    return invoice


def _bill_ticket(invoice: Invoice, position: int, ticket: Ticket, work: list[TimeEntry], terms: Terms) -> None:
    assert terms.hourly_rate is not None
    assert terms.tax_rate is not None
    minutes = sum(entry.minutes for entry in work)
    quantity = money.hours(minutes)
    line = InvoiceLine.objects.create(
        invoice=invoice,
        client=invoice.client,
        ticket=ticket,
        position=position,
        description=f"#{ticket.number} {ticket.subject}",
        detail=_notes(work),
        quantity=quantity,
        unit=Unit.HOUR,
        unit_price=terms.hourly_rate,
        amount=money.line_amount(quantity, terms.hourly_rate, invoice.currency),
        tax_rate=terms.tax_rate,
        source=_source(work, minutes, terms),
    )
    LineTime.objects.bulk_create(LineTime(line=line, time_entry=entry) for entry in work)


def _notes(work: list[TimeEntry]) -> str:
    """What the client reads: each different note once, in the order of the work."""
    notes = dict.fromkeys(entry.note.strip() for entry in work)
    return "\n".join(note for note in notes if note)[:MAX_DETAIL]


def _source(work: list[TimeEntry], minutes: int, terms: Terms) -> dict[str, object]:
    """Why the line costs what it costs, in values that outlive the rows they came from."""
    return {
        "rule": HOURS_RULE,
        "minutes": minutes,
        "rate": str(terms.hourly_rate),
        "rate_is_own": terms.rate_is_own,
        "entries": [
            {
                "who": entry.member.name,
                "started_at": entry.started_at.isoformat(),
                "minutes": entry.minutes,
                "note": entry.note,
                "work_type": entry.work_type,
            }
            for entry in work
        ],
    }
