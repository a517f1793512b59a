"""The clock of what agreements charge: a promise when a period is over or a milestone reached, kept once its invoice is out.

They draft themselves (charging.py); the rows here are only what the promises are about.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.models import FinishedWork
from billing.queries.charge_clock import (
    ChargeKey,
    FinishedCharge,
    charge_terms,
    finished_charges,
    key_of_charge,
)
from billing.queries.clock import Standing, out_at
from billing.rules.clock import midnight
from clients.models import Client
from msp.jobs.choices import DueState

from .promising import lead_to, promise_invoice, settle


def look_at_charges(*, client: Client, now: datetime) -> None:
    """Bring the rows and promises of a client's periods and milestones in line with their invoices. Looking twice changes nothing."""
    with transaction.atomic():
        rows = FinishedWork.objects.select_for_update(of=("self",)).filter(client=client, settled_at=None)
        known = {key_of_charge(work): work for work in rows.exclude(agreement=None).order_by("id")}
        found = finished_charges(client, now)
        for key, work in known.items():
            _follow(work, found.get(key), now)
        for key, charge in found.items():
            if key not in known and (charge.invoice is None or charge.invoice.is_open):
                _begin(client, key, charge, now)


def _follow(work: FinishedWork, charge: FinishedCharge | None, now: datetime) -> None:
    if charge is None:
        settle(work, Standing([], None), now)
    elif charge.invoice is not None:
        left = out_at([charge.invoice.pk]).get(charge.invoice.pk)
        settle(work, Standing([], left), now) if left else lead_to(work, [charge.invoice])


def _begin(client: Client, key: ChargeKey, charge: FinishedCharge, now: datetime) -> None:
    terms = charge_terms(charge)
    work = FinishedWork(
        client=client,
        grouping=charge.kind,
        agreement=charge.agreement,
        milestone=charge.milestone,
        starts_at=midnight(charge.period.start, terms.zone) if charge.period else None,
        ends_at=key.ends_at,
        clock_from=charge.at,
        due_at=now,
        state=DueState.DONE,
        finished_at=now,
    )
    work.save(force_insert=True)
    promise_invoice(work, terms, _words(charge), now)
    if charge.invoice is not None:
        lead_to(work, [charge.invoice])


def _words(charge: FinishedCharge) -> str:
    if charge.milestone is not None:
        return f"{charge.agreement.name}: {charge.milestone.title}"
    assert charge.period is not None
    days = {"from": date_format(charge.period.start, "j F Y"), "until": date_format(charge.period.end, "j F Y")}
    return f"{charge.agreement.name}: " + _("%(from)s to %(until)s") % days
