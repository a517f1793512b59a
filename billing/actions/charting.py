"""The shop's chart of accounts, and what its accountant's program asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing.models import AccountCode, Books
from msp.accounts.rules import Actor
from msp.audit.actions import record


def save_chart(
    *, codes: Mapping[tuple[str, Decimal | None], str], values: Mapping[str, Any], actor: Actor, now: datetime
) -> Books:
    """Save the number of each account, by account and tax rate (an empty one is forgotten), and the books' own columns."""
    with transaction.atomic():
        books, _made = Books.objects.get_or_create()
        for name, value in values.items():
            setattr(books, name, value)
        books.save(update_fields=list(values))
        for (account, rate), code in codes.items():
            if code:
                AccountCode.objects.update_or_create(account=account, tax_rate=rate, defaults={"code": code})
            else:
                AccountCode.objects.filter(account=account, tax_rate=rate).delete()
        record(actor=actor, verb="books.chart_changed", subject=books, now=now)
    return books
