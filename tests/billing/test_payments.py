"""Money that came in: parts, too much, mistakes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from billing import actions
from billing.models import Invoice, Payment, Receivable
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


def test_too_much_is_the_clients_credit(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    other = office.issued(world.north.two)
    with enter(world.north.scope()):
        pay(office, invoice, "110.50")
        owed = Receivable.objects.get(invoice=invoice)
        assert (owed.owed, owed.credit, owed.is_settled) == (Decimal("-2.50"), Decimal("2.50"), True)
        [mine] = sums(TODAY, world.north.one.client)
        assert (mine.open, mine.credit) == (0, Decimal("2.50"))
        [all_of_them] = sums(other.due_on + timedelta(days=1))
        assert (all_of_them.open, all_of_them.overdue, all_of_them.overdue_count) == (108, 108, 1)


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
        for change in (lambda: Payment.objects.update(amount=1), lambda: Payment.objects.all().delete()):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()
