"""Accounts stands below the activity log and cannot call it: its acts arrive as a signal, in their own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msp.accounts.rules import Actor
from msp.tenancy.models import TenantModel

from .actions import record


def on_acted(
    *, actor: Actor, verb: str, subject: TenantModel, now: datetime, data: Mapping[str, Any], **kwargs: Any
) -> None:
    record(actor=actor, verb=verb, subject=subject, now=now, data=data)
