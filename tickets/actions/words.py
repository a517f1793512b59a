"""The shop's own words: labels, categories, fields and whatever else its people write once and use often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Archivable
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.models import TicketSettings
from tickets.rules import Refused

W = TypeVar("W", bound=Archivable)


def save_word(*, actor: Actor, now: datetime, row: W, values: Mapping[str, Any]) -> W:
    """Add a new row, or change the columns named in `values`, which a form has checked."""
    is_new = row._state.adding
    for name, value in values.items():
        setattr(row, name, value)
    with transaction.atomic():
        row.save(**({} if is_new else {"update_fields": list(values)}))
        _record(actor, now, "word.added" if is_new else "word.changed", row)
    return row


def archive_word(*, actor: Actor, now: datetime, row: W) -> W:
    """Offer it no more; where it stands already it stays."""
    return _set_archived(actor, now, row, now, "word.archived")


def restore_word(*, actor: Actor, now: datetime, row: W) -> W:
    """Offer it again. Raises Refused while another one has its name."""
    model: Any = type(row)
    name = getattr(row, "name", None)
    if name and model.objects.living().filter(name=name).exclude(pk=row.pk).exists():
        raise Refused(_("There is another one called “%(name)s” by now.") % {"name": name})
    return _set_archived(actor, now, row, None, "word.restored")


def save_ticket_settings(*, actor: Actor, now: datetime, values: Mapping[str, Any]) -> TicketSettings:
    """Change the shop's limits and its matrix of priorities."""
    with transaction.atomic():
        TicketSettings.objects.get_or_create()
        row = TicketSettings.objects.select_for_update().get()
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        record(actor=actor, verb="ticket.settings_changed", subject=row, now=now)
    return row


def _set_archived(actor: Actor, now: datetime, row: W, at: datetime | None, verb: str) -> W:
    with transaction.atomic():
        if (row.archived_at is None) != (at is None):
            row.archived_at = at
            row.save(update_fields=["archived_at"])
            _record(actor, now, verb, row)
    return row


def _record(actor: Actor, now: datetime, verb: str, row: Archivable) -> None:
    data = {"kind": str(row._meta.verbose_name), "name": str(row)}
    record(actor=actor, verb=verb, subject=row, now=now, data=data)
