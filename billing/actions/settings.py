"""The shop's billing settings and each client's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import combinations
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from billing.choices import DocumentKind
from billing.models import BillingSettings, ClientTerms, Invoice, Series
from billing.queries.series import prefix_column
from billing.queries.terms import shop
from billing.rules import numbering
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.actions.telling import change_of
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.marks import check_mark

from .asking import ask_to_look
from .issuing import series_for


def change_settings(*, values: Mapping[str, Any], actor: Actor, now: datetime, mark: str = "") -> BillingSettings:
    """Save the shop's billing settings; `values` by column, `mark`: what the form showed. Issued invoices stay what they are.

    Raises Refused for a prefix that would write a number twice, and ChangedMeanwhile.
    """
    with transaction.atomic():
        BillingSettings.objects.get_or_create()
        row = BillingSettings.objects.select_for_update().get()
        check_mark(row, values, mark)
        _check_numbers(row, values)
        changed = _apply(row, values)
        record(actor=actor, verb="billing.settings_changed", subject=row, now=now, data=changed)
        ask_to_look(actor=actor, now=now, client=None)
    return row


def change_client_terms(
    *, client: Client, values: Mapping[str, Any], actor: Actor, now: datetime, mark: str = ""
) -> ClientTerms:
    """Save what was agreed with a client; `values` by column, `mark`: what the form showed. Drafts keep the prices they were
    drafted at. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        ClientTerms.objects.get_or_create(client=client)
        row = ClientTerms.objects.select_for_update().get(client=client)
        check_mark(row, values, mark)
        changed = _apply(row, values)
        record(actor=actor, verb="billing.terms_changed", subject=row, now=now, data=changed)
        ask_to_look(actor=actor, now=now, client=client)
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
    by_year = values.get("number_by_year", row.number_by_year)
    columns = {kind: prefix_column(kind) for kind in DocumentKind}
    begins = {kind: values.get(column, getattr(row, column)) for kind, column in columns.items()}
    if all(getattr(row, columns[kind]) == prefix for kind, prefix in begins.items()) and by_year == row.number_by_year:
        return
    year = 2000 if by_year else None
    for kind, other in combinations(begins, 2):
        if begins[kind] == begins[other] or numbering.may_write_the_same(begins[kind], by_year, begins[other], year):
            words = {"one": kind.label, "other": other.label}
            raise Refused(_("%(one)s and %(other)s would have the same numbers. Begin them otherwise.") % words)
    for series in Series.objects.filter(Exists(Invoice.objects.filter(series=OuterRef("pk")))):
        for kind, prefix in begins.items():
            if kind == series.kind and (prefix, by_year) == (series.prefix, series.year is not None):
                continue
            if _meets(prefix, by_year, series, kind):
                example = numbering.written(series.prefix, series.year, max(series.next_number - 1, 1))
                raise Refused(
                    _("Numbers would be written like %s, which is used already. Begin them otherwise.") % example
                )


def _meets(prefix: str, by_year: bool, series: Series, kind: str) -> bool:
    """Whether a count of this kind could write a number that the series has written."""
    same_words = (prefix, by_year) == (series.prefix, series.year is not None) and kind != series.kind
    return same_words or numbering.may_write_the_same(prefix, by_year, series.prefix, series.year)


def _apply(row: BillingSettings | ClientTerms, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set and save the columns that differ; returns what the log keeps of them: their labels, what was and what is now."""
    before = {name: getattr(row, name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value}
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
    labels = [str(row._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
    return {"fields": ", ".join(labels)} | change_of(before, changed)
