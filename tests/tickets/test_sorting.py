"""A ticket of nobody known is given to its client, with everything that stands on it; and only such a ticket."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile

from clients.models import Client, Contact, Promise
from msp.audit.models import Entry
from msp.files.models import StoredFile
from msp.mail.models import OutgoingMail
from msp.search.models import Found
from msp.tenancy.context import enter
from msp.tenancy.walls import composite_keys, tenant_models
from tests.mail.incoming import mail
from tests.tickets.intake import LATER, answer_address, ready, said, take, tickets
from tests.tickets.making import make_ticket
from tests.world import ClientWorld, ShopWorld, World
from tickets import actions
from tickets.actions import sorting
from tickets.models import (
    Attachment,
    Label,
    Message,
    SlaAssignment,
    SlaClock,
    SlaTarget,
    SolvedLink,
    SupplierWait,
    Task,
    Ticket,
    TicketLabel,
    TimeEntry,
    Watcher,
)
from tickets.rules import Refused

pytestmark = pytest.mark.django_db(transaction=True)
SOON = LATER + timedelta(minutes=20)


def stranger(shop: ShopWorld) -> Ticket:
    """Zoe, whom nobody knows, has written."""
    take(ready(shop), mail("Zoe <zoe@elsewhere.example>", "Printer is dead", "It prints nothing."))
    return tickets(shop)[-1]


def promise(shop: ShopWorld, name: str, side: ClientWorld | None = None, **minutes: int) -> None:
    """A policy around the clock for normal tickets: the shop's own, or of one of its clients."""
    with enter(shop.scope()):
        policy = actions.create_policy(actor=shop.staff["owner"].as_actor(), now=LATER, name=name, targets=[])
        SlaTarget.objects.filter(policy=policy).delete()
        SlaTarget.objects.create(policy=policy, priority=3, always=True, **minutes)
        if side is not None:
            SlaAssignment.objects.create(client=side.client, policy=policy)


def sort(shop: ShopWorld, ticket: Ticket, side: ClientWorld, *, know: bool = True) -> Ticket:
    with enter(shop.scope()):
        actor = shop.staff["technician"].as_actor()
        return actions.sort_ticket(actor=actor, now=SOON, ticket=ticket, client=side.client, know=know)


def fill(shop: ShopWorld, ticket: Ticket) -> None:
    """One of everything that can stand on a ticket."""
    tech = shop.staff["technician"]
    with enter(shop.scope()):
        given: dict[str, Any] = {"actor": tech.as_actor(), "now": SOON, "ticket": ticket}
        actions.hold_files(
            **given, holder=tech, kept=actions.keep_files([("log.txt", ContentFile(b"x"), "text/plain")])
        )
        actions.log_time(**given, member=tech, minutes=20, started_at=LATER, note="Looked")
        actions.put_label(**given, label=Label.objects.create(name="Odd"))
        actions.add_task(**given, title="Ring back")
        actions.watch(**given, person=ticket.contact)
        actions.reply_publicly(**given, author=tech, body="On it.", to=ticket.contact)
        actions.change_status(**given, status="waiting_supplier")


def clients_of(shop: ShopWorld) -> dict[str, set[Any]]:
    with enter(shop.scope()):
        models = (Message, Attachment, TimeEntry, TicketLabel, Task, Watcher, SlaClock, SupplierWait, Promise)
        found = {model.__name__: set(model.objects.values_list("client", flat=True)) for model in models}
        found["file"] = set(StoredFile.objects.values_list("client_id", flat=True))
        found["found"] = set(Found.objects.filter(kind="ticket").values_list("client_id", flat=True))
        replies = OutgoingMail.objects.filter(purpose_key__startswith="message:")
        found["mail"] = set(replies.values_list("client_id", flat=True))
        return found


