"""Money that came in: parts, too much, mistakes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from billing import actions
from billing.models import Invoice, JournalLine, OnAccount, Payment, Receivable
from billing.queries.lists import sums
from billing.rules.refusals import Refused
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office

TODAY = date(2026, 11, 23)


def pay(office: Office, invoice: Invoice, amount: str) -> Payment:
    return actions.record_payment(
        invoice=invoice,
        amount=Decimal(amount),
        paid_on=TODAY,
        method="transfer",
        reference="STMT 7",
        actor=office.actor,
        now=NOW,
    )


def test_parts_add_up_to_paid(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        pay(office, invoice, "50.00")
        owed = Receivable.objects.get()
        assert (owed.paid, owed.owed, owed.is_part_paid, owed.is_settled) == (50, 58, True, False)
        pay(office, invoice, "58.00")
        owed.refresh_from_db()
        assert (owed.paid, owed.owed, owed.is_settled, owed.credit) == (108, 0, True, 0)
        payment = Payment.objects.get(amount=50)
        assert (payment.client_id, payment.currency, payment.paid_on, payment.reference, payment.recorded_by) == (
            invoice.client_id,
            "GBP",
            TODAY,
            "STMT 7",
            "Office Manager Northgate",
        )
        entries = Entry.objects.filter(verb="payment.recorded").order_by("id")
        assert [entry.data["amount"] for entry in entries] == ["50.00", "58.00"]


def test_too_much_is_the_clients_money_on_account(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    other = office.issued(world.north.two)
    with enter(world.north.scope()):
        payment = pay(office, invoice, "110.50")
        owed = Receivable.objects.get(invoice=invoice)
        assert (owed.owed, owed.is_settled, OnAccount.objects.get(payment=payment).left) == (0, True, Decimal("2.50"))
        [mine] = sums(TODAY, world.north.one.client)
        assert (mine.open, mine.credit) == (0, Decimal("2.50"))
        [all_of_them] = sums(other.due_on + timedelta(days=1))
        assert (all_of_them.open, all_of_them.overdue, all_of_them.overdue_count) == (108, 108, 1)


def test_money_on_account_pays_invoices_and_goes_back(world: World, office: Office) -> None:
    first, second = office.issued(world.north.one), office.issued(world.north.one)
    foreign = office.issued(world.north.two)
    who = {"actor": office.actor, "now": NOW}
    money_in = {"paid_on": TODAY, "method": "transfer", "reference": ""} | who
    with enter(world.north.scope()):
        client = world.north.one.client
        payment = actions.record_on_account(client=client, currency="GBP", amount=Decimal(150), **money_in)
        actions.put_against(invoice=first, payment=payment, amount=Decimal(100), **who)
        actions.use_credit(invoice=second, **who)
        with pytest.raises(Refused, match="Nothing is left"):
            actions.use_credit(invoice=second, **who)
        with pytest.raises(Refused, match="another client"):
            actions.put_against(invoice=foreign, payment=payment, **who)
        assert [row.owed for row in Receivable.objects.filter(client=client).order_by("id")] == [8, 58]
        with pytest.raises(Refused, match="more than the client has"):
            actions.refund(client=client, currency="GBP", amount=Decimal(5), **money_in)
        actions.refund(client=client, currency="GBP", payment=payment, amount=Decimal(60), **money_in)
        assert [row.owed for row in Receivable.objects.filter(client=client).order_by("id")] == [108, 108]
        assert OnAccount.objects.get().left == 90
        with pytest.raises(Refused, match="paid back: take that back first"):
            actions.void_payment(payment=payment, reason="Bounced", **who)
        actions.void_payment(payment=Payment.objects.get(kind="refund"), reason="Never left", **who)
        actions.void_payment(payment=payment, reason="Bounced", **who)
        assert (OnAccount.objects.get().left, sums(TODAY, client)[0].open) == (0, 216)


def test_a_write_off_says_why_and_can_be_taken_back(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    who = {"actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        for amount, reason, complaint in (("5.00", " ", "Say why"), ("108.01", "Gone", "a part of what is owed")):
            with pytest.raises(Refused, match=complaint):
                actions.write_off(invoice=invoice, amount=Decimal(amount), kind="bad_debt", reason=reason, **who)
        said = {"amount": Decimal(54), "kind": "bad_debt", "reason": "Insolvent", "claims_tax": True}
        row = actions.write_off(invoice=invoice, **said, **who)
        assert (row.tax, Receivable.objects.get().owed) == (9, 54)
        lines = JournalLine.objects.filter(entry__kind="write_off").order_by("amount")
        assert [(line.account, line.amount) for line in lines] == [("receivables", -54), ("tax", 9), ("bad_debt", 45)]
        actions.take_back_write_off(row=row, reason="Paid after all", **who)
        assert Receivable.objects.get().owed == 108
        with pytest.raises(Refused, match="already"):
            actions.take_back_write_off(row=row, reason="Again", **who)


def test_what_was_written_off_is_not_called_paid(world: World, office: Office) -> None:
    """The badge, the views of the list and the portal: all of it, the rest of a payment, a part, and taken back."""
    given_up, rest, part = (office.issued(world.north.one) for _ in range(3))
    who, said = {"actor": office.actor, "now": NOW}, {"kind": "bad_debt", "reason": "Insolvent"}
    with enter(world.north.scope()):
        row = actions.write_off(invoice=given_up, amount=Decimal(108), **said, **who)
        pay(office, rest, "100.00")
        actions.write_off(invoice=rest, amount=Decimal(8), **said, **who)
        actions.write_off(invoice=part, amount=Decimal(8), **said, **who)
        found = [Receivable.objects.get(invoice=each) for each in (given_up, rest, part)]
        assert [(x.is_written_off, x.is_given_up, x.is_part_paid, x.received) for x in found] == [
            (True, True, False, 0),
            (False, True, False, 100),
            (False, False, False, 0),
        ]
    browser, client = world.north.browser("office_manager"), world.north.portal(world.north.one.anna)
    pages = [browser.get(f"/billing/invoices/{each.pk}/").content.decode() for each in (given_up, rest, part)]
    assert [("</svg>Written off</span>" in page, "Rest written off" in page) for page in pages] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    listed = {
        view: browser.get("/billing/invoices/", {"view": view}).content.decode() for view in ("paid", "written_off")
    }
    assert [listed[view].count('id="i') for view in listed] == [0, 2]
    theirs = client.get(f"/portal/invoices/{given_up.pk}/").content.decode()
    wanted = (
        "Nothing to pay",
        "Nothing owed",
        "Nothing is owed on this invoice.",
        "ritten off",
        "Thank you",
        "Insolvent",
    )
    assert [word in theirs for word in wanted] == [True, True, True, False, False, False]
    with enter(world.north.scope()):
        actions.take_back_write_off(row=row, reason="Paid after all", **who)
        again = Receivable.objects.get(invoice=given_up)
        assert (again.owed, again.written_off, again.is_given_up) == (108, 0, False)


@pytest.mark.parametrize("amount", ["0.00", "-5.00", "1.005"])
def test_odd_amounts_are_refused(world: World, office: Office, amount: str) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        with pytest.raises(Refused):
            pay(office, invoice, amount)
        assert not Payment.objects.exists()


def test_a_draft_cannot_be_paid(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()), pytest.raises(Refused, match="Only an issued invoice"):
        pay(office, draft, "5.00")


def test_taking_back_is_a_second_row_with_its_reason(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        wrong = pay(office, invoice, "108.00")
        with pytest.raises(Refused, match="Say why"):
            actions.void_payment(payment=wrong, reason=" ", actor=office.actor, now=NOW)
        back = actions.void_payment(payment=wrong, reason="Other client's money", actor=office.actor, now=NOW)
        assert (back.amount, back.voids_id, back.reason) == (-108, wrong.pk, "Other client's money")
        assert (Receivable.objects.get().owed, Payment.objects.count()) == (108, 2)
        for again in (wrong, back):
            with pytest.raises(Refused, match="already"):
                actions.void_payment(payment=again, reason="Again", actor=office.actor, now=NOW)
        assert [row.is_voided for row in Payment.objects.knowing_voids().order_by("id")] == [True, False]


def test_nobody_changes_or_deletes_a_payment(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        pay(office, invoice, "108.00")
        for change in (lambda: Payment.objects.update(amount=1), lambda: Payment.objects.all()._raw_delete("default")):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()
