"""Acts reach the activity log, which stands above accounts, as a signal in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msp.accounts.rules import Actor
from msp.accounts.signals import acted
from msp.tenancy.models import TenantModel


def tell(*, actor: Actor, verb: str, subject: TenantModel, now: datetime, **data: Any) -> None:
    """Send `acted`. `verb` has its sentence in registry.SENTENCES, `data` what the sentence names."""
    acted.send(sender=type(subject), actor=actor, verb=verb, subject=subject, now=now, data=data)