def test_everything_on_it_goes_along(world: World) -> None:
    north = world.north
    promise(north, "Usual", first_response=60, resolution=480)
    ticket = stranger(north)
    fill(north, ticket)
    assert {key for keys in clients_of(north).values() for key in keys} == {ticket.client_id}
    sort(north, ticket, north.two)
    assert clients_of(north) == {key: {north.two.client.pk} for key in clients_of(north)}
    (ticket,) = tickets(north)
    assert (ticket.client, ticket.contact.name, ticket.contact.email) == (
        north.two.client,
        "Zoe",
        "zoe@elsewhere.example",
    )
    with enter(north.scope()):
        known = ticket.contact.pk
        assert set(Message.objects.exclude(contact=None).values_list("contact", flat=True)) == {known}
        assert Watcher.objects.get(member=None).contact_id == known
        assert set(Promise.objects.values_list("contact", flat=True)) == {known}
        assert Contact.objects.filter(client__is_unsorted=True, archived_at=None).count() == 0
        entry = Entry.objects.get(verb="ticket.sorted")
        assert (entry.subject_id, entry.client_id) == (ticket.pk, north.two.client.pk)
        assert Found.objects.get(subject_id=ticket.pk).hint == north.two.client.name


def test_their_answers_find_it_there(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    sort(north, ticket, north.two)
    with enter(north.scope()):
        mailbox = ticket.messages.get().mail.mailbox
    to = answer_address(north, mailbox, ticket)
    take(mailbox, mail("Zoe <zoe@elsewhere.example>", "Re: Printer is dead", "Still nothing.", To=to), at=SOON)
    assert [one.number for one in tickets(north)] == [ticket.number]
    assert said(north, ticket)[-1] == ("public", "Zoe", "Still nothing.")


def test_a_contact_of_that_client_is_not_made_twice(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    with enter(north.scope()):
        Contact.objects.filter(pk=north.two.ben.pk).update(email="Zoe@elsewhere.example")
    sort(north, ticket, north.two, know=False)
    (ticket,) = tickets(north)
    assert (ticket.contact, ticket.site_id) == (north.two.ben, north.two.ben.site_id)


def test_whom_the_client_does_not_know_hears_no_more(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    tech = north.staff["technician"]
    with enter(north.scope()):
        given: dict[str, Any] = {"actor": tech.as_actor(), "now": SOON, "ticket": ticket}
        actions.watch(**given, person=ticket.contact)
        actions.change_status(**given, status="solved")
        assert SolvedLink.objects.count() == 1
    sort(north, ticket, north.two, know=False)
    (ticket,) = tickets(north)
    assert (ticket.client, ticket.contact) == (north.two.client, None)
    with enter(north.scope()):
        assert (Watcher.objects.count(), SolvedLink.objects.count()) == (0, 0)
        message = Message.objects.filter(visibility="public").earliest("at")
        assert (message.contact_id, message.author_name) == (None, "Zoe")


def test_what_was_merged_goes_along(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    with enter(north.scope()):
        actor = north.staff["technician"].as_actor()
        unsorted = Client.objects.get(is_unsorted=True)
        other = actions.open_ticket(
            actor=actor, now=SOON, client=unsorted, contact=ticket.contact, subject="Again", body="Dead."
        )
        actions.merge_ticket(actor=actor, now=SOON, ticket=other, into=ticket)
    sort(north, ticket, north.two)
    assert {(one.client_id, one.contact.name) for one in tickets(north)} == {(north.two.client.pk, "Zoe")}


# --- its clocks ---


def owed(ticket: Ticket) -> dict[str, tuple[str, Any]]:
    rows = SlaClock.objects.filter(ticket=ticket).select_related("promise", "policy")
    return {row.kind: (row.promise.state, row.policy.name if row.policy else "") for row in rows}


def test_the_clients_own_service_level_holds_from_when_it_came_in(world: World) -> None:
    north = world.north
    promise(north, "Usual", first_response=60, resolution=480)
    promise(north, "Gold", north.two, resolution=90)
    ticket = stranger(north)
    with enter(north.scope()):
        assert owed(ticket) == {"first_response": ("open", "Usual"), "resolution": ("open", "Usual")}
    sort(north, ticket, north.two)
    with enter(north.scope()):
        assert owed(ticket) == {"first_response": ("cancelled", "Gold"), "resolution": ("open", "Gold")}
        due = Promise.objects.get(state="open").promised_at
        assert due == ticket.created_at + timedelta(minutes=90)
        assert Ticket.objects.get().next_clock_at == due


# --- what stays ---


def test_only_what_nobody_has_sorted_can_be_given(world: World) -> None:
    north = world.north
    ready(north)
    ticket = make_ticket(north)
    with pytest.raises(Refused, match="nobody has sorted"):
        sort(north, ticket, north.two)
    ticket = stranger(north)
    with enter(north.scope()):
        actor, unsorted = north.staff["technician"].as_actor(), Client.objects.get(is_unsorted=True)
        with pytest.raises(Refused, match="nobody has sorted"):
            actions.sort_ticket(actor=actor, now=SOON, ticket=ticket, client=unsorted)
        Client.objects.filter(pk=north.two.client.pk).update(archived_at=SOON)
        north.two.client.refresh_from_db()
    with pytest.raises(Refused, match="archived"):
        sort(north, ticket, north.two)
    assert {one.client_id for one in tickets(north)} == {north.one.client.pk, unsorted.pk}


def test_locked_time_keeps_it(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    fill(north, ticket)
    with enter(north.scope()):
        actor = north.staff["technician"].as_actor()
        actions.lock_time(actor=actor, now=SOON, entries=TimeEntry.objects.all(), because="on an invoice")
    with pytest.raises(Refused, match="locked"):
        sort(north, ticket, north.two)
    assert tickets(north)[0].client.is_unsorted


def test_every_key_to_what_goes_along_is_thought_of() -> None:
    """A new table that names a ticket's row and its client must be given along, or looked at here."""
    moved = {Ticket, *sorting.GIVEN}
    tables = {model._meta.db_table for model in moved}
    names = {
        f"{model.__name__}.{own[-1]}"
        for model in tenant_models()
        if model not in moved
        for _name, target, own, _theirs in composite_keys(model)
        if target in tables and "client_id" in own
    }
    # Billed time is locked, so its ticket stays; billing keeps nothing else of Unsorted.
    billed = {"InvoiceLine.ticket_id", "CoveredWork.ticket_id", "TimeCorrection.time_entry_id"}
    never = {"AgreementTicket.ticket_id", "FinishedWork.ticket_id", "Part.ticket_id"}
    # Equipment is taken off; the plan forgets its last ticket.
    assert names == billed | never | {"LinkedAsset.ticket_id", "RecurringTicket.last_ticket_id"}


# --- the page ---


def test_a_ticket_is_given_to_its_client_on_its_page(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    browser, page = north.browser("technician"), f"/tickets/{ticket.number}/client/"
    assert page.encode() in browser.get(ticket.get_absolute_url()).content
    assert b"zoe@elsewhere.example" in browser.get(page).content
    assert browser.post(page, {"client": "Nobody Ltd"}).status_code == 422
    answer = browser.post(page, {"client": north.two.client.name, "know": "on"}, follow=True)
    assert f"#{ticket.number} is a ticket of {north.two.client.name} now." in answer.content.decode()
    (ticket,) = tickets(north)
    assert (ticket.client, ticket.contact.name) == (north.two.client, "Zoe")
    assert page.encode() not in answer.content
    assert browser.post(page, {"client": north.one.client.slug}).status_code == 422
    assert [one.client for one in tickets(north)] == [north.two.client]


def test_without_a_contact_one_is_asked_for(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    answer = north.browser("technician").post(f"/tickets/{ticket.number}/client/", {"client": north.two.client.slug})
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{ticket.number}/about/")


def test_whoever_does_not_work_on_tickets_gives_none_away(world: World) -> None:
    north = world.north
    ticket = stranger(north)
    assert north.browser("read_only").get(f"/tickets/{ticket.number}/client/").status_code == 403
    assert world.low.browser("technician").get(f"/tickets/{ticket.number}/client/").status_code == 404
