"""What the bank says this morning: a statement whose lines wait to be confirmed, and money that nobody can place yet."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

from billing import actions
from billing.models import Receivable
from msp.accounts.rules import Actor

from .shop import Shop

_FEE = Decimal("-6.50")


def morning(shop: Shop, me: Actor) -> None:
    """An account, a statement of yesterday, and last month's books closed."""
    who: dict[str, Any] = {"actor": me, "now": shop.now}
    today = shop.now.astimezone(shop.hours.zone).date()
    values = {"name": "Current account", "currency": "GBP", "iban": ""}
    account = actions.save_bank_account(account=None, values=values, **who)
    owing = (
        Receivable.objects.owing().filter(currency="GBP").select_related("invoice", "client").order_by("due_on", "id")
    )
    rows: list[tuple[str, str, Decimal]] = []
    for place, owed in enumerate(owing[:4]):
        text = f"Invoice {owed.invoice.number}" if place % 2 == 0 else "Thank you"
        rows.append((owed.client.name.upper(), text, owed.owed))
    rows += [("J SMITH", "Payment", Decimal("42.00")), ("The bank", "Monthly fee", _FEE)]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["Date", "Name", "Description", "Amount"])
    day = today - timedelta(days=1)
    table.writerows([day.isoformat(), name, text, str(amount)] for name, text, amount in rows)
    content = out.getvalue().encode()
    actions.import_statement(account=account, file_name=f"statement-{day}.csv", content=content, **who)
    actions.close_books(through=today.replace(day=1) - timedelta(days=1), **who)
