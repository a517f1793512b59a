"""Acts on tickets and their conversation: row, activity and refusals."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from msp.audit.models import Entry
from msp.search.queries import find
from msp.tenancy.context import enter, on_behalf
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.choices import Door, Priority, Status, Visibility
from tickets.models import Message, Ticket, TicketSettings, TimeEntry, Timer
from tickets.rules import UNDO_SECONDS, Along, Before, Refused, Stale

LATER = NOW + timedelta(minutes=30)


def verbs(ticket: Ticket) -> list[str]:
    return list(Entry.objects.filter(subject_id=ticket.pk).order_by("at", "id").values_list("verb", flat=True))


def last(ticket: Ticket) -> Entry:
    entry = Entry.objects.filter(subject_id=ticket.pk).order_by("at", "id").last()
    assert entry is not None
    return entry


def reply(shop: ShopWorld, ticket: Ticket, **values: object) -> Message:
    tech = shop.staff["technician"]
    given = {"body": "On it.", "to": shop.one.anna, "now": LATER} | values
    return actions.reply_publicly(actor=tech.as_actor(), ticket=ticket, author=tech, **given)  # type: ignore[arg-type]


def test_opening_takes_a_number_writes_the_description_and_can_be_found(world: World) -> None:
    north = world.north
    first = make_ticket(north)
    second = make_ticket(north, north.two, contact=north.two.ben, site=north.two.site, asset=north.two.asset)
    with enter(north.scope()):
        ticket = Ticket.objects.get(pk=second.pk)
        assert (first.number, ticket.number, TicketSettings.objects.get().next_number) == (1, 2, 3)
        assert (ticket.client, ticket.contact, ticket.site, ticket.asset) == (
            north.two.client,
            north.two.ben,
            north.two.site,
            north.two.asset,
        )
        assert (ticket.status, ticket.priority, ticket.door) == (Status.NEW, Priority.NORMAL, Door.STAFF)
        assert (ticket.created_at, ticket.client_waiting_since, ticket.queue_at) == (NOW, NOW, NOW + timedelta(days=1))
        message = Message.objects.get(ticket=ticket)
        assert (message.body, message.visibility, message.client_id, message.visible_at) == (
            "It jams on every second page.",
            Visibility.PUBLIC,
            north.two.client.pk,
            NOW,
        )
        assert (message.author_id, message.contact_id) == (north.staff["technician"].pk, None)
        assert (verbs(ticket), last(ticket).data, last(ticket).actor_name) == (
            ["ticket.opened"],
            {"number": 2},
            "Technician Northgate",
        )
        for words in ("2", "printer", "orchard print", "ben", "every second page"):
            assert "#2 Printer jams" in [hit.label for hit in find(words, kind="ticket", called="Ticket", limit=5)]


def test_opening_refuses_another_clients_people_and_archived_clients(world: World) -> None:
    north = world.north
    for values in ({"contact": north.two.anna}, {"site": north.two.site}, {"asset": north.two.asset}):
        with pytest.raises(Refused, match="does not belong to Harbour"):
            make_ticket(north, **values)
    north.one.client.archived_at = NOW
    with pytest.raises(Refused, match="is archived"):
        make_ticket(north)
    with enter(north.scope()):
        assert not Ticket.objects.exists()


def test_a_reply_its_time_and_status_are_one_act(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    with enter(north.scope()):
        actions.start_timer(actor=tech.as_actor(), now=NOW, ticket=ticket, member=tech)
        along = Along(minutes=24, work_note="Cleaned rollers", status=Status.WAITING_CLIENT)
        message = reply(north, ticket, cc=[north.one.ben], along=along)
        ticket.refresh_from_db()
        assert (ticket.status, ticket.first_replied_at, ticket.client_waiting_since) == ("waiting_client", LATER, None)
        assert ticket.queue_at == LATER + timedelta(days=30)
        stored = Message.objects.get(pk=message.pk)
        assert stored.recipients == [
            {"name": north.one.anna.name, "email": north.one.anna.email},
            {"name": north.one.ben.name, "email": north.one.ben.email},
        ]
        assert (stored.visible_at - stored.at).total_seconds() == UNDO_SECONDS
        entry = TimeEntry.objects.get()
        assert (entry.minutes, entry.note, entry.message_id, entry.started_at) == (
            24,
            "Cleaned rollers",
            message.pk,
            LATER - timedelta(minutes=24),
        )
        assert not Timer.objects.exists()
        assert verbs(ticket) == [
            "ticket.opened",
            "timer.started",
            "ticket.replied",
            "time.logged",
            "ticket.status_changed",
        ]


def test_who_answers_a_new_ticket_has_begun_with_it(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    with enter(north.scope()):
        actions.add_note(actor=tech.as_actor(), now=NOW, ticket=ticket, author=tech, body="Looked at it")
        assert Ticket.objects.get().status == Status.NEW
        reply(north, ticket)
        assert Ticket.objects.get().status == Status.IN_PROGRESS


def test_a_reply_to_somebody_else_than_the_button_named_is_stale(world: World) -> None:
    north = world.north
    ticket = make_ticket(north)
    with enter(north.scope()):
        actions.change_about(
            actor=north.staff["owner"].as_actor(), now=NOW, ticket=ticket, contact=north.one.ben, site=None, asset=None
        )
        with pytest.raises(Stale) as stale:
            reply(north, ticket)
        assert stale.value.current == north.one.ben.name
        with pytest.raises(Refused, match="another client"):
            reply(north, ticket, to=north.one.ben, cc=[north.two.anna])
        assert Message.objects.count() == 1


def test_the_same_form_sent_twice_is_one_message(world: World) -> None:
    north = world.north
    ticket = make_ticket(north)
    with enter(north.scope()):
        along = Along(minutes=10, form_key=uuid4())
        assert reply(north, ticket, along=along).pk == reply(north, ticket, along=along).pk
        assert (Message.objects.filter(body="On it.").count(), TimeEntry.objects.count()) == (1, 1)


def test_a_reply_can_be_taken_back_whole_until_it_leaves(world: World) -> None:
    north = world.north
    actor = north.staff["technician"].as_actor()
    ticket = make_ticket(north)
    with enter(north.scope()):
        message = reply(north, ticket, along=Along(minutes=5, status=Status.SOLVED))
        soon = LATER + timedelta(seconds=UNDO_SECONDS - 1)
        actions.take_back_reply(actor=actor, now=soon, message=message, before=Before(Status.NEW), became="solved")
        ticket.refresh_from_db()
        assert (ticket.status, ticket.solved_at, ticket.first_replied_at) == ("new", None, None)
        assert ticket.client_waiting_since == NOW
        stored = Message.objects.get(pk=message.pk)
        assert (stored.visibility, stored.withdrawn_at) == (Visibility.INTERNAL, soon)
        assert not TimeEntry.objects.exists()
        assert verbs(ticket)[-2:] == ["ticket.status_changed", "ticket.reply_withdrawn"]
        message = reply(north, ticket)
        with pytest.raises(Refused, match="sent already"):
            actions.take_back_reply(actor=actor, now=LATER + timedelta(seconds=UNDO_SECONDS), message=message)


def test_the_client_waits_from_their_first_unanswered_word_and_reopens(world: World) -> None:
    north, anna = world.north, world.north.one.anna
    ticket = make_ticket(north)
    with enter(north.scope()):
        reply(north, ticket, along=Along(status=Status.SOLVED))
    actor = north.staff["technician"].as_actor()
    with enter(north.portal_scope(anna)), on_behalf():
        for minutes in (60, 90):
            at = NOW + timedelta(minutes=minutes)
            actions.reply_as_contact(actor=actor, now=at, ticket=ticket, contact=anna, body="Still jams")
    with enter(north.scope()):
        ticket.refresh_from_db()
        assert (ticket.status, ticket.solved_at) == ("in_progress", None)
        assert ticket.client_waiting_since == NOW + timedelta(minutes=60)
        assert verbs(ticket).count("ticket.client_replied") == 2


def test_a_note_stops_no_clock(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    with enter(north.scope()):
        note = actions.add_note(actor=tech.as_actor(), now=LATER, ticket=ticket, author=tech, body="Old rollers")
        ticket.refresh_from_db()
        assert (ticket.first_replied_at, ticket.client_waiting_since) == (None, NOW)
        assert (note.visibility, note.recipients) == (Visibility.INTERNAL, [])
        assert last(ticket).verb == "ticket.noted"


def test_status_follows_the_table_and_can_be_restored(world: World) -> None:
    north = world.north
    actor = north.staff["technician"].as_actor()
    ticket = make_ticket(north)
    with enter(north.scope()):
        solved = actions.change_status(actor=actor, now=LATER, ticket=ticket, status=Status.SOLVED)
        assert solved.solved_at == LATER
        assert last(ticket).data == {"was": "New", "became": "Solved"}
        with pytest.raises(Refused, match="“Solved” cannot become “Scheduled”"):
            actions.change_status(actor=actor, now=LATER, ticket=ticket, status=Status.SCHEDULED)
        back = actions.restore_status(actor=actor, now=LATER, ticket=ticket, became="solved", was="new")
        assert (back.status, back.solved_at) == ("new", None)
        with pytest.raises(Refused, match="changed again"):
            actions.restore_status(actor=actor, now=LATER, ticket=ticket, became="solved", was="new")


def test_confirming_closes_what_waits_on_the_client(world: World) -> None:
    north, anna = world.north, world.north.one.anna
    actor = north.staff["technician"].as_actor()
    ticket = make_ticket(north)
    with enter(north.scope()):
        with pytest.raises(Refused, match="still working"):
            actions.confirm_solved(actor=actor, now=LATER, ticket=ticket)
        actions.change_status(actor=actor, now=LATER, ticket=ticket, status=Status.WAITING_CLIENT)
    with enter(north.portal_scope(anna)), on_behalf():
        done = actions.confirm_solved(actor=actor, now=LATER, ticket=ticket)
        assert (done.status, done.solved_at, done.confirmed_at) == ("solved", LATER, LATER)
    with enter(north.scope()):
        assert verbs(ticket)[-2:] == ["ticket.status_changed", "ticket.confirmed"]


def test_assigning_and_prioritising(world: World) -> None:
    north = world.north
    actor = north.staff["dispatcher"].as_actor()
    ticket = make_ticket(north)
    with enter(north.scope()):
        tech = north.staff["technician"]
        assert actions.assign_ticket(actor=actor, now=LATER, ticket=ticket, assignee=tech).assignee_id == tech.pk
        assert last(ticket).data == {"to": tech.name}
        assert actions.assign_ticket(actor=actor, now=LATER, ticket=ticket, assignee=None).assignee_id is None
        tech.ended_at = NOW
        with pytest.raises(Refused, match="does not work here"):
            actions.assign_ticket(actor=actor, now=LATER, ticket=ticket, assignee=tech)
        changed = actions.change_priority(actor=actor, now=LATER, ticket=ticket, priority=Priority.URGENT)
        assert (changed.priority, last(ticket).data) == (1, {"was": "Normal", "became": "Urgent"})


def test_a_stale_rewrite_hands_back_what_stands_there(world: World) -> None:
    north = world.north
    actor = north.staff["technician"].as_actor()
    ticket = make_ticket(north)
    with enter(north.scope()):
        actions.rewrite_subject(actor=actor, now=LATER, ticket=ticket, was="Printer jams", subject="Kyocera jams")
        assert [h.label for h in find("kyocera", kind="ticket", called="", limit=5)] == ["#1 Kyocera jams"]
        with pytest.raises(Stale) as stale:
            actions.rewrite_subject(actor=actor, now=LATER, ticket=ticket, was="Printer jams", subject="Mine")
        assert stale.value.current == "Kyocera jams"
        written = actions.rewrite_summary(actor=actor, now=LATER, ticket=ticket, was="", summary="Rollers are worn")
        assert (written.summary, last(ticket).verb) == ("Rollers are worn", "ticket.summary_rewritten")
