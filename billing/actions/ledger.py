"""Keeping the ledger: one balanced entry an event, and closing the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices.paying import Account, EntryKind
from billing.models import Books, Invoice, JournalEntry, JournalLine
from billing.queries.lists import shop_today
from billing.queries.tax import taxes_of
from billing.rules import bookkeeping
from billing.rules.bookkeeping import Booking
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record


def post(
    *,
    kind: EntryKind,
    subject_id: UUID,
    client_id: UUID,
    currency: str,
    number: str,
    booked_on: date,
    lines: Sequence[Booking],
    now: datetime,
    reverses: JournalEntry | None = None,
) -> JournalEntry | None:
    """Write the entry of an event, in the caller's transaction. None when it moves nothing.

    The database refuses an entry that does not balance. Raises Refused for a day in closed books.
    """
    lines = bookkeeping.moving(lines)
    if not lines:
        return None
    check_open(booked_on)
    of = {"client_id": client_id, "currency": currency, "booked_on": booked_on}
    entry = JournalEntry.objects.create(
        kind=kind, subject_id=subject_id, number=number[:120], at=now, reverses=reverses, lines=len(lines), **of
    )
    JournalLine.objects.bulk_create(
        JournalLine(
            entry=entry,
            account=each.account,
            amount=each.amount,
            invoice_id=each.invoice_id,
            tax_rate=each.tax_rate,
            **of,
        )
        for each in lines
    )
    return entry


def post_issue(*, invoice: Invoice, now: datetime) -> JournalEntry | None:
    """The entry of a document that has just got its number, in the issuing transaction. A second call changes nothing."""
    assert invoice.issued_on is not None
    kind = EntryKind.CREDIT if invoice.is_credit else EntryKind.ISSUE
    if JournalEntry.objects.filter(kind=kind, subject_id=invoice.pk).exists():
        return None
    return post(
        kind=kind,
        subject_id=invoice.pk,
        client_id=invoice.client_id,
        currency=invoice.currency,
        number=invoice.number or "",
        booked_on=invoice.issued_on,
        lines=bookkeeping.issued(
            sign=invoice.sign, total=invoice.payable, groups=taxes_of(invoice), invoice_id=invoice.pk
        ),
        now=now,
    )


def post_reversal(*, of: UUID, kind: EntryKind, subject_id: UUID, now: datetime) -> JournalEntry | None:
    """Turn the entry that `of` made, dated today: its own day may lie in closed books."""
    entry = JournalEntry.objects.filter(kind=kind, subject_id=of).first()
    if entry is None:
        return None
    rows = JournalLine.objects.filter(entry=entry).order_by("id")
    lines = [Booking(Account(row.account), row.amount, row.invoice_id, row.tax_rate) for row in rows]
    return post(
        kind=kind,
        subject_id=subject_id,
        client_id=entry.client_id,
        currency=entry.currency,
        number=entry.number,
        booked_on=shop_today(now),
        lines=bookkeeping.turned(lines),
        now=now,
        reverses=entry,
    )


def check_open(day: date) -> None:
    """Raises Refused for a day in closed books."""
    books, _made = Books.objects.get_or_create()
    if books.closed_through is not None and day <= books.closed_through:
        raise Refused(_("The books are closed through %s: give a later day.") % books.closed_through.isoformat())


def first_open_day(day: date) -> date:
    """`day`, or the first one after the closed books."""
    books, _made = Books.objects.get_or_create()
    closed = books.closed_through
    return day if closed is None or day > closed else closed.fromordinal(closed.toordinal() + 1)


def close_books(*, through: date | None, actor: Actor, now: datetime, reason: str = "") -> Books:
    """No entry may be dated on or before `through` any more. An earlier day, or None, opens them again and needs a reason.

    Raises Refused for a day that is not over, and for opening without a reason.
    """
    if through is not None and through >= shop_today(now):
        raise Refused(_("Only days that are over can be closed."))
    with transaction.atomic():
        Books.objects.get_or_create()
        books = Books.objects.select_for_update().get()
        was = books.closed_through
        opens = was is not None and (through is None or through < was)
        if opens and not reason.strip():
            raise Refused(_("Say why the books are opened again."))
        books.closed_through = through
        books.save(update_fields=["closed_through"])
        verb = "books.opened" if opens else "books.closed"
        data = {"through": str(through or ""), "was": str(was or ""), "reason": reason.strip()}
        record(actor=actor, verb=verb, subject=books, now=now, data=data)
    return books
