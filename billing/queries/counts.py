"""Numbers beside the navigation: cheap rows to be counted, since they stand on every page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from billing.choices import Status
from billing.models import Invoice, Receivable
from tickets.models import TimeEntry

from .lists import shop_today
from .work import finished_time


def clients_to_bill() -> QuerySet[TimeEntry, Any]:
    """Clients with finished work on no invoice."""
    return finished_time().values("client_id").distinct()


def drafts_to_check() -> QuerySet[Invoice, Any]:
    """Invoices that wait for somebody's check."""
    return Invoice.objects.filter(status=Status.DRAFT).values("pk")


def overdue(now: datetime) -> QuerySet[Receivable, Any]:
    """Invoices past their due day with something owed."""
    return Receivable.objects.overdue(shop_today(now)).values("pk")
