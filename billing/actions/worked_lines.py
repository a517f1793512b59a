"""Rated work as lines of a draft, and what follows when such lines go."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _

from billing.choices import BlockKind, Coverage, TimeClass, Unit
from billing.models import Block, Invoice, InvoiceLine, LineTime, Milestone, Part, TimeCorrection
from billing.queries.tax import dated_taxes
from billing.queries.terms import shop, terms_for
from billing.rules import money
from billing.rules.explaining import source_of
from billing.rules.rating import RatedLine
from billing.rules.terms import Terms
from clients.models import Client
from msp.accounts.rules import Actor
from tickets.models import TimeEntry

from . import drafts
from .blocks import give_back
from .covering import Rated, RatedTicket

MAX_DETAIL = 4000
_MAX_WORDS = 300


def write_work(invoice: Invoice, rated: Rated, terms: Terms, *, actor: Actor, now: datetime) -> None:
    """The lines of rated work, in order, drawn from their blocks. The first line of a ticket holds its time entries."""
    position, taxes = drafts.next_position(invoice), TaxByDay(invoice.client, terms)
    with translation.override(invoice.language):
        for each in rated.tickets:
            tax = taxes.of(each.entries)
            lines = [_line(invoice, each, line, tax) for line in each.lines]
            for place, (row, line) in enumerate(zip(lines, each.lines, strict=True)):
                row.position, position = position, position + 1
                row.detail = _notes(each.entries) if place == 0 else _drawn(line)
                row.save(force_insert=True)
                rated.draw([line], row.pk, about=row.description, actor=actor, now=now)
            LineTime.objects.bulk_create(LineTime(line=lines[0], time_entry=entry) for entry in each.entries)


class TaxByDay:
    """The rate of the day on which work was done, where a change of rate lies between it and today."""

    def __init__(self, client: Client, today: Terms) -> None:
        assert today.tax_rate is not None
        self._client, self._today = client, today
        self._zone = ZoneInfo(shop().identity.zone)
        self._changes = sorted(dated.valid_from for dated in dated_taxes() if not dated.name)
        self._known: dict[int, Decimal | None] = {}

    def of(self, entries: Sequence[TimeEntry]) -> tuple[Decimal, dict[str, str]]:
        """The rate, and what the line keeps of its day if that is another than today's."""
        rate = self._today.tax_rate
        assert rate is not None
        if not self._changes or not entries:
            return rate, {}
        day = max(entry.started_at for entry in entries).astimezone(self._zone).date()
        span = bisect_right(self._changes, day)
        if span not in self._known:
            self._known[span] = terms_for(self._client, day).tax_rate
        then = self._known[span]
        return (rate, {}) if then is None or then == rate else (then, {"tax_day": day.isoformat()})


def _line(invoice: Invoice, each: RatedTicket, line: RatedLine, tax: tuple[Decimal, dict[str, str]]) -> InvoiceLine:
    notes = {entry.pk: entry.note for entry in each.entries}
    return InvoiceLine(
        invoice=invoice,
        client=invoice.client,
        ticket=each.ticket,
        description=_words(each, line)[:_MAX_WORDS],
        quantity=line.quantity,
        unit=Unit.FLAT if line.first.flat else Unit.HOUR,
        unit_price=line.unit_price,
        amount=line.amount,
        tax_rate=tax[0],
        source=source_of(line, notes) | tax[1],
    )


def _words(each: RatedTicket, line: RatedLine) -> str:
    """#12 Subject, travel, after hours, included in the agreement."""
    first = line.first
    words = [f"#{each.ticket.number} {each.ticket.subject}"]
    if line.is_travel:
        words.append(_("travel"))
    if first.multiplier != 1 and not first.flat and line.coverage != Coverage.INCLUDED:
        words.append(str(TimeClass(first.time_class).label))
    if first.purse is not None and first.purse.kind == BlockKind.PREPAID:
        words.append(str(Coverage.BLOCK.label))
    elif line.coverage != Coverage.RATE:
        words.append(str(Coverage.INCLUDED.label))
    return ", ".join(words)


def _drawn(line: RatedLine) -> str:
    """What a block gave for it, where that is not simply the line's own hours."""
    if line.first.purse is None or line.drawn == line.billed_minutes:
        return ""
    if line.first.purse.unit == "minutes":
        return _("%(hours)s h taken from the block") % {"hours": (line.drawn / 60).quantize(Decimal("0.01"))}
    amount = money.quantise(line.drawn, line.first.purse.currency)
    return _("%(amount)s %(currency)s taken from the block") % {
        "amount": amount,
        "currency": line.first.purse.currency,
    }


def _notes(work: list[TimeEntry]) -> str:
    """What the client reads: each different note once, in the order of the work."""
    notes = dict.fromkeys(entry.note.strip() for entry in work)
    return "\n".join(note for note in notes if note)[:MAX_DETAIL]


def together(line: InvoiceLine) -> models.QuerySet[InvoiceLine]:
    """The lines of a draft that share a line's time: they go together or not at all."""
    group = line.source.get("group")
    alone = InvoiceLine.objects.filter(pk=line.pk)
    if group is None:
        return alone
    return InvoiceLine.objects.filter(invoice=line.invoice_id, source__group=group) | alone


def release_lines(lines: Iterable[InvoiceLine], *, actor: Actor, now: datetime) -> None:
    """Before lines of a draft go: give back what they drew, and let what they settled wait again."""
    ids = [line.pk for line in lines]
    give_back(ids, actor=actor, now=now)
    TimeCorrection.objects.filter(line__in=ids).update(line=None)
    Part.objects.filter(line__in=ids).update(line=None)
    Milestone.objects.filter(line__in=ids).update(line=None)
    Block.objects.filter(sold_by__in=ids).update(sold_by=None)


def open_corrections(client: Client, currency: str) -> list[TimeCorrection]:
    """Corrections of billed time that no draft has taken, held."""
    rows = TimeCorrection.objects.filter(client=client, currency=currency, line=None)
    held = rows.select_for_update(of=("self",)).select_related("was_line__invoice", "was_line__ticket")
    return list(held.order_by("id"))


def settle_corrections(invoice: Invoice, corrections: Iterable[TimeCorrection], terms: Terms) -> None:
    """A line for each: hours times the price they were billed at, against the client or in its favour."""
    position = drafts.next_position(invoice)
    for place, row in enumerate(corrections, start=position):
        row.line = _correcting(invoice, row, terms, place)
        row.save(update_fields=["line"])


def _correcting(invoice: Invoice, row: TimeCorrection, terms: Terms, position: int) -> InvoiceLine:
    quantity = money.hours(abs(row.minutes))
    price = row.unit_price if row.minutes > 0 else -row.unit_price
    was = row.was_line
    with translation.override(invoice.language):
        words = {"line": was.description, "number": was.invoice.number}
        description = (_("Correction of %(number)s: %(line)s") % words)[:_MAX_WORDS]
    return InvoiceLine.objects.create(
        invoice=invoice,
        client=invoice.client,
        ticket=was.ticket,
        position=position,
        description=description,
        detail=row.reason,
        quantity=quantity,
        unit=Unit.HOUR,
        unit_price=price,
        amount=money.line_amount(quantity, price, invoice.currency),
        tax_rate=was.tax_rate,
        source={"added_by": row.made_by, "corrects": str(was.pk), "correction": str(row.pk)},
    )
