"""Promises as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from msp.files.documents import Cell

from .models import Promise
from .registry import kind_of


def promise_heads() -> list[str]:
    """The heads of `promise_rows`."""
    heads = (_("Promised for"), _("Kind"), _("What"), _("Client"), _("To"), _("By"), _("State"), _("Made"), _("Kept"))
    return [*heads, _("Why broken"), _("Why left out of the rate"), _("Why cancelled")]


def promise_rows(promises: Iterable[Promise]) -> Iterator[list[Cell]]:
    """A row a promise. Their clients, contacts and owners must be loaded."""
    for promise in promises:
        about = (kind_of(promise.kind).label, promise.words, promise.client.name, str(promise.contact or ""))
        stands = (str(promise.owner or ""), promise.get_state_display(), promise.made_at, promise.kept_at)
        reasons = (promise.broken_because, promise.excluded_because, promise.ended_because)
        yield [promise.promised_at, *map(str, about), *stands, *reasons]
