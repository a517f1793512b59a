"""Numbers beside the navigation. Each is one cheap query: they stand on every page."""

from __future__ import annotations

from datetime import datetime

from billing.models import Invoice, Receivable

from .lists import shop_today
from .work import finished_time


def unbilled_count() -> int:
    """Clients with finished work on no invoice."""
    return finished_time().values("client_id").distinct().count()


def review_count() -> int:
    """Invoices that wait for somebody's check."""
    return Invoice.objects.filter(status="draft").count()


def overdue_count(now: datetime) -> int:
    """Invoices past their due day with something owed."""
    return Receivable.objects.overdue(shop_today(now)).count()
