"""The shop's billing settings and each client's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from billing.models import BillingSettings, ClientTerms, Invoice, Series
from billing.queries.terms import client_terms, shop
from billing.rules import numbering
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record

from .issuing import series_for


def change_settings(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> BillingSettings:
    """Save the shop's billing settings; `values` by column. Issued invoices stay what they are.

    Raises Refused for a prefix that would write a number twice.
    """
    with transaction.atomic():
        row = BillingSettings.objects.select_for_update().first() or BillingSettings()
        _check_numbers(row, values)
        changed = _apply(row, values)
        record(actor=actor, verb="billing.settings_changed", subject=row, now=now, data={"fields": ", ".join(changed)})
    return row


def change_client_terms(*, client: Client, values: Mapping[str, Any], actor: Actor, now: datetime) -> ClientTerms:
    """Save what was agreed with a client; `values` by column. Drafts keep the prices they were drafted at."""
    with transaction.atomic():
        row = client_terms(client)
        changed = _apply(row, values)
        record(actor=actor, verb="billing.terms_changed", subject=row, now=now, data={"fields": ", ".join(changed)})
    return row


def start_numbers_at(*, number: int, actor: Actor, now: datetime) -> Series:
    """Begin the current series at a number, to go on where another system stopped.

    Raises Refused once an invoice has a number of it, because that would tear a gap.
    """
    with transaction.atomic():
        series = Series.objects.select_for_update().get(pk=series_for(shop(), now).pk)
        if Invoice.objects.filter(series=series).exists():
            raise Refused(_("Invoices have numbers of this series already: it must go on without a gap."))
        series.next_number = number
        series.save(update_fields=["next_number"])
        record(actor=actor, verb="billing.numbers_start", subject=series, now=now, data={"number": number})
    return series


def _check_numbers(row: BillingSettings, values: Mapping[str, Any]) -> None:
    """Two counts that write one number jam every later invoice, because no number is given twice."""
    prefix = values.get("number_prefix", row.number_prefix)
    by_year = values.get("number_by_year", row.number_by_year)
    if (prefix, by_year) == (row.number_prefix, row.number_by_year) and not row._state.adding:
        return
    for series in Series.objects.filter(Exists(Invoice.objects.filter(series=OuterRef("pk")))):
        if numbering.may_write_the_same(prefix, by_year, series.prefix, series.year):
            example = numbering.written(series.prefix, series.year, max(series.next_number - 1, 1))
            raise Refused(_("Numbers would be written like %s, which is used already. Begin them otherwise.") % example)


def _apply(row: BillingSettings | ClientTerms, values: Mapping[str, Any]) -> list[str]:
    """Set and save the columns that differ; returns their labels."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    row.save(force_insert=row._state.adding, update_fields=None if row._state.adding else changed)
    return [str(row._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
