"""Acts reach the activity log, which stands above accounts, as a signal in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msp.accounts.rules import Actor
from msp.accounts.signals import acted
from msp.tenancy.models import TenantModel


def tell(
    *, actor: Actor, verb: str, subject: TenantModel, now: datetime, data: Mapping[str, Any] | None = None, **words: Any
) -> None:
    """Send `acted`. `verb` has its sentence in registry.SENTENCES, `words` what the sentence names, `data` what else is kept."""
    acted.send(sender=type(subject), actor=actor, verb=verb, subject=subject, now=now, data={**(data or {}), **words})


def change_of(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, Any]:
    """What the log keeps of a change: the values of its fields as they were and as they are now, as JSON can say them."""
    return {
        "was": {name: _plain(before[name]) for name in after},
        "now": {name: _plain(value) for name, value in after.items()},
    }


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)
