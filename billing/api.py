"""Invoices, to read, for programs."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from django.utils import timezone
from rest_framework.response import Response

from billing.access import receivable_or_404
from billing.queries.lists import Tab, issued_rows, shop_today
from billing.serializers import InvoiceOut, InvoiceQuery, WholeInvoiceOut
from clients.models import Client
from msp.api.api import Endpoint, described
from msp.api.choices import Area
from msp.api.requests import ApiRequest


class InvoiceList(Endpoint):
    area = Area.INVOICES

    @described("List invoices", query=InvoiceQuery, answer=InvoiceOut, name="list_invoices")
    def get(self, request: ApiRequest) -> Response:
        """Issued ones, the newest first. `view` narrows to what is open, overdue or paid."""
        asked = self.asked(InvoiceQuery)
        client = self.found(Client.objects.all(), "client", asked.get("client"))
        rows = issued_rows(Tab(asked["view"]), words=asked.get("q", ""), today=shop_today(timezone.now()))
        rows = rows.filter(client=client) if client else rows
        return self.page(rows, InvoiceOut, order=("-issued_at", "-id"), limit=asked["limit"])


class OneInvoice(Endpoint):
    area = Area.INVOICES

    @described("Get an invoice", answer=WholeInvoiceOut, name="get_invoice")
    def get(self, request: ApiRequest, invoice_id: UUID) -> Response:
        """With its lines."""
        return self.one(receivable_or_404(invoice_id), WholeInvoiceOut)


routes = [
    path("invoices/", InvoiceList.as_view(), name="api-invoices"),
    path("invoices/<uuid:invoice_id>/", OneInvoice.as_view(), name="api-invoice"),
]
