"""Quotes through their life: built, proven, approved, sent and frozen, answered, billed, revised, ended."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from billing import actions
from billing.choices import AnswerWay
from billing.models import (
    AgreementItem,
    EvidenceSheet,
    Invoice,
    InvoiceLine,
    Milestone,
    Quote,
    QuoteAnswer,
    QuoteInvoice,
    QuoteLine,
    QuoteLink,
    QuoteRevision,
    QuoteTimer,
)
from billing.queries.quote_lists import SizeTab, sized
from billing.queries.quotes import quoted_prices
from billing.rules.refusals import Refused
from msp.audit.models import Entry
from msp.files.documents import content_of
from msp.jobs.actions import run_queue
from msp.mail.models import MailAttachment, OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office
from .quoting import SHEET, Desk, link_in, render
from .test_issuing import refusal

SERVER = {"kind": "hardware", "description": "Server", "unit": "piece", "unit_price": Decimal(2000)}
LICENCES = {
    "kind": "licence",
    "description": "Mail",
    "quantity": Decimal(12),
    "unit": "piece",
    "unit_price": Decimal("6.50"),
    "every": "month",
}


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def test_a_quote_is_numbered_added_up_and_revised(world: World, desk: Desk) -> None:
    quote = desk.start(
        world.north.one, {}, {"role": "optional", "preselected": False, "unit_price": Decimal(90)}, LICENCES
    )
    assert (quote.number, quote.net, quote.monthly) == ("Q-0001", 400, 78)
    desk.send(quote, world.north.one.anna)
    with enter(world.north.scope()):
        second = actions.revise_quote(quote=quote, actor=desk.office.actor, now=NOW)
        assert actions.revise_quote(quote=quote, actor=desk.office.actor, now=NOW).pk == second.pk
        assert (second.name, second.state, second.total) == ("Q-0001/2", "draft", 480)
        lines = list(QuoteLine.objects.filter(revision=second).order_by("position"))
        assert len(lines) == 3
        actions.move_quote_line(line=lines[2], up=True, actor=desk.office.actor, now=NOW)
        actions.remove_quote_line(line=lines[1], actor=desk.office.actor, now=NOW)
        desk.send(quote, world.north.one.anna)
        ends = QuoteRevision.objects.order_by("number").values_list("number", "state", "ended_as")
        assert list(ends) == [(1, "sent", "superseded"), (2, "sent", None)]
        assert list(QuoteTimer.objects.order_by("id").values_list("state", flat=True)) == ["cancelled", "queued"]
    assert desk.start(world.north.two).number == "Q-0002"


def test_a_group_has_one_preselected_and_more_than_one_line(world: World, desk: Desk) -> None:
    choice = {"role": "alternative", "group": "Backup"}
    quote = desk.start(world.north.one, {}, choice)
    with pytest.raises(Refused, match="only one thing"):
        desk.send(quote, world.north.one.anna)
    desk.add(quote, **choice, description="Bigger", unit_price=Decimal(700))
    with enter(world.north.scope()):
        assert list(QuoteLine.objects.filter(preselected=True).values_list("description", flat=True)) == [
            "Move the server",
            "Bigger",
        ]
        assert Quote.objects.get().net == 1100
    with pytest.raises(Refused, match="more decimals"):
        desk.add(quote, unit_price=Decimal("1.005"))


def test_missing_evidence_blocks_and_the_sheet_stays_with_each_revision(world: World, desk: Desk) -> None:
    quote = desk.start(world.north.one, SERVER)
    with pytest.raises(Refused, match="Fill in the evidence for “Server”"):
        desk.send(quote, world.north.one.anna)
    with enter(world.north.scope()):
        line = QuoteLine.objects.get()
        bad = SHEET | {"smaller_price": Decimal(2000)}
        with pytest.raises(Refused, match="costs as much"):
            actions.save_evidence(line=line, values=bad, actor=desk.office.actor, now=NOW)
        actions.save_evidence(line=line, values=SHEET, actor=desk.office.actor, now=NOW)
        sheet = EvidenceSheet.objects.get()
        assert (sheet.counted_people, sheet.counted_devices, sheet.size.needed) == (2, 1, 15)
        desk.send(quote, world.north.one.anna)
        assert not sized(SizeTab.OVERSIZE).exists()
        second = actions.revise_quote(quote=quote, actor=desk.office.actor, now=NOW)
        copy = QuoteLine.objects.get(revision=second)
        bigger = SHEET | {"serves": 40}
        actions.save_evidence(line=copy, values=bigger, actor=desk.office.actor, now=NOW)
        desk.send(quote, world.north.one.anna)
        assert [row.line_id for row in sized(SizeTab.OVERSIZE)] == [copy.pk]
        assert list(EvidenceSheet.objects.order_by("id").values_list("serves", flat=True)) == [15, 40]


def test_above_the_limit_a_second_person_says_yes(world: World, desk: Desk) -> None:
    office, owner = desk.office.actor, world.north.staff["owner"].as_actor()
    with enter(world.north.scope()):
        actions.change_quote_settings(values={"approval_limit": Decimal(1000)}, actor=office, now=NOW)
    dear = {"description": "Watching", "unit_price": Decimal(60), "every": "month"}
    quote = desk.start(world.north.one, {}, dear)  # 400 and a year of 60
    with pytest.raises(Refused, match="second person"):
        desk.send(quote, world.north.one.anna)
    with enter(world.north.scope()):
        actions.ask_for_approval(revision=desk.draft(quote), actor=office, now=NOW)
        assert Notification.objects.get(to=world.north.staff["owner"]).words.startswith("Office Manager Northgate asks")
        with pytest.raises(Refused, match="no draft any more"):
            desk.add(quote)
        with pytest.raises(Refused, match="yourself"):
            actions.approve_quote(revision=desk.draft(quote), words="", actor=office, now=NOW)
        actions.send_quote_back(revision=desk.draft(quote), reason="Too dear", actor=owner, now=NOW)
        actions.ask_for_approval(revision=desk.draft(quote), actor=office, now=NOW)
        actions.approve_quote(revision=desk.draft(quote), words="Good", actor=owner, now=NOW)
        actions.call_quote_back(revision=desk.draft(quote), actor=office, now=NOW)
        with pytest.raises(Refused, match="second person"):
            desk.send(quote, world.north.one.anna)
        actions.ask_for_approval(revision=desk.draft(quote), actor=office, now=NOW)
        actions.approve_quote(revision=desk.draft(quote), words="Good", actor=owner, now=NOW)
        assert desk.send(quote, world.north.one.anna).approved_by == "Owner Northgate"


def test_only_its_own_living_contacts_get_it_and_no_other_clients_name(world: World, desk: Desk) -> None:
    quote = desk.start(world.north.one)
    for contacts, why in (((), "Choose who"), ((world.north.two.anna,), "cannot get it")):
        with pytest.raises(Refused, match=why):
            desk.send(quote, *contacts)
    with enter(world.north.scope()):
        actions.edit_quote(
            revision=desk.draft(quote), values={"valid_until": date(2026, 11, 22)}, actor=desk.office.actor, now=NOW
        )
    with pytest.raises(Refused, match="last day"):
        desk.send(quote, world.north.one.anna)


FORBIDDEN = [
    "update billing_quoterevision set title = 'x'",
    "update billing_quoterevision set state = 'draft', sent_at = null, content_sha256 = ''",
    "update billing_quoterevision set seen_at = null",
    "delete from billing_quoterevision",
    "update billing_quoteline set unit_price = 1",
    "delete from billing_quoteline",
    "insert into billing_quoteline select * from billing_quoteline",
    "update billing_evidencesheet set serves = 1",
    "delete from billing_evidencesheet",
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alias", ["default", "owner"])
def test_a_sent_revision_is_frozen_for_everybody(world: World, desk: Desk, alias: str) -> None:
    quote = desk.start(world.north.one, SERVER)
    with enter(world.north.scope()):
        actions.save_evidence(line=QuoteLine.objects.get(), values=SHEET, actor=desk.office.actor, now=NOW)
    desk.send(quote, world.north.one.anna)
    with enter(world.north.scope()):
        QuoteRevision.objects.update(seen_at=NOW)
    with enter(world.north.scope()):
        for statement in FORBIDDEN:
            message = refusal(alias, statement)
            assert "and cannot change" in message or "lines of a sent quote" in message, statement
        assert QuoteLine.objects.count() == 1


def test_accepting_takes_the_choice_to_the_cent_and_bills_the_deposit_and_the_rest(world: World, desk: Desk) -> None:
    option = {"role": "optional", "description": "Rack", "unit_price": Decimal("99.99"), "preselected": False}
    zero = {"description": "Books", "unit_price": Decimal("10.01"), "tax_rate": Decimal(0)}
    revision = desk.sent(
        world.north.one, {}, option, zero, LICENCES, deposit_percent=Decimal("33.33"), on_accept="deposit"
    )
    with enter(world.north.scope()):
        rack = QuoteLine.objects.get(description="Rack")
    with pytest.raises(Refused, match="another than the one you read"):
        desk.accept(revision, world.north.one, document_sha256="b" * 64)
    with pytest.raises(Refused, match="Write your name"):
        desk.accept(revision, world.north.one, by=desk.by(world.north.one, " "))
    answer = desk.accept(revision, world.north.one, rack.pk, po_number="PO 7")
    assert desk.accept(revision, world.north.one).pk == answer.pk
    assert (answer.net, answer.total, answer.monthly) == (510, Decimal("610.00"), 78)
    assert "as it stands in the document with the fingerprint aaaa" in answer.words
    with enter(world.north.scope()):
        quote = Quote.objects.get()
        assert (quote.state, quote.net, QuoteTimer.objects.get().state) == ("accepted", 510, "cancelled")
        first = QuoteInvoice.objects.select_related("invoice").get()
        assert (first.part, first.invoice.kind, first.invoice.po_number) == ("deposit", "deposit", "PO 7")
        assert first.invoice.net == Decimal("169.98")
    bill_the_rest(world, desk, answer)


def test_a_second_tax_is_quoted_as_it_will_be_billed(world: World, desk: Desk) -> None:
    """GST and QST on it, rounded as on an invoice; what is exempt bears neither."""
    with enter(world.north.scope()):
        values = {
            "name": "",
            "category": "S",
            "rate": Decimal(5),
            "second_name": "QST",
            "second_rate": Decimal("9.975"),
        }
        values |= {"second_on_top": True, "valid_from": date(2020, 1, 1)}
        actions.add_tax_rate(values=values, actor=desk.office.actor, now=NOW)
    five, none = {"tax_rate": Decimal(5)}, {"tax_rate": Decimal(0), "unit_price": Decimal(10), "description": "Books"}
    revision = desk.sent(world.north.one, five, none, LICENCES | five, deposit_percent=Decimal(25))
    # 400.00: GST 20.00, QST on 420.00 is 41.895
    assert (revision.net, revision.tax, revision.total) == (410, Decimal("61.90"), Decimal("471.90"))
    assert (revision.second_tax_name, revision.second_tax_rate, revision.second_on_top) == (
        "QST",
        Decimal("9.975"),
        True,
    )
    browser = world.north.portal(world.north.one.anna)
    html = browser.get(f"/portal/quotes/{revision.pk}/").content.decode()
    assert [word in html for word in ("QST 9.975 %", "£41.90", "£471.90")] == [True, True, True]
    answer = desk.accept(revision, world.north.one)
    with enter(world.north.scope()):
        whole = actions.bill_quote(answer=answer, part="whole", actor=desk.office.actor, now=NOW)
        assert (whole.net, whole.tax, whole.total) == (answer.net, answer.tax, answer.total)
        again = actions.start_quote(
            client=world.north.one.client, title="More", owner=None, actor=desk.office.actor, now=NOW
        )
        copy = desk.draft(again)
        assert (copy.second_tax_name, copy.second_on_top) == ("QST", True)


def bill_the_rest(world: World, desk: Desk, answer: QuoteAnswer) -> None:
    """Once the deposit has its number; the sums of both are those that were accepted."""
    with enter(world.north.scope()):
        quote, first = Quote.objects.get(), QuoteInvoice.objects.select_related("invoice").get()
        given = {"answer": answer, "actor": desk.office.actor, "now": NOW}
        for part in ("deposit", "whole"):
            with pytest.raises(Refused, match="billed already"):
                actions.bill_quote(part=part, **given)
        with pytest.raises(Refused, match="issue it first"):
            actions.bill_quote(part="rest", **given)
        paid = actions.approve_invoice(invoice=first.invoice, actor=desk.office.actor, now=NOW, reason="As agreed")
        actions.issue_invoice(invoice=paid, actor=desk.office.actor, now=NOW)
        rest = actions.bill_quote(part="rest", **given)
        assert rest.kind == "final"
        assert (rest.net + first.invoice.net, rest.tax + first.invoice.tax) == (510, 100)
        with pytest.raises(Refused, match="accepted"):
            actions.revise_quote(quote=quote, actor=desk.office.actor, now=NOW)
        line = InvoiceLine.objects.get(invoice=rest, description="Rack")
        quoted = quoted_prices(rest)[line.pk]
        assert (quoted.number, quoted.unit_price, quoted.differs(line)) == ("Q-0001", Decimal("99.99"), False)
        change = {"description": "Rack", "detail": "", "quantity": Decimal(1), "unit_price": Decimal(120)}
        actions.edit_line(line=line, reason="Dearer", actor=desk.office.actor, now=NOW, **change)
        line.refresh_from_db()
        assert quoted_prices(rest)[line.pk].differs(line)


def test_a_discarded_invoice_can_be_drafted_again(world: World, desk: Desk) -> None:
    revision = desk.sent(world.north.one, on_accept="whole")
    answer = desk.accept(revision, world.north.one)
    with enter(world.north.scope()):
        invoice = Invoice.objects.get()
        assert invoice.net == 400
        actions.discard_draft(invoice=invoice, actor=desk.office.actor, now=NOW, reason="Later")
        again = actions.bill_quote(answer=answer, part="whole", actor=desk.office.actor, now=NOW)
        assert again.net == 400


def test_what_is_paid_again_and_again_becomes_an_agreement_and_the_rest_a_project(world: World, desk: Desk) -> None:
    answer = desk.accept(desk.sent(world.north.one, {}, LICENCES, deposit_percent=Decimal(30)), world.north.one)
    given = {"answer": answer, "actor": desk.office.actor, "now": NOW}
    with enter(world.north.scope()):
        monthly = actions.agree_on_quote(part="monthly", **given)
        assert actions.agree_on_quote(part="monthly", **given).pk == monthly.pk
        item = AgreementItem.objects.get()
        assert (monthly.state, monthly.kind, monthly.period) == ("draft", "fixed", "month")
        assert (item.label, item.basis, item.quantity, item.unit_price) == ("Mail", "number", 12, Decimal("6.50"))
        with pytest.raises(Refused, match="paid this way"):
            actions.agree_on_quote(part="yearly", **given)
        project = actions.agree_on_quote(part="project", **given)
        steps = Milestone.objects.filter(agreement=project).order_by("position")
        assert list(steps.values_list("amount", "is_deposit")) == [(120, True), (280, False)]
        with pytest.raises(Refused, match="milestones are billed"):
            actions.bill_quote(part="whole", **given)


def test_declining_expiring_and_withdrawing(world: World, desk: Desk) -> None:
    revision = desk.sent(world.north.one)
    late = NOW + timedelta(days=31)
    with pytest.raises(Refused, match="come to its end"):
        desk.accept(revision, world.north.one, now=late)
    with enter(world.north.scope()):
        said = {"by": desk.by(world.north.one), "document_sha256": "a" * 64, "actor": desk.office.actor, "now": late}
        actions.decline_quote(revision=revision, reason="It costs too much: a bit", **said)
        quote = Quote.objects.get()
        assert (quote.state, QuoteAnswer.objects.get().reason) == ("declined", "It costs too much: a bit")
        with pytest.raises(Refused, match="settled already"):
            actions.withdraw_quote(quote=quote, reason="Gone", actor=desk.office.actor, now=NOW)
    other = desk.sent(world.north.two)
    with enter(world.north.scope()):
        actions.withdraw_quote(quote=other.quote, reason="Sold out", actor=desk.office.actor, now=NOW)
    with pytest.raises(Refused, match="settled already"):
        desk.accept(other, world.north.two)
    with enter(world.north.scope()):
        verbs = set(Entry.objects.filter(subject_kind="billing.quote").values_list("verb", flat=True))
        assert {"quote.declined_because", "quote.withdrawn", "quote.sent"} <= verbs
        third = actions.revise_quote(quote=other.quote, actor=desk.office.actor, now=NOW)
        assert third.number == 2


def test_an_answer_by_hand_says_how(world: World, desk: Desk) -> None:
    revision = desk.sent(world.north.one)
    by = actions.Answerer("Anna", AnswerWay.BY_HAND)
    answer = desk.accept(revision, world.north.one, by=by, note="Signed paper of 3 May")
    assert (answer.way, answer.words) == ("by_hand", "Signed paper of 3 May")
    with enter(world.north.scope()):
        entry = Entry.objects.get(verb="quote.noted_accepted")
        assert (entry.data["name"], entry.data["reason"]) == ("Anna", "Signed paper of 3 May")


@pytest.mark.django_db(transaction=True)
def test_the_worker_makes_the_pdf_once_and_each_contact_gets_a_link_of_their_own(
    world: World, desk: Desk, settings: Settings, tmp_path: Path
) -> None:
    storage = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": storage}
    quote = desk.start(world.north.one, {}, LICENCES, intro="Dear Anna", deposit_percent=Decimal(30))
    desk.send(quote, world.north.one.anna, world.north.one.ben)
    assert (render(), render()) == (1, 0)
    with enter(world.north.scope()):
        revision = QuoteRevision.objects.select_related("pdf").get()
        text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content_of(revision.pdf))).pages)
        for said in ("Q-0001", "Harbour Northgate", "Move the server", "£480.00", "£93.60", "£144.00", "Dear Anna"):
            assert said in text, said
        mails = OutgoingMail.objects.order_by("to")
        assert [mail.to for mail in mails] == [[world.north.one.anna.email], [world.north.one.ben.email]]
        links = {link_in(mail) for mail in mails}
        assert len(links) == 2
        assert all(mail.secret for mail in mails)
        assert MailAttachment.objects.filter(file=revision.pdf).count() == 2
        assert all(token.split("/")[3].split(".")[2] not in repr(QuoteLink.objects.values()) for token in links)
        timer = QuoteTimer.objects.get()
    at = timer.due_at
    assert run_queue(queue_name="quote_timers", clock=lambda: at) == 1
    with enter(world.north.scope()):
        assert OutgoingMail.objects.filter(subject__startswith="Quote Q-0001 stands until").count() == 2
        end = QuoteTimer.objects.get().due_at
    assert run_queue(queue_name="quote_timers", clock=lambda: end) == 1
    with enter(world.north.scope()):
        assert (OutgoingMail.objects.count(), QuoteTimer.objects.get().state) == (4, "done")
        assert "did not answer" in Notification.objects.get().words
