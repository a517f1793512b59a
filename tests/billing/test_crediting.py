"""Credit and debit notes: kinds, series, parts, and that all of it comes to nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing import actions
from billing.models import Invoice, InvoiceLine, InvoiceTax, Receivable, Series
from billing.queries.review import review
from billing.rules.refusals import Refused
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office

D = Decimal


def send(office: Office, draft: Invoice) -> Invoice:
    """Approve and issue, in the shop's scope."""
    approved = actions.approve_invoice(invoice=draft, actor=office.actor, now=NOW, reason="It is right")
    return actions.issue_invoice(invoice=approved, actor=office.actor, now=NOW)


def credit(office: Office, invoice: Invoice, **given: D | None) -> Invoice:
    return actions.credit_invoice(invoice=invoice, reason="Wrong switch", actor=office.actor, now=NOW, **given)  # type: ignore[arg-type]


def test_a_credit_note_of_everything_comes_to_nothing(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        note = credit(office, invoice)
        assert (note.kind, note.corrects_id, note.sign, note.payment_days) == ("credit_note", invoice.pk, -1, 0)
        assert (note.net, note.tax, note.total) == (D(90), D(18), D(108))
        assert review([note], NOW)[0].report.findings == ()
        issued = send(office, note)
        assert (issued.number, issued.due_on, issued.correction_reason) == ("CN-0001", issued.issued_on, "Wrong switch")
        owed = dict(Receivable.objects.values_list("invoice_id", "total"))
        assert owed == {invoice.pk: D(108), issued.pk: D(-108)}
        counts = dict(Series.objects.values_list("kind", "next_number"))
        assert counts == {"invoice": 2, "credit_note": 2}
        with pytest.raises(Refused, match="nothing to give back"):
            credit(office, invoice)
        entry = Entry.objects.get(verb="invoice.credit_drafted")
        assert entry.subject_id == note.pk
        assert entry.data["number"] == "INV-0001"


def test_parts_leave_the_rest_and_never_more(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        line = InvoiceLine.objects.get(invoice=invoice)
        for amount, words in ((D("90.01"), "less left"), (D(-1), "less left"), (D("1.001"), "no amount")):
            with pytest.raises(Refused, match=words):
                credit(office, invoice, lines={line.pk: amount})
        note = credit(office, invoice, lines={line.pk: D("45.00")})
        mine = InvoiceLine.objects.get(invoice=note)
        assert (mine.quantity, mine.unit, mine.unit_price, mine.amount, mine.credits_id) == (
            D("0.50"),
            "hour",
            90,
            45,
            line.pk,
        )
        with pytest.raises(Refused, match="waits already"):
            credit(office, invoice)
        assert credit(office, invoice, lines={line.pk: D("45.00")}) == note  # the form, sent twice
        send(office, note)
        odd = credit(office, invoice, lines={line.pk: D("0.07")})
        mine = InvoiceLine.objects.get(invoice=odd)
        assert (mine.quantity, mine.unit, mine.unit_price, odd.tax) == (1, "flat", D("0.07"), D("0.01"))
        send(office, odd)
        rest = send(office, credit(office, invoice))
        assert (rest.net, rest.number) == (D("44.93"), "CN-0003")
        back = InvoiceTax.objects.filter(invoice__kind="credit_note").values_list("amount", flat=True)
        assert sum(back) == D(18)


def test_a_credit_note_is_no_draft_to_write_lines_on(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        note = credit(office, invoice)
        line = InvoiceLine.objects.get(invoice=note)
        with pytest.raises(Refused, match="choose them anew"):
            actions.remove_line(line=line, actor=office.actor, now=NOW)
        with pytest.raises(Refused, match="choose them anew"):
            actions.retax_draft(invoice=note, actor=office.actor, now=NOW)
        actions.discard_draft(invoice=note, actor=office.actor, now=NOW)
        again = credit(office, invoice)
        with pytest.raises(Refused, match="can be corrected"):
            credit(office, send(office, again))


def test_only_an_issued_invoice_is_corrected_and_with_a_reason(world: World, office: Office) -> None:
    office.solved(world.north.one, 60)
    draft = office.draft(world.north.one)
    with enter(world.north.scope()):
        with pytest.raises(Refused, match="can be corrected"):
            credit(office, draft)
        invoice = office.issued(world.north.two)
        with pytest.raises(Refused, match="Say why"):
            actions.credit_invoice(invoice=invoice, reason=" ", actor=office.actor, now=NOW)


def test_a_debit_note_charges_what_was_forgotten(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        note = actions.debit_invoice(invoice=invoice, reason="The cable was forgotten", actor=office.actor, now=NOW)
        actions.add_line(
            invoice=note, description="Cable", detail="", quantity=D(1), unit="piece", unit_price=D(10), tax_rate=D(20),
            actor=office.actor, now=NOW,
        )  # fmt: skip
        issued = send(office, Invoice.objects.get(pk=note.pk))
        assert (issued.number, issued.total, issued.sign) == ("DN-0001", 12, 1)
        assert Receivable.objects.get(invoice=issued).owed == 12


def test_a_pro_forma_is_numbered_and_owed_by_nobody(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        client = world.north.one.client
        draft = actions.start_draft(client=client, actor=office.actor, now=NOW, kind="proforma")
        actions.add_line(
            invoice=draft, description="Server", detail="", quantity=D(1), unit="piece", unit_price=D(1000),
            tax_rate=D(20), actor=office.actor, now=NOW,
        )  # fmt: skip
        issued = send(office, Invoice.objects.get(pk=draft.pk))
        assert (issued.number, Receivable.objects.count()) == ("PRO-0001", 0)
        with pytest.raises(Refused, match="made from another"):
            actions.start_draft(client=client, actor=office.actor, now=NOW, kind="final")


def test_numbers_of_two_kinds_never_meet(world: World, office: Office) -> None:
    with enter(world.north.scope()):
        for prefix in ("CN-", "CN-1"):
            with pytest.raises(Refused, match="same numbers"):
                actions.change_settings(values={"number_prefix": prefix}, actor=office.actor, now=NOW)
