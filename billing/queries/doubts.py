"""What the checks compare a draft with: earlier documents, purchase orders, blocks. A constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.choices import Status
from billing.models import AgreementVersion, Block, ClientTerms, Invoice, InvoiceLine, LineTime
from billing.rules import money

TWICE_WITHIN = timedelta(days=20)  # a fee that comes every month is no repetition


def twins(invoices: Sequence[Invoice], lines: Sequence[InvoiceLine]) -> dict[UUID, str]:
    """Line id → the other document that has the same on it: the same time of the same person, or the same words and price lately.

    What a credit note gives back stands on its invoice, of course.
    """
    by_hand = [line for line in lines if not line.source.get("entries") and line.credits_id is None]
    found = _same_words(invoices, by_hand)
    return found | _same_time([line.pk for line in lines])


def _same_time(line_ids: Sequence[UUID]) -> dict[UUID, str]:
    mine = LineTime.objects.filter(line__in=line_ids)
    what = ("time_entry__member", "time_entry__started_at", "time_entry__minutes")
    by_work: dict[tuple[object, ...], UUID] = {tuple(row): line for line, *row in mine.values_list("line", *what)}
    others = LineTime.objects.filter(
        time_entry__member__in={key[0] for key in by_work}, time_entry__started_at__in={key[1] for key in by_work}
    ).exclude(line__in=line_ids)
    rows = others.exclude(line__invoice__status=Status.DISCARDED).values_list("line__invoice__number", *what)
    return {by_work[tuple(row)]: _called(number) for number, *row in rows if tuple(row) in by_work}


def _same_words(invoices: Sequence[Invoice], lines: Sequence[InvoiceLine]) -> dict[UUID, str]:
    if not lines:
        return {}
    since = min(invoice.created_at for invoice in invoices) - TWICE_WITHIN
    rows = InvoiceLine.objects.filter(
        client__in={line.client_id for line in lines},
        description__in={line.description for line in lines},
        invoice__created_at__gte=since,
    ).exclude(Q(invoice__in=[invoice.pk for invoice in invoices]) | Q(invoice__status=Status.DISCARDED))
    what = ("client_id", "description", "detail", "quantity", "unit_price")
    rows = rows.filter(invoice__corrects=None)
    seen = {tuple(row): number for number, *row in rows.values_list("invoice__number", *what)}
    keys = {line.pk: tuple(getattr(line, name) for name in what) for line in lines}
    return {pk: _called(seen[key]) for pk, key in keys.items() if key in seen}


def _called(number: str | None) -> str:
    return number or _("another draft")


def orders_left(
    invoices: Sequence[Invoice], terms: dict[UUID, ClientTerms], versions: Mapping[UUID, AgreementVersion]
) -> dict[tuple[UUID, str], Decimal]:
    """(client id, order number) → what of its limit is left before tax; orders without a limit are left out. One query, or none.

    `versions`: client id → what its agreement says today.
    """
    limits: dict[tuple[UUID, str], Decimal] = {}
    for client_id in {invoice.client_id for invoice in invoices}:
        for said in (terms.get(client_id), versions.get(client_id)):
            if said is not None and said.po_number and said.po_limit is not None:
                limits[client_id, said.po_number] = said.po_limit
    if not limits:
        return {}
    used: dict[tuple[UUID, str], Decimal] = defaultdict(lambda: money.ZERO)
    rows = Invoice.objects.issued().filter(
        client__in={key[0] for key in limits}, po_number__in={key[1] for key in limits}
    )
    for invoice in rows:
        used[invoice.client_id, invoice.po_number] += invoice.sign * invoice.net
    return {key: limit - used[key] for key, limit in limits.items()}


def overdrawn(client_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Client id → its blocks that hold less than nothing, in words. One query."""
    rows = Block.objects.filter(client__in=client_ids, closed_at=None, left__lt=0).select_related("agreement")
    found: dict[UUID, list[str]] = defaultdict(list)
    for block in rows.order_by("valid_from", "id"):
        over = -block.left
        size = (
            _("%s h") % money.hours(int(over))
            if block.is_hours
            else f"{money.quantise(over, block.currency)} {block.currency}"
        )
        found[block.client_id].append(
            _("%(agreement)s: %(size)s more than was paid.") % {"agreement": block.agreement.name, "size": size}
        )
    return {client_id: tuple(words) for client_id, words in found.items()}
