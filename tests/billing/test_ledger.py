"""The ledger underneath: it balances, it stays, and it says what the documents say."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import actions
from billing.actions.ledger import post
from billing.choices.paying import Account, EntryKind
from billing.models import (
    Allocation,
    Invoice,
    JournalEntry,
    JournalLine,
    OnAccount,
    Payment,
    Receivable,
    WriteOff,
)
from billing.queries.ageing import ageing
from billing.rules import bookkeeping, money
from billing.rules.bookkeeping import Booking
from billing.rules.refusals import Refused
from billing.rules.tax import Item, Tax, assess
from msp.tenancy.context import enter
from msp.tenancy.ids import new_id
from tests.world import NOW, World

from .conftest import Office

TODAY = NOW.date()
amounts = st.decimals(min_value="0.01", max_value="99999.99", places=2)
rates = st.sampled_from([Decimal(0), Decimal("5.50"), Decimal(7), Decimal(19), Decimal(20)])


# --- rules ---


@given(st.lists(st.tuples(amounts, rates), min_size=1, max_size=6), st.sampled_from([1, -1]), amounts)
def test_every_booking_comes_to_nothing(lines: list[tuple[Decimal, Decimal]], sign: int, part: Decimal) -> None:
    found, key, other = (
        assess([Item(n, a, Tax("S", rate)) for n, (a, rate) in enumerate(lines)], "GBP"),
        new_id(),
        new_id(),
    )
    groups = [money.TaxGroup(group.rate, group.net, group.first) for group in found.groups]
    taxes = [(group.rate, group.tax) for group in groups]
    for booked in (
        bookkeeping.issued(sign=sign, total=found.total, groups=groups, invoice_id=key),
        bookkeeping.issued(sign=sign, total=found.total + part, groups=groups, invoice_id=key),
        bookkeeping.received(part, Account.BANK),
        bookkeeping.paid_back(part, Account.CARD),
        bookkeeping.put_against(part, key),
        bookkeeping.credited(part, key, other),
        bookkeeping.credit_paid_back(part, key),
        bookkeeping.written_off(amount=found.total, taxes=taxes, invoice_id=key, to=Account.BAD_DEBT),
    ):
        assert sum(each.amount for each in booked) == 0
        assert sum(each.amount for each in bookkeeping.turned(booked)) == 0
        assert all(each.amount for each in booked)


@given(amounts, st.lists(st.decimals(min_value=0, max_value=1000, places=2), min_size=1, max_size=7))
def test_shares_add_up_to_the_cent(amount: Decimal, weights: list[Decimal]) -> None:
    parts = bookkeeping.shares(amount, weights, "GBP")
    whole = sum(weights)
    assert sum(parts) == amount
    assert all(money.is_exact(part, "GBP") for part in parts)
    if whole:
        assert all(
            abs(part - amount * weight / whole) < Decimal("0.01") for part, weight in zip(parts, weights, strict=True)
        )


# --- the database's own word ---


def _entry(world: World, lines: int = 2, **given: object) -> JournalEntry:
    values = {"currency": "GBP", "booked_on": TODAY, "at": NOW, "lines": lines, "subject_id": new_id(), "kind": "issue"}
    return JournalEntry.objects.create(client=world.north.one.client, **(values | given))


def _line(entry: JournalEntry, amount: str, **given: object) -> JournalLine:
    values = {"client_id": entry.client_id, "account": "bank", "currency": "GBP", "booked_on": TODAY}
    return JournalLine.objects.create(entry=entry, amount=Decimal(amount), **(values | given))


def _one_sided(world: World) -> None:
    _line(_entry(world, 1), "5.00")


def _no_lines(world: World) -> None:
    _entry(world)


def _fewer_than_said(world: World) -> None:
    entry = _entry(world, 3)
    _line(entry, "5.00")
    _line(entry, "-5.00")


def _two_currencies(world: World) -> None:
    entry = _entry(world)
    _line(entry, "5.00")
    _line(entry, "-5.00", currency="EUR")


@pytest.mark.parametrize("wrong", [_one_sided, _no_lines, _fewer_than_said, _two_currencies])
def test_an_entry_that_does_not_balance_is_refused(world: World, wrong: Callable[[World], None]) -> None:
    """Also when the scope that wrote it has ended before the commit."""
    with transaction.atomic():
        with enter(world.north.scope()):
            wrong(world)
        with pytest.raises(IntegrityError, match="ledger entry"):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_a_line_added_to_an_old_entry_is_refused(world: World) -> None:
    with enter(world.north.scope()):
        entry = _entry(world)
        _line(entry, "5.00")
        _line(entry, "-5.00")
    connection.check_constraints()
    with transaction.atomic():
        with enter(world.north.scope()):
            _line(entry, "5.00")
            _line(entry, "-5.00")
        with pytest.raises(IntegrityError, match="has 4 lines and says 2"):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_nobody_changes_or_deletes_an_entry(world: World) -> None:
    with enter(world.north.scope()):
        _line(_entry(world), "5.00")
        for model in (JournalEntry, JournalLine):
            for change in (lambda rows: rows.update(currency="EUR"), lambda rows: rows._raw_delete(rows.db)):
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    change(model.objects.all())
    transaction.set_rollback(True)


def test_closed_books_take_no_entry(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        act = {"actor": office.actor, "now": NOW}
        with pytest.raises(Refused, match="days that are over"):
            actions.close_books(through=TODAY, **act)
        actions.close_books(through=TODAY - timedelta(days=1), **act)
        money_in = {"invoice": invoice, "amount": Decimal(5), "method": "transfer", "reference": "", **act}
        with pytest.raises(Refused, match="books are closed through"):
            actions.record_payment(paid_on=TODAY - timedelta(days=1), **money_in)
        with pytest.raises(IntegrityError, match="books are closed"), transaction.atomic():
            _entry(world, booked_on=TODAY - timedelta(days=1))
        actions.record_payment(paid_on=TODAY, **money_in)
        with pytest.raises(Refused, match="Say why"):
            actions.close_books(through=None, **act)
        actions.close_books(through=None, reason="A late bank statement", **act)
        actions.record_payment(paid_on=TODAY - timedelta(days=1), **money_in)


def test_what_moves_nothing_is_no_entry(world: World) -> None:
    with enter(world.north.scope()):
        client = world.north.one.client.pk
        made = post(
            kind=EntryKind.ISSUE,
            subject_id=new_id(),
            client_id=client,
            currency="GBP",
            number="",
            booked_on=TODAY,
            lines=[Booking(Account.BANK, Decimal(0))],
            now=NOW,
        )
        assert made is None


# --- histories ---


def balances() -> dict[str, Decimal]:
    rows = JournalLine.objects.order_by().values_list("account").annotate(sum=Sum("amount"))
    return {account: amount for account, amount in rows if amount}


def check_everything() -> None:
    """What must hold after any act."""
    connection.check_constraints()
    held = balances()
    assert sum(held.values()) == 0
    owed = Receivable.objects.aggregate(sum=Sum("owed"))["sum"] or 0
    left = OnAccount.objects.aggregate(sum=Sum("left"))["sum"] or 0
    assert held.get("receivables", 0) == owed
    assert held.get("on_account", 0) == -left
    by_invoice = dict(
        JournalLine.objects.filter(account="receivables").order_by().values_list("invoice").annotate(sum=Sum("amount"))
    )
    assert by_invoice == dict(Receivable.objects.values_list("invoice", "owed"))
    cash = Payment.objects.aggregate(sum=Sum("amount"))["sum"] or 0
    assert held.get("bank", 0) + held.get("card", 0) == cash
    [*sheets] = ageing(TODAY).totals
    assert sum(sheet.receivables for sheet in sheets) == owed
    assert all(sheet.equals_ledger for sheet in sheets)
    assert all(sheet.receivables == sheet.not_due + sum(sheet.late) + sheet.credit_notes for sheet in sheets)


class Clerk:
    """Does random acts. What the state of things refuses is no act."""

    def __init__(self, world: World, office: Office, chance: random.Random) -> None:
        self.world, self.office, self.chance = world, office, chance

    def any_of(self, rows: object) -> object:
        found = list(rows.order_by("id"))  # type: ignore[attr-defined]
        if not found:
            raise Refused("nothing there")
        return self.chance.choice(found)

    @property
    def who(self) -> dict[str, object]:
        return {"actor": self.office.actor, "now": NOW}

    @property
    def paid(self) -> dict[str, object]:
        method = self.chance.choice(["transfer", "card", "cash"])
        return {
            "paid_on": TODAY - timedelta(days=self.chance.randrange(40)),
            "method": method,
            "reference": "R",
        } | self.who

    def amount(self) -> Decimal:
        return Decimal(self.chance.randrange(1, 20_000)) / 100

    def issue(self) -> None:
        self.office.issued(self.chance.choice([self.world.north.one, self.world.north.two]))

    def credit(self) -> None:
        invoice = self.any_of(Invoice.objects.issued().filter(kind="invoice"))
        [line] = invoice.lines.all()  # type: ignore[attr-defined]
        part = self.chance.choice([None, {line.pk: Decimal(self.chance.randrange(1, 9_000)) / 100}])
        note = actions.credit_invoice(invoice=invoice, lines=part, reason="Too much", **self.who)
        note = actions.approve_invoice(invoice=note, reason="Fine", **self.who)
        actions.issue_invoice(invoice=note, **self.who)

    def pay(self) -> None:
        actions.record_payment(invoice=self.any_of(Invoice.objects.issued()), amount=self.amount(), **self.paid)

    def pay_on_account(self) -> None:
        client = self.chance.choice([self.world.north.one, self.world.north.two]).client
        actions.record_on_account(client=client, currency="GBP", amount=self.amount(), **self.paid)

    def put(self) -> None:
        left, invoice = self.any_of(OnAccount.objects.filter(left__gt=0)), self.any_of(Invoice.objects.issued())
        amount = self.chance.choice([None, self.amount()])
        actions.put_against(invoice=invoice, payment=left.payment, amount=amount, **self.who)  # type: ignore[attr-defined]

    def use(self) -> None:
        actions.use_credit(invoice=self.any_of(Invoice.objects.issued()), **self.who)

    def take_off(self) -> None:
        actions.take_off(allocation=self.any_of(Allocation.objects.all()), **self.who)

    def refund(self) -> None:
        payment = self.any_of(Payment.objects.filter(kind="received", voids=None))
        own = self.chance.choice([None, payment])
        actions.refund(client=payment.client, currency="GBP", amount=self.amount(), payment=own, **self.paid)  # type: ignore[attr-defined]

    def void(self) -> None:
        actions.void_payment(payment=self.any_of(Payment.objects.all()), reason="Wrong", **self.who)

    def write_off(self) -> None:
        invoice = self.any_of(Invoice.objects.issued())
        kind, claims = self.chance.choice(["bad_debt", "goodwill"]), self.chance.random() < 0.5
        actions.write_off(invoice=invoice, amount=self.amount(), kind=kind, reason="R", claims_tax=claims, **self.who)

    def owe_again(self) -> None:
        actions.take_back_write_off(row=self.any_of(WriteOff.objects.all()), reason="R", **self.who)

    def work(self, acts: int) -> int:
        all_acts = [
            *(self.issue, self.credit, self.credit, self.pay, self.pay, self.pay_on_account, self.put, self.use),
            *(self.take_off, self.refund, self.void, self.write_off, self.owe_again),
        ]
        done = 0
        for _ in range(acts):
            try:
                with transaction.atomic():
                    self.chance.choice(all_acts)()
                done += 1
            except Refused:
                continue
        return done


def test_any_history_balances(world: World, office: Office, scale: Callable[[int, int], int]) -> None:
    done = []

    @settings(max_examples=scale(5, 500), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False))
    def live(chance: random.Random) -> None:
        with transaction.atomic(), enter(world.north.scope()):
            clerk = Clerk(world, office, chance)
            clerk.issue()
            for _ in range(4):
                done.append(clerk.work(10))
                check_everything()
            transaction.set_rollback(True)

    live()
    assert sum(done) > len(done)
