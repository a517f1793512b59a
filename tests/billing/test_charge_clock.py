"""A period charged at its end and a reached milestone are promised like finished work. Worked by the queues, as workers do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from billing import actions
from billing.actions.agreement_timers import LookAtAgreement
from billing.models import AgreementTimer, BillingSettings, FinishedWork, Invoice
from clients.models import Promise
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office
from .test_agreements import agreed
from .test_clock import HOUR, promise, work

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def sent(office: Office, invoice: Invoice, at: datetime) -> None:
    with enter(office.shop.scope()):
        approved = actions.approve_invoice(invoice=invoice, actor=office.actor, now=at, reason="Yes")
        actions.issue_invoice(invoice=approved, actor=office.actor, now=at)
    work(at, "renderings", "jobs")


def night(at: datetime) -> None:
    LookAtAgreement().act(AgreementTimer.objects.select_related("agreement__client").get(), at)


def test_a_period_charged_at_its_end_is_promised_from_there(world: World, office: Office) -> None:
    given: dict[str, Any] = {"starts_on": date(2026, 11, 1), "in_advance": False}
    items = [{"label": "Base", "unit_price": Decimal(99)}]
    agreed(office, world.north.one, {"sent_within_hours": 24}, items=items, **given)
    with enter(world.north.scope()):
        night(NOW)
        assert not Promise.objects.exists()
        night(ENDS + 3 * HOUR)
    for _twice in range(2):
        work(ENDS + 3 * HOUR)
    with enter(world.north.scope()):
        invoice, made, row = Invoice.objects.get(), promise(), FinishedWork.objects.get()
        assert (made.state, made.promised_at) == ("open", ENDS + 24 * HOUR)
        assert made.words == "Care: 1 November 2026 to 30 November 2026"
        assert made.steps[0].words == "The agreement's period was over"
        assert (row.grouping, row.invoice_id, row.ends_at) == ("period", invoice.pk, ENDS)
        assert (invoice.promised_at, invoice.work_finished_at) == (made.promised_at, ENDS - timedelta(seconds=1))
        actions.discard_draft(invoice=invoice, actor=office.actor, now=ENDS + 4 * HOUR)
    work(ENDS + 4 * HOUR)
    with enter(world.north.scope()):
        assert promise().state == "open"
        night(ENDS + 5 * HOUR)
    work(ENDS + 5 * HOUR)
    sent(office, _draft(office), ENDS + 6 * HOUR)
    with enter(world.north.scope()):
        assert (promise().state, promise().kept_at) == ("kept", ENDS + 6 * HOUR)
        assert FinishedWork.objects.get().settled_at == ENDS + 6 * HOUR


def _draft(office: Office) -> Invoice:
    with enter(office.shop.scope()):
        return Invoice.objects.in_review().get()


def test_a_reached_milestone_is_promised_and_kept_by_its_invoice(world: World, office: Office) -> None:
    project = agreed(office, world.north.one, kind="project", name="Server")
    who: dict[str, Any] = {"actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        step = actions.add_milestone(agreement=project, values={"title": "Installed", "amount": Decimal(900)}, **who)
        invoice = actions.reach_milestone(milestone=step, **who)
    work(NOW)
    with enter(world.north.scope()):
        made = promise()
        assert (made.words, made.promised_at, made.state) == ("Server: Installed", NOW + 48 * HOUR, "open")
        assert made.steps[0].words == "The milestone was reached"
        assert Invoice.objects.get().promised_at == made.promised_at
    sent(office, invoice, NOW + HOUR)
    with enter(world.north.scope()):
        assert (promise().state, promise().kept_at) == ("kept", NOW + HOUR)


def test_an_old_period_counts_from_when_we_knew_and_a_charge_ahead_promises_nothing(
    world: World, office: Office
) -> None:
    items = [{"label": "Base", "unit_price": Decimal(99)}]
    agreed(office, world.north.one, items=items, starts_on=date(2026, 11, 1))
    with enter(world.north.scope()):
        night(NOW)
        AgreementTimer.objects.all().delete()
    work(NOW)
    with enter(world.north.scope()):
        assert (Invoice.objects.count(), Promise.objects.count()) == (1, 0)
        BillingSettings.objects.update(tax_rate=None)  # so nothing can be drafted, and it is owed all the same
    agreed(office, world.north.two, items=items, starts_on=date(2026, 10, 1), in_advance=False)
    with enter(world.north.scope()):
        activated = Entry.objects.filter(verb="agreement.activated").latest("at").at
        night(NOW)
    work(NOW)
    with enter(world.north.scope()):
        assert (promise().promised_at, FinishedWork.objects.get().invoice_id) == (activated + 48 * HOUR, None)
