"""Invoices that wait to be printed, and what was printed lately."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from billing.models import PrintBatch, Printing

LATELY = 20


def waiting_to_print() -> QuerySet[Printing, Any]:
    """What stands on the pile, to be counted."""
    return Printing.objects.filter(batch=None, printed_at=None).values("pk")


def pile() -> list[Printing]:
    """What the next file would hold, the longest waiting first."""
    rows = Printing.objects.filter(batch=None, printed_at=None).select_related("invoice__client")
    return list(rows.order_by("asked_at", "id")[:200])


def batches() -> list[tuple[PrintBatch, int]]:
    """The latest files with how many invoices each holds."""
    rows = list(PrintBatch.objects.select_related("pdf").order_by("-asked_at", "-id")[:LATELY])
    held: dict[object, int] = {}
    for batch_id in Printing.objects.filter(batch__in=rows).values_list("batch", flat=True):
        held[batch_id] = held.get(batch_id, 0) + 1
    return [(row, held.get(row.pk, 0)) for row in rows]
