"""What a period's draft carries besides the period: numbers that changed in an earlier one, and what waits for any draft."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from billing import actions
from billing.models import AgreementCharge, DunningStep, Invoice, ReminderFee
from billing.queries.agreements import signed_hash
from billing.rules.proration import period_of
from clients.models import Contact
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office
from .test_agreements import TODAY, agreed, users


def test_a_number_that_changes_in_a_period_charged_ahead_is_put_right_with_the_next(
    world: World, office: Office
) -> None:
    terms = {"true_up": "both"}
    agreement = agreed(office, world.north.one, terms, starts_on=date(2026, 11, 1), items=[users("30.00")])
    who: dict[str, Any] = {"agreement": agreement, "actor": office.actor, "now": NOW}
    november, december = period_of(TODAY, "month"), period_of(date(2026, 12, 1), "month")
    with enter(world.north.scope()):
        people = Contact.objects.living().filter(client=world.north.one.client).count()
        actions.draft_period(period=november, **who)
        Contact.objects.create(client=world.north.one.client, name="Cleo")
        actions.count_items(on=date(2026, 11, 24), **who)
        Contact.objects.filter(pk=world.north.one.ben.pk).update(archived_at=NOW)
        Contact.objects.filter(name="Cleo").update(archived_at=NOW)
        actions.count_items(on=date(2026, 11, 29), **who)
        for _again in range(2):
            invoice = actions.draft_period(period=december, **who)
            first, more, less = invoice.lines.order_by("position")
            assert (first.quantity, first.amount) == (people - 1, (people - 1) * Decimal(30))
            assert (more.quantity, more.unit_price, more.amount) == (1, 5, 5)
            assert (less.quantity, less.unit_price, less.amount) == (1, -2, -2)
            assert more.description == "Users: the number changed"
            assert more.detail == (
                f"24 November 2026 to 28 November 2026, 5 of 30 days: {people + 1} instead of {people}"
            )
            assert (more.why.counted, more.why.charged, more.why.days) == (people + 1, people, 5)
            assert AgreementCharge.objects.get(period_end=november.end).trued_by_id == invoice.pk
            actions.discard_draft(invoice=invoice, actor=office.actor, now=NOW)
            assert AgreementCharge.objects.get().trued_by_id is None
        actions.draft_period(period=december, **who)
        january = actions.draft_period(period=period_of(date(2027, 1, 1), "month"), **who)
        assert january.lines.count() == 1


def test_a_periods_draft_takes_the_fees_that_wait(world: World, office: Office) -> None:
    """Each way in which an invoice is drafted by itself takes what waits besides: a period's, too."""
    agreement = agreed(office, world.north.one, items=[{"label": "Base", "unit_price": Decimal(99)}])
    issued = office.issued(world.north.one)
    with enter(world.north.scope()):
        step = DunningStep.objects.create(position=90, name="Last", days=90)
        about: dict[str, Any] = {"invoice": issued, "client": world.north.one.client, "step": step, "currency": "GBP"}
        fee = ReminderFee.objects.create(amount=Decimal(5), arose_at=NOW, **about)
        who: dict[str, Any] = {"agreement": agreement, "actor": office.actor, "now": NOW}
        invoice = actions.draft_period(period=period_of(TODAY, "month"), **who)
        base, extra = invoice.lines.order_by("position")
        assert (base.amount, extra.amount, extra.description.startswith("Fee for a reminder of")) == (99, 5, True)
        assert (invoice.net, Invoice.objects.get(pk=invoice.pk).net) == (104, 104)
        fee.refresh_from_db()
        assert fee.line_id == extra.pk
        actions.discard_draft(invoice=invoice, actor=office.actor, now=NOW)
        again = actions.draft_period(period=period_of(TODAY, "month"), **who)
        assert again.net == 104


def test_what_was_signed_before_true_ups_keeps_its_hash(world: World, office: Office) -> None:
    """Taken from a version that could not say it yet."""
    agreement = agreed(office, world.north.one, {"true_up": "none"})
    with enter(world.north.scope()):
        version = agreement.versions.get()
        before = signed_hash(version)
        version.true_up = "both"
        assert signed_hash(version) != before
