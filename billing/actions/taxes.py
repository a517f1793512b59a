"""The shop's taxes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import TaxRate
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record


def add_tax_rate(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> TaxRate:
    """Let a tax hold from a day on; the same form sent twice is one. Raises Refused where that day has another of this name."""
    with transaction.atomic():
        row, made = TaxRate.objects.get_or_create(
            name=values["name"], valid_from=values["valid_from"], defaults=dict(values)
        )
        if made:
            record(actor=actor, verb="billing.tax_added", subject=row, now=now, data=_told(row))
        elif any(getattr(row, name) != value for name, value in values.items()):
            raise Refused(_("This tax changes on that day already: remove that first."))
    return row


def remove_tax_rate(*, row: TaxRate, actor: Actor, now: datetime) -> None:
    """Take back what was entered by mistake. Documents keep the taxes they were made with."""
    with transaction.atomic():
        record(actor=actor, verb="billing.tax_removed", subject=row, now=now, data=_told(row))
        TaxRate.objects.filter(pk=row.pk).delete()


def _told(row: TaxRate) -> dict[str, str]:
    return {"name": str(row), "rate": f"{row.rate.normalize():f}", "day": row.valid_from.isoformat()}
