"""A client queries one line: it is on hold, our answer is promised, both sides are told once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from billing import actions
from billing.choices.care import QueryState, Turn
from billing.models import Invoice, InvoiceLine, LineQuery, QueryMessage
from billing.queries.asking import asked_about, held_amounts
from billing.rules.refusals import Refused
from clients.choices import PromiseState
from clients.models import Promise
from msp.accounts.choices import PortalCapability
from msp.accounts.models import Membership, ShopSettings
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter, on_behalf
from msp.tenancy.ids import new_id
from tests.world import NOW, World

from .conftest import Office

TODAY = date(2026, 11, 23)


def line_of(invoice: Invoice) -> InvoiceLine:
    return InvoiceLine.objects.select_related("invoice__client").get(invoice=invoice)


def ask(world: World, invoice: Invoice, words: str = "We had no visit that day.", **given: object) -> LineQuery:
    anna = world.north.one.anna
    with enter(world.north.portal_scope(anna)), on_behalf():
        actor = Membership.objects.get(pk=anna.membership_id).as_actor()
        return actions.ask_about_line(line=line_of(invoice), contact=anna, words=words, actor=actor, now=NOW, **given)  # type: ignore[arg-type]


def test_a_query_holds_its_line_and_starts_our_promise(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        ShopSettings.objects.update(email="office@northgate.example")
    query = ask(world, invoice)
    with enter(world.north.scope()):
        found = LineQuery.objects.get()
        assert (found.pk, found.state, found.turn, found.held) == (query.pk, QueryState.OPEN, Turn.OURS, 108)
        promise = Promise.objects.get(kind="line_query")
        assert (promise.promised_at, promise.state, promise.shown) == (found.answer_by, PromiseState.OPEN, True)
        assert promise.owner == world.north.staff["office_manager"]
        assert {stage.name for stage in promise.stages_ahead} == {"50", "75", "90", "due"}
        assert asked_about(invoice, Decimal(108), TODAY).held == 108
        entry = Entry.objects.get(verb="line.queried")
        assert (entry.actor_name, entry.subject_id) == (world.north.one.anna.name, invoice.pk)
        mail = OutgoingMail.objects.get(purpose_key__startswith="line_query:")
        assert (mail.to, mail.reply_to) == (["office@northgate.example"], world.north.one.anna.email)
        assert "no visit that day" in mail.text
        told = set(Notification.objects.values_list("to", flat=True))
        assert told == {world.north.staff[role].pk for role in ("owner", "office_manager")}


def test_one_form_is_one_query_and_more_words_belong_to_it(world: World, office: Office) -> None:
    invoice, key = office.issued(world.north.one), new_id()
    for _press in range(2):
        ask(world, invoice, form_key=key)
    ask(world, invoice, "And the hours are too many.")
    with enter(world.north.scope()):
        assert (LineQuery.objects.count(), QueryMessage.objects.count(), Promise.objects.count()) == (1, 2, 1)
    with pytest.raises(Refused, match="Write what is wrong"):
        ask(world, invoice, "  ")


def test_the_answer_keeps_the_promise_and_holds_on_for_some_days(world: World, office: Office) -> None:
    query = ask(world, office.issued(world.north.one))
    later = NOW + timedelta(hours=1)
    with enter(world.north.scope()):
        given = {"actor": office.actor, "now": later, "form_key": new_id()}
        for _press in range(2):
            query = actions.answer_query(query=query, words="Tom came at nine, see the note.", **given)  # type: ignore[arg-type]
        assert (query.state, query.turn, query.hold_until) == (QueryState.ANSWERED, Turn.THEIRS, date(2026, 11, 30))
        assert Promise.objects.get().state == PromiseState.KEPT
        mail = OutgoingMail.objects.get(purpose_key__startswith="line_query:", to=[world.north.one.anna.email])
        assert "Tom came at nine" in mail.text
        held = {day: held_amounts([query.invoice_id], day) for day in (date(2026, 11, 30), date(2026, 12, 1))}
        assert [bool(amounts) for amounts in held.values()] == [True, False]
    again = ask(world, query.invoice, "He did not.")
    with enter(world.north.scope()):
        states = list(Promise.objects.order_by("ordinal").values_list("ordinal", "state"))
        assert (again.state, states) == (QueryState.OPEN, [(1, PromiseState.KEPT), (2, PromiseState.OPEN)])


def test_a_credited_line_is_held_until_the_credit_note_is_out(world: World, office: Office) -> None:
    query = ask(world, office.issued(world.north.one))
    with enter(world.north.scope()):
        given = {"words": "You are right, no visit.", "actor": office.actor, "now": NOW, "form_key": new_id()}
        for _press in range(2):
            query = actions.credit_query(query=query, **given)  # type: ignore[arg-type]
        note = Invoice.objects.get(corrects=query.invoice)
        assert (query.credit_note_id, note.status, note.net, note.total) == (note.pk, "draft", 90, 108)
        assert note.correction_reason == "You are right, no visit."
        assert (query.state, query.turn, Promise.objects.get().state) == (
            QueryState.CREDITED,
            Turn.OURS,
            PromiseState.KEPT,
        )
        assert list(LineQuery.objects.ours()) == list(LineQuery.objects.holding(date(2027, 1, 1))) == [query]
        with pytest.raises(Refused, match="cannot become"):
            actions.credit_query(query=query, words="Again", actor=office.actor, now=NOW)
        actions.discard_draft(invoice=note, actor=office.actor, now=NOW, reason="Wrong sum")
        query = actions.credit_query(query=query, words="Once more", actor=office.actor, now=NOW)
        note = actions.approve_invoice(invoice=query.credit_note, actor=office.actor, now=NOW, reason="It is right")
        actions.issue_invoice(invoice=note, actor=office.actor, now=NOW)
        settled = LineQuery.objects.select_related("credit_note").get()
        assert (settled.turn, settled.is_holding(TODAY)) == (Turn.NOBODY, False)
        assert not LineQuery.objects.ours().exists()
    with pytest.raises(Refused, match="We credit this line already"):
        ask(world, query.invoice, "And now?")


def test_the_client_ends_it(world: World, office: Office) -> None:
    query = ask(world, office.issued(world.north.one))
    with enter(world.north.scope()):
        with pytest.raises(Refused, match="cannot become"):
            actions.clear_query(query=query, actor=office.actor, now=NOW)
        for _press in range(2):
            query = actions.withdraw_query(query=query, actor=office.actor, now=NOW)
        assert (query.state, query.turn) == (QueryState.WITHDRAWN, Turn.NOBODY)
        assert Promise.objects.get().state == PromiseState.CANCELLED
        assert held_amounts([query.invoice_id], TODAY) == {}
    query = ask(world, query.invoice, "After all, it is wrong.")
    with enter(world.north.scope()):
        actions.answer_query(query=query, words="It is right.", actor=office.actor, now=NOW)
        cleared = actions.clear_query(query=query, actor=office.actor, now=NOW)
        assert (cleared.state, held_amounts([query.invoice_id], TODAY)) == (QueryState.SETTLED, {})


def test_the_pages_of_both_sides(world: World, office: Office) -> None:
    north, invoice = world.north, office.issued(world.north.one)
    with enter(north.scope()):
        line = line_of(invoice)
    client, staff = north.portal(north.one.anna), north.browser("office_manager")
    page = f"/portal/invoices/{invoice.pk}/"
    assert "Query this line" in client.get(page).content.decode()
    assert client.post(f"{page}lines/{line.pk}/query/", {"words": ""}).status_code == 422
    asked = client.post(f"{page}lines/{line.pk}/query/", {"words": "What is this?", "form_key": new_id()})
    assert "/portal/invoices/queries/" in asked["Location"]
    assert "All of it is on hold, because you asked about it." in " ".join(client.get(page).content.decode().split())
    assert "We answer your question about an invoice" in client.get("/portal/").content.decode()
    assert "We answer your question" not in north.portal(north.one.ben).get("/portal/").content.decode()
    with enter(north.scope()):
        query = LineQuery.objects.get()
    assert "What is this?" in staff.get(f"/billing/queries/{query.pk}/").content.decode()
    assert "Waits for our answer" in staff.get(f"/billing/invoices/{invoice.pk}/").content.decode()
    answer = f"/billing/queries/{query.pk}/answer/"
    assert north.browser("technician").post(answer, {"words": "No."}).status_code == 403
    assert staff.post(answer, {"words": ""}).status_code == 422
    assert staff.post(answer, {"words": "A switch.", "form_key": new_id()}).status_code == 302
    assert "A switch." in client.get(asked["Location"]).content.decode()
    assert client.post(asked["Location"] + "settle/").status_code == 302
    assert "Cleared up" in client.get(asked["Location"]).content.decode()
    for other in (north.portal(north.two.anna), world.low.portal(world.low.one.anna)):
        assert other.get(asked["Location"]).status_code == 404
        assert other.post(f"{page}lines/{line.pk}/query/", {"words": "Mine?"}).status_code == 404
    with enter(north.scope()):
        member = Membership.objects.get(pk=north.one.ben.membership_id)
        member.granted = [PortalCapability.REQUESTS]
        member.save(update_fields=["granted"])
    assert north.portal(north.one.ben).get(asked["Location"]).status_code == 403


def queries_of(browser: Browser, path: str) -> tuple[int, int]:
    """How often a page asks the tables of queries, reminders and gifts, and how often it asks at all."""
    browser.get(path)
    with CaptureQueriesContext(connection) as found:
        assert browser.get(path).status_code == 200
    mine = [each for each in found if OWN.search(each["sql"])]
    return len(mine), len(found)


OWN = re.compile(
    r'from "billing_(linequery|querymessage|dunning|steptaken|lettermail|reminder|paypromise|loyalty)', re.I
)


def test_the_list_asks_the_same_for_one_and_three(world: World, office: Office) -> None:
    browser, found = world.north.browser("office_manager"), []
    for more in (1, 2):
        for _number in range(more):
            ask(world, office.issued(world.north.one))
        found.append(queries_of(browser, "/billing/queries/"))
    assert found[0] == found[1]
    assert found[0][0] == 4
    assert browser.get("/billing/queries/").content.decode().count("Waits for our answer") == 3
    assert browser.get("/billing/queries/export.csv").content.decode().count("INV-000") == 3
