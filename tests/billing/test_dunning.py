"""Reminders: who gets one on which day, once each, and what stops it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing import actions
from billing.choices.care import DUNNING_ROUNDS, DUNNING_SWEEPS, StepOutcome
from billing.models import (
    DunningLetter,
    DunningRound,
    DunningStep,
    DunningSweep,
    DunningText,
    Invoice,
    InvoiceLine,
    PayPromise,
    ReminderFee,
    StepTaken,
)
from billing.queries.dunning import Block, plans
from billing.rules.dunning import Stop
from billing.rules.refusals import Refused
from clients.models import Client, Contact
from msp.audit.models import Entry
from msp.jobs.actions import work_row
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter, system_scope
from tests.world import NOW, World

from .conftest import Office
from .test_asking import queries_of
from .test_races import in_threads

THURSDAY = datetime(2026, 12, 10, 10, 5, tzinfo=UTC)  # three days after the day it is due, Monday 7 December


def switch_on(office: Office, **given: Any) -> None:
    with enter(office.shop.scope()):
        actions.change_care_settings(values={"reminds": True, **given}, actor=office.actor, now=NOW)


def delivered(office: Office, client: Any, at: datetime = NOW) -> Invoice:
    """An issued invoice of 108.00 whose mail arrived."""
    invoice = office.issued(client)
    with enter(office.shop.scope()):
        actions.dispatch_invoice(invoice=invoice, pdf=None, actor=office.actor, now=NOW)
        mails = OutgoingMail.objects.filter(purpose_key__startswith=f"invoice:{invoice.pk}")
        mails.update(state="captured", finished_at=at)
    return invoice


def run(office: Office, now: datetime) -> list[DunningLetter]:
    """An hour of the worker: look, then the rounds. Returns the letters of that hour."""
    with enter(system_scope(office.shop.tenant.pk)):
        work_row(queue_name=DUNNING_SWEEPS, row=DunningSweep.objects.get(state="queued"), now=now)
        for row in DunningRound.objects.filter(state="queued"):
            work_row(queue_name=DUNNING_ROUNDS, row=row, now=now)
        return list(DunningLetter.objects.filter(sent_at=now).order_by("id"))


def reminders() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(purpose_key__startswith="dunning:").order_by("id"))


def test_a_step_is_sent_once_and_written_down(world: World, office: Office) -> None:
    switch_on(office)
    invoice = delivered(office, world.north.one)
    for early in (THURSDAY - timedelta(days=1), THURSDAY - timedelta(minutes=30)):
        assert run(office, early) == []
    [letter] = run(office, THURSDAY)
    assert run(office, THURSDAY + timedelta(hours=1)) == run(office, THURSDAY + timedelta(days=1)) == []
    with enter(world.north.scope()):
        assert (letter.step_name, letter.total, letter.currency) == ("Friendly reminder", 108, "GBP")
        [mail] = reminders()
        assert (mail.to, mail.automatic) == ([world.north.one.anna.email], True)
        assert "Have you seen our invoice? INV-0001" in mail.subject
        assert "£108.00 has been due since 7 December 2026" in " ".join(mail.text.split())
        taken = StepTaken.objects.get()
        assert (taken.invoice_id, taken.outcome, taken.asked) == (invoice.pk, StepOutcome.SENT, 108)
        assert Entry.objects.get(verb="invoice.reminded").data["step"] == "Friendly reminder"


def test_missed_nights_and_holidays_lose_nothing_and_only_the_latest_step_is_sent(world: World, office: Office) -> None:
    switch_on(office)
    delivered(office, world.north.one)
    christmas = datetime(2026, 12, 25, 12, tzinfo=UTC)
    for day_off in range(4):  # Christmas, the weekend, and the Monday that stands for Boxing Day
        assert run(office, christmas + timedelta(days=day_off)) == []
    with enter(world.north.scope()):
        [plan] = plans(christmas)
        assert (plan.block, plan.next_on, plan.day_off) == (Block.DAY_OFF, date(2026, 12, 29), "Christmas Day")
    [letter] = run(office, christmas + timedelta(days=4))
    with enter(world.north.scope()):
        outcomes = list(StepTaken.objects.order_by("step__position").values_list("step__name", "outcome"))
        assert letter.step_name == "Second reminder"
        assert outcomes == [("Friendly reminder", StepOutcome.PASSED_OVER), ("Second reminder", StepOutcome.SENT)]


def test_one_mail_for_all_that_is_late_in_the_readers_language_with_one_fee_each(world: World, office: Office) -> None:
    switch_on(office)
    with enter(world.north.scope()):
        DunningStep.objects.filter(position=1).update(fee=Decimal(5))
        Contact.objects.filter(pk=world.north.one.anna.pk).update(language="de-at")
    for _number in range(2):
        delivered(office, world.north.one)
    [letter] = run(office, THURSDAY)
    with enter(world.north.scope()):
        [mail] = reminders()
        assert letter.total == 216
        assert "Haben Sie unsere Rechnung gesehen? INV-0001, INV-0002" in mail.subject
        assert "fällig 7. Dezember 2026: 108,00\xa0£" in mail.text
        assert "Summe: 216,00\xa0£" in mail.text
        assert "Eine Gebühr von 10,00\xa0£" in mail.text
        fees = ReminderFee.objects.order_by("id")
        assert [(fee.amount, fee.currency) for fee in fees] == [(5, "GBP"), (5, "GBP")]
        with pytest.raises(Refused, match="Say why"):
            actions.waive_fee(fee=fees[0], because=" ", actor=office.actor, now=THURSDAY)
        waived = actions.waive_fee(fee=fees[0], because="Ten years", actor=office.actor, now=THURSDAY)
        assert (waived.waived_because, waived.line_id) == ("Ten years", None)


def test_a_queried_line_stays_out_and_the_rest_is_reminded_of(world: World, office: Office) -> None:
    switch_on(office)
    invoice = delivered(office, world.north.one)
    rest = delivered(office, world.north.one)
    with enter(world.north.scope()):
        line = InvoiceLine.objects.select_related("invoice__client").get(invoice=invoice)
        actions.ask_about_line(line=line, contact=world.north.one.anna, words="No.", actor=office.actor, now=THURSDAY)
        [plan] = plans(THURSDAY)
        assert [(row.owed.invoice_id, row.verdict.stop) for row in plan.stopped] == [(invoice.pk, Stop.QUERIED)]
    [letter] = run(office, THURSDAY)
    with enter(world.north.scope()):
        assert (letter.total, StepTaken.objects.get().invoice_id) == (108, rest.pk)


def test_a_promise_to_pay_stops_it_and_a_broken_one_is_told(world: World, office: Office) -> None:
    switch_on(office)
    invoice = delivered(office, world.north.one)
    with enter(world.north.scope()):
        said = {"invoice": invoice, "who": "Anna", "actor": office.actor, "now": THURSDAY}
        with pytest.raises(Refused, match="still to come"):
            actions.note_pay_promise(pay_on=date(2026, 12, 1), **said)
        actions.note_pay_promise(pay_on=date(2026, 12, 11), **said)
        for _press in range(2):
            promise = actions.note_pay_promise(pay_on=date(2026, 12, 14), **said)
        assert PayPromise.objects.filter(ended_at=None).get() == promise
        assert Entry.objects.filter(verb="invoice.payment_promised").count() == 2
    for day in (10, 14, 16):  # two days for the money to arrive
        assert run(office, datetime(2026, 12, day, 11, tzinfo=UTC)) == []
    with enter(world.north.scope()):
        assert not Notification.objects.filter(key__startswith="pay_promise:").exists()
    [letter] = run(office, datetime(2026, 12, 17, 11, tzinfo=UTC))
    run(office, datetime(2026, 12, 18, 11, tzinfo=UTC))
    with enter(world.north.scope()):
        assert letter.step_name == "Friendly reminder"
        told = Notification.objects.filter(key=f"pay_promise:{promise.pk}")
        assert {(each.to_id, each.times) for each in told} == {
            (world.north.staff[role].pk, 1) for role in ("owner", "office_manager")
        }


def test_paused_paid_undelivered_or_covered_by_credit_nobody_is_reminded(world: World, office: Office) -> None:
    switch_on(office)
    one, two = world.north.one.client, world.north.two.client
    delivered(office, world.north.one)
    undelivered = office.issued(world.north.two)
    with enter(world.north.scope()):
        with pytest.raises(Refused, match="still to come"):
            actions.pause_reminders(client=one, until=NOW.date(), because="x", actor=office.actor, now=NOW)
        pause = {"client": one, "because": "A death there", "actor": office.actor, "now": NOW}
        actions.pause_reminders(until=date(2026, 12, 11), **pause)
        stops = {plan.client.pk: [row.verdict.stop for row in plan.stopped] for plan in plans(THURSDAY)}
        assert stops == {one.pk: [Stop.PAUSED], two.pk: [Stop.NOT_DELIVERED]}
    assert run(office, THURSDAY) == []
    assert [letter.client_id for letter in run(office, THURSDAY + timedelta(days=1))] == [one.pk]
    with enter(world.north.scope()):
        pay = {"paid_on": NOW.date(), "method": "cash", "reference": "", "actor": office.actor, "now": NOW}
        actions.record_payment(invoice=undelivered, amount=Decimal("216.00"), **pay)
    late = delivered(office, world.north.two)
    with enter(world.north.scope()):
        [plan] = plans(THURSDAY, [two.pk])
        assert [(row.owed.invoice_id, row.verdict.stop) for row in plan.stopped] == [(late.pk, Stop.COVERED)]


def test_a_skipped_step_never_goes_out(world: World, office: Office) -> None:
    switch_on(office)
    invoice = delivered(office, world.north.one)
    with enter(world.north.scope()):
        step = DunningStep.objects.get(position=1)
        skip = {"invoice": invoice, "step": step, "actor": office.actor, "now": THURSDAY}
        actions.skip_step(because="Anna called", **skip)
        with pytest.raises(Refused, match="is over"):
            actions.skip_step(because="Again", **skip)
    assert run(office, THURSDAY) == []
    [letter] = run(office, datetime(2026, 12, 21, 11, tzinfo=UTC))
    assert letter.step_name == "Second reminder"


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends_it(world: World, office: Office) -> None:
    switch_on(office)
    delivered(office, world.north.one)

    def remind(_index: int) -> int:
        with enter(system_scope(world.north.tenant.pk)):
            client = Client.objects.get(pk=world.north.one.client.pk)
            return len(actions.remind_client(client=client, actor=office.actor, now=THURSDAY))

    assert sorted(in_threads(4, remind)) == [0, 0, 0, 1]
    with enter(world.north.scope()):
        assert (DunningLetter.objects.count(), len(reminders()), StepTaken.objects.count()) == (1, 1, 1)


def test_the_pages(world: World, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(office)
    invoice = delivered(office, world.north.one)
    monkeypatch.setattr("django.utils.timezone.now", lambda: THURSDAY)
    browser, slug = world.north.browser("office_manager"), world.north.one.client.slug
    html = browser.get("/billing/reminders/").content.decode()
    assert "Goes out today" in html
    assert "INV-0001" in html
    assert "has been due since" in browser.get(f"/billing/clients/{slug}/reminder/").content.decode()
    with enter(world.north.scope()):
        step = DunningStep.objects.get(position=1)
    skip = f"/billing/invoices/{invoice.pk}/reminders/{step.pk}/skip/"
    assert world.north.browser("technician").get("/billing/reminders/").status_code == 403
    assert world.north.browser("technician").post(skip, {"reason": "x"}).status_code == 403
    assert world.low.browser("owner").post(skip, {"reason": "x"}).status_code == 404
    pause = f"/billing/clients/{slug}/reminder/pause/"
    assert browser.post(pause, {"until": "2026-12-01", "because": "x"}).status_code == 422
    assert browser.post(pause, {"until": "", "because": "They moved house"}).status_code == 302
    assert "They moved house" in browser.get("/billing/reminders/").content.decode()
    assert browser.post(f"/billing/clients/{slug}/reminder/resume/").status_code == 302
    promise = f"/billing/invoices/{invoice.pk}/pay-promise/"
    assert browser.post(promise, {"pay_on": "2026-12-01", "who": "Anna"}).status_code == 422
    assert browser.post(promise, {"pay_on": "2026-12-15", "who": "Anna"}).status_code == 302
    assert "Anna promised to pay" in browser.get(f"/billing/invoices/{invoice.pk}/").content.decode()
    assert browser.post(skip, {"reason": ""}).status_code == 302
    assert browser.post(skip, {"reason": "Called them"}).status_code == 302
    assert "No reminder was sent yet" in browser.get("/billing/reminders/sent/").content.decode()


def test_the_shop_writes_its_own_texts(world: World, office: Office) -> None:
    switch_on(office)
    browser = world.north.browser("owner")
    assert "The ladder" in browser.get("/settings/billing/reminders/").content.decode()
    with enter(world.north.scope()):
        step = DunningStep.objects.get(position=2)
        assert DunningText.objects.filter(step=step).count() == 5
    page = f"/settings/billing/reminders/{step.pk}/"
    assert browser.get(f"{page}xx/").status_code == 404
    assert "INV-0041" in browser.get(f"{page}de/").content.decode()
    wrong = browser.post(f"{page}en/", {"subject": "Pay {bank}", "body": "Now"})
    assert (wrong.status_code, "Nobody fills in {bank}" in wrong.content.decode()) == (422, True)
    shown = browser.post(f"{page}en/", {"subject": "Dear {client}", "body": "Please: {total}", "preview": "1"})
    assert (shown.status_code, "Dear Example Ltd" in shown.content.decode()) == (200, True)
    assert browser.post(f"{page}en/", {"subject": "Dear {client}", "body": "Please: {total}"}).status_code == 302
    added = {"name": "Call them", "days": "40", "counted_from": "due", "fee": "10"}
    assert browser.post("/settings/billing/reminders/new/", added).status_code == 302
    assert (
        browser.post(page, {"name": "Second", "days": "12", "counted_from": "delivery", "fee": "0.005"}).status_code
        == 422
    )
    assert (
        browser.post(page, {"name": "Second", "days": "12", "counted_from": "delivery", "fee": "2"}).status_code == 302
    )
    assert browser.post(f"{page}archive/").status_code == 302
    with enter(world.north.scope()):
        living = DunningStep.objects.filter(archived_at=None).order_by("position").values_list("name", flat=True)
        assert list(living) == ["Friendly reminder", "Last reminder", "Call them"]
        assert DunningText.objects.get(step=step, language="en").subject == "Dear {client}"
    assert world.north.browser("office_manager").get("/settings/billing/reminders/").status_code == 403


def test_the_pages_ask_the_same_for_one_and_three(
    world: World, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(office, least_days=0)
    delivered(office, world.north.one)
    monkeypatch.setattr("django.utils.timezone.now", lambda: THURSDAY)
    browser, slug = world.north.browser("office_manager"), world.north.one.client.slug
    paths = {"/billing/reminders/": 6, "/billing/reminders/sent/": 3, f"/billing/clients/{slug}/care/": 7}
    one = {path: queries_of(browser, path) for path in paths if path == "/billing/reminders/"}
    run(office, THURSDAY)
    one |= {path: queries_of(browser, path) for path in paths if path not in one}
    for number in range(2):
        delivered(office, world.north.one)
        run(office, THURSDAY + timedelta(hours=number + 1))
    delivered(office, world.north.two)
    for _number in range(3):
        delivered(office, world.north.one)
    assert {path: queries_of(browser, path) for path in paths} == one
    assert {path: asked for path, (asked, _all) in one.items()} == paths
