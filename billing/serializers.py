"""What the API answers about invoices."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clients.serializers import Named
from msp.api.serializers import ListQuery

from .choices import DocumentKind, Unit
from .models import Receivable, columns
from .queries.detail import lines_of
from .queries.lists import Tab

VIEWS = [(tab.value, tab.value) for tab in Tab if tab not in (Tab.DRAFT, Tab.PROFORMA)]


def _money(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES, **kwargs)


class InvoiceQuery(ListQuery):
    view = serializers.ChoiceField(VIEWS, required=False, default=Tab.ALL.value)
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="A number, or begins of the client's name."
    )
    client = serializers.UUIDField(required=False)


class InvoiceOut(serializers.Serializer[Any]):
    """An issued invoice with what is owed on it. Amounts are decimals in quotes, with four places."""

    id = serializers.UUIDField(source="invoice.pk")
    number = serializers.CharField(source="invoice.number")
    kind = serializers.ChoiceField(
        DocumentKind.choices,
        source="invoice.kind",
        help_text="A credit note's net and tax are as printed; its total and what is owed on it are less than nothing.",
    )
    client = Named(source="invoice.client")
    currency = serializers.CharField()
    issued_on = serializers.DateField(source="invoice.issued_on")
    due_on = serializers.DateField()
    net = _money(source="invoice.net")
    tax = _money(source="invoice.tax")
    total = _money()
    paid = _money(help_text="Everything put against it; what was written off is in it.")
    written_off = _money(help_text="The part of what is paid that nobody paid.")
    owed = _money(help_text="Less than nothing where the client has credit.")
    po_number = serializers.CharField(source="invoice.po_number")


class LineOut(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    description = serializers.CharField()
    detail = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=12, decimal_places=2)
    unit = serializers.ChoiceField(Unit.choices)
    unit_price = _money()
    amount = _money()
    tax_rate = serializers.DecimalField(max_digits=columns.RATE_DIGITS, decimal_places=columns.RATE_PLACES)


class WholeInvoiceOut(InvoiceOut):
    lines = serializers.SerializerMethodField()

    @extend_schema_field(LineOut(many=True))
    def get_lines(self, owed: Receivable) -> Any:
        return LineOut(lines_of(owed.invoice), many=True).data
