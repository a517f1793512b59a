"""Agreements at work: what is drafted, covered, drawn from blocks, charged by the period and put right."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing import actions
from billing.actions.agreement_timers import LookAtAgreement
from billing.models import (
    Acceptance,
    Agreement,
    AgreementCharge,
    AgreementTimer,
    Block,
    BlockDraw,
    CoveredTime,
    CoveredWork,
    Invoice,
    InvoiceLine,
    ItemCount,
    LineTime,
    Milestone,
    TimeCorrection,
)
from billing.queries.agreements import agreement_for, signed_hash
from billing.queries.charging import due_periods
from billing.queries.work import finished_work
from billing.rules.proration import period_of
from billing.rules.refusals import Refused
from clients.models import Contact
from msp.audit.models import Entry
from msp.jobs.rules import Again
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.world import NOW, ClientWorld, World
from tickets.actions import create_policy
from tickets.models import SlaAssignment, TimeEntry

from .conftest import Office

START = date(2026, 1, 1)
TODAY = NOW.date()


def agreed(office: Office, client: ClientWorld, terms: dict[str, Any] | None = None, **given: Any) -> Agreement:
    """An agreement in force since the first of January."""
    items = given.pop("items", ())
    values = {"kind": "fixed", "name": "Care", "starts_on": START, "in_advance": True} | given
    who: dict[str, Any] = {"actor": office.actor, "now": NOW}
    with enter(office.shop.scope()):
        made = actions.create_agreement(client=client.client, values=values, terms=terms or {}, items=items, **who)
        return actions.activate_agreement(agreement=made, **who)


def block(office: Office, agreement: Agreement, minutes: int, **given: Any) -> Block:
    values = {"unit": "minutes", "size": Decimal(minutes), "valid_from": START} | given
    with enter(office.shop.scope()):
        return actions.add_block(agreement=agreement, values=values, actor=office.actor, now=NOW)


def printed(invoice: Invoice) -> list[tuple[str, str, Decimal, str]]:
    lines = InvoiceLine.objects.filter(invoice=invoice).order_by("position")
    return [(x.description.partition(", ")[2], str(x.quantity), x.amount, x.source["coverage"]) for x in lines]


def test_one_entry_may_span_block_and_rate(world: World, office: Office) -> None:
    prepaid = block(office, agreed(office, world.north.one, kind="block"), 60)
    office.solved(world.north.one, 90)
    with enter(world.north.scope()):
        assert [work.amount for work in finished_work()] == [Decimal("45.00")]
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        assert printed(invoice) == [
            ("from a prepaid block", "1.00", 0, "block"),
            ("", "0.50", Decimal("45.00"), "rate"),
        ]
        assert Block.objects.get(pk=prepaid.pk).left == 0
        entry = TimeEntry.objects.get()
        assert (entry.minutes, LineTime.objects.get().time_entry_id) == (90, entry.pk)
        first, second = (line.why for line in InvoiceLine.objects.order_by("position"))
        assert (first.drawn, first.minutes, first.entries[0].here) == (60, 60, 60)
        assert (second.minutes, second.entries[0].minutes, second.entries[0].here) == (30, 90, 30)
        assert (second.agreement, second.version, second.entries[0].entry_id) == ("Care", 1, str(entry.pk))
        actions.discard_draft(invoice=invoice, actor=office.actor, now=NOW)
        assert Block.objects.get(pk=prepaid.pk).left == 60
        assert sorted(BlockDraw.objects.values_list("kind", "amount"), reverse=True) == [
            ("work", 60),
            ("given_back", -60),
        ]
    assert office.draft(world.north.one).net == Decimal("45.00")


def test_lines_of_the_same_time_go_together(world: World, office: Office) -> None:
    block(office, agreed(office, world.north.one, kind="block"), 60)
    office.solved(world.north.one, 90)
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        given, rate = InvoiceLine.objects.select_related("invoice").order_by("position")
        said = {"description": "x", "detail": "", "unit_price": Decimal(0), "reason": "Less"}
        with pytest.raises(Refused, match="A block gave"):
            actions.edit_line(line=given, quantity=Decimal("0.5"), actor=office.actor, now=NOW, **said)
        actions.remove_line(line=rate, actor=office.actor, now=NOW)
        assert not InvoiceLine.objects.filter(invoice=invoice).exists()
        assert Block.objects.get().left == 60
        assert TimeEntry.objects.unbilled().count() == 1


def test_covered_work_is_settled_without_an_invoice(world: World, office: Office) -> None:
    agreement = agreed(office, world.north.one, {"includes": ["remote"]})
    ticket = office.solved(world.north.one, 50, 45)
    with enter(world.north.scope()):
        with pytest.raises(Refused, match="covers all of it"):
            actions.draft_invoice(client=world.north.one.client, actor=office.actor, now=NOW)
        work = CoveredWork.objects.get()
        assert (work.agreement_id, work.ticket_id, work.minutes) == (agreement.pk, ticket.pk, 95)
        assert work.source["parts"][0]["coverage"] == "included"
        assert CoveredTime.objects.count() == 2
        assert not TimeEntry.objects.unbilled().exists()
        assert not Invoice.objects.exists()
        assert Entry.objects.get(verb="agreement.covered").data == {"ticket": ticket.number, "minutes": 95}
        with pytest.raises(Refused, match="Say why"):
            actions.uncover_work(work=work, reason=" ", actor=office.actor, now=NOW)
        actions.uncover_work(work=work, reason="It was a project", actor=office.actor, now=NOW)
        assert TimeEntry.objects.unbilled().count() == 2


def test_included_minutes_of_a_month_and_what_is_carried_over(world: World, office: Office) -> None:
    terms = {"included_minutes": 60, "carry_minutes": 30}
    agreed(office, world.north.one, terms, kind="retainer")
    office.solved(world.north.one, 20)
    office.solved(world.north.one, 100)
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        [allowance] = Block.objects.all()
        period = period_of(TODAY, "month")
        about = (allowance.kind, allowance.valid_from, allowance.expires_on, allowance.left)
        assert about == ("allowance", period.start, period.end, 0)
        assert invoice.net == Decimal("90.00")
        allowance.left = 45
        allowance.save(update_fields=["left"])
        ticket = office.solved(world.north.one, 70)
        TimeEntry.objects.filter(ticket=ticket).update(started_at=NOW + timedelta(days=10))
        [work] = actions.cover_work(client=world.north.one.client, actor=office.actor, now=NOW)
        following = Block.objects.exclude(pk=allowance.pk).get()
        assert (work.ticket_id, following.size, following.left) == (ticket.pk, 60, 60 + 30 - 70)


def test_the_database_refuses_to_overdraw_a_block(world: World, office: Office) -> None:
    prepaid = block(office, agreed(office, world.north.one, kind="block"), 60)
    with enter(world.north.scope()), pytest.raises(IntegrityError, match="block_not_overdrawn"), transaction.atomic():
        Block.objects.filter(pk=prepaid.pk).update(left=-1)


def test_an_ended_block_goes_into_the_next_up_to_its_cap(world: World, office: Office) -> None:
    agreement = agreed(office, world.north.one, kind="block")
    old = block(office, agreement, 600, expires_on=TODAY - timedelta(days=8), carry_over=Decimal(120))
    new = block(office, agreement, 600, expires_on=TODAY + timedelta(days=300))
    with enter(world.north.scope()):
        actions.close_block(block=old, actor=office.actor, now=NOW, on=TODAY)
        assert [Block.objects.get(pk=row.pk).left for row in (old, new)] == [0, 720]
        draws = BlockDraw.objects.order_by("kind", "amount").values_list("kind", "amount")
        assert list(draws) == [("carried", -120), ("carried", 120), ("lapsed", 480)]
        with pytest.raises(Refused, match="closed already"):
            actions.close_block(block=old, actor=office.actor, now=NOW, on=TODAY)


def users(price: str = "25.00", **given: Any) -> dict[str, Any]:
    return {"label": "Users", "basis": "user", "unit_price": Decimal(price)} | given


def test_a_period_is_charged_exactly_once_with_what_was_counted(world: World, office: Office) -> None:
    base = {"label": "Base", "unit_price": Decimal("99.00")}
    agreement = agreed(office, world.north.one, items=[base, users()])
    who: dict[str, Any] = {"agreement": agreement, "actor": office.actor, "now": NOW}
    period = period_of(TODAY, "month")
    with enter(world.north.scope()):
        people = Contact.objects.living().filter(client=world.north.one.client).count()
        actions.count_items(on=period.start, **who)
        invoice = actions.draft_period(period=period, **who)
        assert actions.draft_period(period=period, **who).pk == invoice.pk
        assert [(x.description, x.quantity, x.amount) for x in InvoiceLine.objects.order_by("position")] == [
            ("Base", 1, Decimal("99.00")),
            ("Users", people, people * Decimal("25.00")),
        ]
        assert (invoice.delivered_from, invoice.delivered_until) == (period.start, period.end)
        assert AgreementCharge.objects.get().period_end == period.end
        actions.discard_draft(invoice=invoice, actor=office.actor, now=NOW)
        assert not AgreementCharge.objects.exists()
        again = actions.draft_period(period=period, **who)
        with pytest.raises(IntegrityError, match="agreement_charge_once"), transaction.atomic():
            AgreementCharge.objects.create(
                agreement=agreement,
                client=world.north.one.client,
                period_start=period.start,
                period_end=period.end,
                invoice=again,
            )
        Contact.objects.filter(pk=world.north.one.ben.pk).update(archived_at=NOW)
        [row] = actions.count_items(on=TODAY, **who)
        assert (row.was, row.quantity) == (people, people - 1)
        assert actions.count_items(on=TODAY, **who) == []
        assert ItemCount.objects.count() == 2


def test_the_night_counts_charges_closes_and_tells(world: World, office: Office) -> None:
    values = {"ends_on": TODAY + timedelta(days=20), "renewal": "ask", "notice_days": 30}
    start = period_of(TODAY, "month").start
    agreement = agreed(office, world.north.one, starts_on=start, items=[users()], **values)
    old = block(office, agreement, 60, valid_from=start - timedelta(days=60), expires_on=TODAY - timedelta(days=30))
    with enter(world.north.scope()):
        row = AgreementTimer.objects.get()
        for _night in range(2):
            assert isinstance(LookAtAgreement().act(row, NOW), Again)
        assert AgreementCharge.objects.count() == 1
        assert Block.objects.get(pk=old.pk).closed_at is not None
        assert due_periods(agreement, TODAY) == []
        told = Notification.objects.filter(key__startswith="renewal:")
        assert told.count() == len({note.to_id for note in told}) > 0


def test_what_renews_itself_goes_on_at_the_indexed_price(world: World, office: Office) -> None:
    ends = TODAY - timedelta(days=1)
    items = [{"label": "Base", "unit_price": Decimal("99.99")}]
    terms = {"index_percent": Decimal("3.5"), "hourly_rate": Decimal("80.00")}
    agreement = agreed(office, world.north.one, terms, ends_on=ends, items=items, term_months=12)
    with enter(world.north.scope()):
        renewed = actions.renew_agreement(agreement=agreement, actor=office.actor, now=NOW)
        assert renewed.ends_on == date(ends.year + 1, ends.month, ends.day)
        version = agreement_for(world.north.one.client, TODAY)
        assert version is not None
        assert (version.number, version.valid_from, version.hourly_rate) == (2, TODAY, Decimal("82.80"))
        assert version.items.get().unit_price == Decimal("103.49")
        before = agreement_for(world.north.one.client, ends)
        assert before is not None
        assert before.number == 1


def test_a_change_never_reaches_into_what_was_charged(world: World, office: Office) -> None:
    agreement = agreed(office, world.north.one, items=[{"label": "Base", "unit_price": Decimal(50)}])
    period = period_of(TODAY, "month")
    who: dict[str, Any] = {"agreement": agreement, "actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        actions.draft_period(period=period, **who)
        change = {"terms": {}, "items": [], "because": "Smaller office"}
        with pytest.raises(Refused, match="charged already"):
            actions.add_version(valid_from=TODAY, **change, **who)
        actions.add_version(valid_from=period.end + timedelta(days=1), **change, **who)
        with pytest.raises(Refused, match="after the one before"):
            actions.add_version(valid_from=period.end + timedelta(days=1), **change, **who)
        late, daily = {"label": "x", "unit_price": Decimal("0.001")}, users(count_rule="daily")
        with pytest.raises(Refused, match="more decimals"):
            actions.add_version(valid_from=date(2099, 1, 1), terms={}, items=[late], because="", **who)
        with pytest.raises(Refused, match="at its end"):
            actions.add_version(valid_from=date(2099, 1, 1), terms={}, items=[daily], because="", **who)


def test_saying_yes_is_kept_with_the_hash_and_sets_the_service_level(world: World, office: Office) -> None:
    who: dict[str, Any] = {"actor": office.actor, "now": NOW}
    values = {"kind": "time", "name": "Care", "starts_on": START}
    with enter(world.north.scope()):
        policy = create_policy(name="Gold", targets=[], **who)
        made = actions.create_agreement(
            client=world.north.one.client, values=values, terms={"sla_policy": policy}, items=[], **who
        )
        assert agreement_for(world.north.one.client, TODAY) is None
        version = made.versions.get()
        said: dict[str, Any] = {"accepted_on": TODAY, "how": "signed", "document": None}
        with pytest.raises(Refused, match="who said yes"):
            actions.accept_agreement(version=version, name=" ", **said, **who)
        acceptance = actions.accept_agreement(version=version, name="Anna", **said, **who)
        assert Agreement.objects.get(pk=made.pk).is_active
        assert acceptance.terms_sha256 == signed_hash(made.versions.get())
        assert SlaAssignment.objects.get(client=world.north.one.client).policy_id == policy.pk
        type(version).objects.filter(pk=version.pk).update(minimum_minutes=30)
        assert acceptance.terms_sha256 != signed_hash(made.versions.get())
        assert Acceptance.objects.get().name == "Anna"


def test_milestones_and_blocks_are_billed_once(world: World, office: Office) -> None:
    agreement = agreed(office, world.north.one, kind="project", name="New server")
    sold = block(office, agreement, 600, price=Decimal("800.00"))
    who: dict[str, Any] = {"actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        values = {"title": "Installed", "amount": Decimal("1500.00")}
        step = actions.add_milestone(agreement=agreement, values=values, **who)
        invoice = actions.reach_milestone(milestone=step, **who)
        assert (invoice.net, invoice.lines.get().description) == (1500, "Milestone: Installed")
        with pytest.raises(Refused, match="already"):
            actions.reach_milestone(milestone=step, **who)
        actions.discard_draft(invoice=invoice, **who)
        assert Milestone.objects.get().line_id is None
        assert actions.bill_block(block=sold, **who).net == 800
        with pytest.raises(Refused, match="nothing to bill"):
            actions.bill_block(block=sold, **who)


def test_a_projects_tickets_follow_the_project(world: World, office: Office) -> None:
    agreed(office, world.north.one, kind="time", name="Hourly")
    terms = {"includes": ["remote"], "includes_after_hours": True}
    project = agreed(office, world.north.one, terms, kind="project", name="New server")
    inside, outside = office.solved(world.north.one, 60), office.solved(world.north.one, 30)
    with enter(world.north.scope()):
        who: dict[str, Any] = {"actor": office.actor, "now": NOW}
        row = actions.put_ticket_under(agreement=project, ticket=inside, **who)
        invoice = office.draft(world.north.one)
        assert [line.ticket_id for line in invoice.lines.all()] == [outside.pk]
        assert CoveredWork.objects.get().agreement_id == project.pk
        actions.take_ticket_out(row=row, **who)


def test_billed_time_is_put_right_on_the_next_draft(world: World, office: Office) -> None:
    issued = office.issued(world.north.one)
    who: dict[str, Any] = {"actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        entry = TimeEntry.objects.get()
        with pytest.raises(Refused, match="what was billed"):
            actions.correct_time(entry=entry, minutes=60, reason="Typo", **who)
        first = actions.correct_time(entry=entry, minutes=45, reason="The break was counted", **who)
        assert (first.minutes, entry.minutes) == (-15, 60)
        office.solved(world.north.one, 60)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()):
        line = draft.lines.get(position=2)
        assert (line.description.split(":")[0], line.detail) == (
            f"Correction of {issued.number}",
            "The break was counted",
        )
        assert (line.quantity, line.amount, draft.net) == (Decimal("0.25"), Decimal("-22.50"), Decimal("67.50"))
        assert TimeEntry.objects.get(pk=entry.pk).minutes == 60
        actions.discard_draft(invoice=draft, **who)
        assert TimeCorrection.objects.get().line_id is None
        unbilled = TimeEntry.objects.unbilled().get()
        with pytest.raises(Refused, match="issued invoice"):
            actions.correct_time(entry=unbilled, minutes=1, reason="x", **who)


def test_the_hours_of_a_client_are_cut_at_closing_time(world: World, office: Office) -> None:
    """The calendar is the shop's own: from Monday to Friday; NOW's work of the day before was on a day of its own."""
    terms = {"after_multiplier": Decimal("1.50"), "day_off_multiplier": Decimal("1.50")}
    agreed(office, world.north.one, terms, kind="time")
    office.solved(world.north.one, 60)
    with enter(world.north.scope()):
        TimeEntry.objects.update(started_at=NOW.replace(month=11, day=2, hour=16, minute=30))
    invoice = office.draft(world.north.one)
    with enter(world.north.scope()):
        assert {line.unit_price for line in invoice.lines.all()} <= {Decimal("90.0000"), Decimal("135.0000")}
