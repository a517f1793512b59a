"""Promises as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Promise
from .registry import kind_of

# A spreadsheet runs what begins like this; a promise called "=HYPERLINK(…)" must stay a name.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def promises_csv(promises: Iterable[Promise]) -> str:
    """Comma-separated; times in the page's zone as 2026-11-23 14:05."""
    out = io.StringIO()
    table = csv.writer(out)
    heads = (_("Promised for"), _("Kind"), _("What"), _("Client"), _("To"), _("By"), _("State"), _("Made"), _("Kept"))
    table.writerow([*heads, _("Why broken"), _("Why left out of the rate"), _("Why cancelled")])
    for promise in promises:
        about = (str(kind_of(promise.kind).label), promise.words, promise.client.name, str(promise.contact or ""))
        stands = (str(promise.owner or ""), promise.get_state_display())
        reasons = (promise.broken_because, promise.excluded_because, promise.ended_because)
        made = (_moment(promise.made_at), _moment(promise.kept_at))
        table.writerow([_moment(promise.promised_at), *map(plain, about + stands), *made, *map(plain, reasons)])
    return out.getvalue()


def _moment(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""
