"""Many at once, on real Postgres."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.models import Sum

from billing import actions
from billing.models import (
    Invoice,
    InvoiceLine,
    JournalLine,
    LineTime,
    OnAccount,
    Payment,
    QuoteAnswer,
    QuoteRevision,
    Receivable,
    Rendering,
    Series,
)
from billing.rules.refusals import Refused
from msp.tenancy.context import enter, system_scope
from tests.world import NOW, World
from tickets.models import TimeEntry

from .conftest import Office
from .quoting import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)` … `work(number - 1)` at the same time; return what each returned or raised."""
    results: list[Any] = [None] * number

    def run(index: int) -> None:
        try:
            results[index] = work(index)
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index]) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class RolledBack(Exception):
    """Something failed after the number was taken."""


def test_forty_issuers_with_eight_rolled_back_leave_no_gap(world: World, office: Office) -> None:
    approved = [office.approved(world.north.one) for _ in range(40)]
    failing = set(range(3, 40, 5))

    def issue(index: int) -> str | None:
        with enter(system_scope(world.north.tenant.pk)):
            invoice = actions.issue_invoice(invoice=approved[index], actor=office.actor, now=NOW)
            if index in failing:
                raise RolledBack
            return invoice.number

    results = in_threads(40, issue)
    assert {index for index, result in enumerate(results) if isinstance(result, RolledBack)} == failing
    with enter(world.north.scope()):
        issued = list(Invoice.objects.issued().order_by("sequence").values_list("sequence", "number"))
        assert issued == [(n, f"INV-{n:04d}") for n in range(1, 33)]
        assert sorted(result for result in results if isinstance(result, str)) == [number for _n, number in issued]
        assert Series.objects.get().next_number == 33
        assert Receivable.objects.count() == Rendering.objects.count() == 32


def test_of_many_who_draft_at_once_one_finds_the_work(world: World, office: Office) -> None:
    office.solved(world.north.one, 60, 30)

    def draft(_index: int) -> Any:
        with enter(world.north.scope()):
            return actions.draft_invoice(client=world.north.one.client, actor=office.actor, now=NOW)

    results = in_threads(8, draft)
    assert sorted(type(result).__name__ for result in results) == ["Invoice"] + ["Refused"] * 7
    with enter(world.north.scope()):
        assert (Invoice.objects.count(), LineTime.objects.count()) == (1, 2)
        assert TimeEntry.objects.exclude(locked_because="").count() == 2


def test_a_line_changed_while_the_invoice_is_issued_waits_and_is_refused(world: World, office: Office) -> None:
    invoice = office.approved(world.north.one)
    issued = threading.Event()

    def act(index: int) -> Any:
        with enter(world.north.scope()):
            if index == 0:
                actions.issue_invoice(invoice=invoice, actor=office.actor, now=NOW)
                issued.set()
                threading.Event().wait(0.3)  # the other one is waiting for this transaction by now
                return "issued"
            issued.wait()
            return InvoiceLine.objects.filter(invoice=invoice).update(unit_price=Decimal(1))

    first, second = in_threads(2, act)
    assert first == "issued"
    assert isinstance(second, DatabaseError)
    assert "lines of an issued invoice" in str(second)


def test_of_an_approval_called_back_while_it_is_issued_one_wins(world: World, office: Office) -> None:
    for _ in range(6):
        invoice = office.approved(world.north.one)

        def act(index: int, invoice: Invoice = invoice) -> Any:
            with enter(world.north.scope()):
                act = [actions.issue_invoice, actions.recall_invoice][index]
                return act(invoice=invoice, actor=office.actor, now=NOW).status

        results = in_threads(2, act)
        won = [result for result in results if isinstance(result, str)]
        assert len(won) == 1, results
        assert office.again(invoice).status == won[0]
    with enter(world.north.scope()):
        sequences = list(Invoice.objects.issued().order_by("sequence").values_list("sequence", flat=True))
        assert sequences == list(range(1, len(sequences) + 1))


def test_payments_at_once_add_up(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)

    def pay(index: int) -> Any:
        with enter(world.north.scope()):
            return actions.record_payment(
                invoice=invoice,
                amount=Decimal(10 + index),
                paid_on=NOW.date(),
                method="transfer",
                reference="",
                actor=office.actor,
                now=NOW,
            ).amount

    assert in_threads(8, pay) == [Decimal(10 + index) for index in range(8)]
    with enter(world.north.scope()):
        owed = Receivable.objects.get()
        paid = sum(payment.amount for payment in Payment.objects.all())
        assert (owed.paid, owed.owed) == (paid, owed.total - paid) == (Decimal(108), Decimal(0))


def test_money_is_put_once_however_many_put_it(world: World, office: Office) -> None:
    """Six put the same 150.00 against three invoices while two close the books and one takes the payment back."""
    invoices = [office.issued(world.north.one) for _ in range(3)]
    who = {"actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        client, day = world.north.one.client, NOW.date()
        money_in = {"paid_on": day, "method": "transfer", "reference": "", **who}
        payment = actions.record_on_account(client=client, currency="GBP", amount=Decimal(150), **money_in)

    def act(index: int) -> Any:
        with enter(world.north.scope()):
            if index == 8:
                return actions.void_payment(payment=payment, reason="Bounced", **who)
            if index >= 6:
                return actions.close_books(through=day - timedelta(days=index), reason="Month end", **who)
            return actions.use_credit(invoice=invoices[index % 3], **who)

    results = in_threads(9, act)
    assert all(not isinstance(result, Exception) or isinstance(result, Refused) for result in results)
    with enter(world.north.scope()):
        owed = Receivable.objects.aggregate(sum=Sum("owed"))["sum"]
        lines = JournalLine.objects.order_by().values_list("account").annotate(sum=Sum("amount"))
        said = {account: amount for account, amount in lines if amount}
        assert (said["receivables"], sum(said.values()), OnAccount.objects.get().left) == (owed, 0, 0)
        assert (owed, "bank" in said) == (324, False)


def test_a_quote_is_answered_once_whoever_is_first(world: World, office: Office) -> None:
    """Two contacts accept, the office withdraws and sends a newer revision, all at once: one of them settles it."""
    desk = Desk(office)
    revision = desk.sent(world.north.one, on_accept="whole")
    with enter(world.north.scope()):
        actions.revise_quote(quote=revision.quote, actor=office.actor, now=NOW)

    def act(index: int) -> object:
        if index < 4:
            return desk.accept(revision, world.north.one)
        if index < 6:
            with enter(world.north.scope()):
                return actions.withdraw_quote(quote=revision.quote, reason="Gone", actor=office.actor, now=NOW)
        return desk.send(revision.quote, world.north.one.anna)

    done = in_threads(8, act)
    assert all(isinstance(each, Refused) for each in done if isinstance(each, Exception)), done
    with enter(world.north.scope()):
        first = QuoteRevision.objects.get(number=1)
        assert first.ended_as in {"accepted", "withdrawn", "superseded"}
        yes = QuoteAnswer.objects.count()
        assert (yes, Invoice.objects.count()) in {(1, 1), (0, 0)}
        assert (yes == 1) == (first.ended_as == "accepted")
