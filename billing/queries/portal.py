"""What a client's contact sees. Runs in the portal's scope: another client's rows and drafts are not there."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from billing.choices import DocumentKind
from billing.models import Invoice, Receivable
from msp.tenancy.keyset import Page, page_of

SHOWN = 4


def portal_page(params: Mapping[str, str], size: int = 30) -> Page[Receivable]:
    """The client's invoices, newest first."""
    return page_of(Receivable.objects.select_related("invoice"), order=("-issued_at", "-id"), params=params, size=size)


def open_proformas() -> list[Invoice]:
    """The latest pro forma invoices: nothing is owed on them, so they stand in no list of what is."""
    rows = Invoice.objects.issued().filter(kind=DocumentKind.PROFORMA)
    return list(rows.order_by("-issued_at", "-id")[:SHOWN])


def home_panel(request: HttpRequest) -> dict[str, object]:
    """What is to pay, the longest due first."""
    owing = Receivable.objects.owing().select_related("invoice").order_by("due_on", "id")
    shown, number = list(owing[:SHOWN]), owing.count()
    says = ngettext("%d invoice is open.", "%d invoices are open.", number) % number if number else ""
    return {"owing": shown, "today": timezone.localdate(), "says": says}
