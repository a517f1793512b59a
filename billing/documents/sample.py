"""A reminder of invented invoices, to look at a text before anybody gets it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from billing.models import DunningStep, DunningText, Invoice, Receivable
from billing.queries.dunning import ClientPlan, Letter, Standing
from billing.queries.terms import shop
from billing.rules.dunning import Claim, Verdict
from clients.models import Client
from msp.mail.documents import Rendered

from .reminder import written


def sample_mail(step: DunningStep, text: DunningText, now: datetime) -> Rendered:
    """What a client with two late invoices, one of them with a line on hold, would read. No row is made."""
    here = shop()
    today = now.astimezone(ZoneInfo(here.identity.zone)).date()
    due = today - timedelta(days=max(step.days, 1))
    client = Client(name=_("Example Ltd"), zone=here.identity.zone, language=text.language)
    given: tuple[tuple[str, Decimal, tuple[Decimal, ...]], ...] = (
        (_("INV-0041"), Decimal(864), ()),
        (_("INV-0044"), Decimal(216), (Decimal(36),)),
    )
    rows = []
    for number, owed, held in given:
        invoice, claim = Invoice(number=number, due_on=due), Claim[UUID](due, due, 0, owed, held)
        receivable = Receivable(invoice=invoice, currency=here.defaults.currency, due_on=due, owed=owed)
        rows.append(Standing(receivable, claim, Verdict(), step, None, today))
    plan = ClientPlan(client, today, now, rows, [], None, None, today, "", [])
    return written(Letter(plan, here.defaults.currency, rows), text, text.language)
