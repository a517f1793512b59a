"""Mail that comes in becomes the right conversation of the right client."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Contact
from msp.mail.models import InboundMessage, OutgoingMail
from msp.tenancy.context import enter
from tests.mail.incoming import arrive, fresh_message, mail, work
from tests.tickets.intake import LATER, answer_address, hints, our_mail, ready, said, sender, take, tickets
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.choices import Status
from tickets.models import Attachment, Message

pytestmark = pytest.mark.django_db(transaction=True)


# --- whose it is ---


def test_a_known_sender_opens_a_ticket_of_their_client(world: World) -> None:
    north = world.north
    message = take(ready(north), mail(sender(north.one), "Re: The printer is dead", "It prints nothing.\n-- \nAnna\n"))
    (ticket,) = tickets(north)
    assert (ticket.client, ticket.contact, ticket.subject) == (north.one.client, north.one.anna, "The printer is dead")
    assert (ticket.door, ticket.status, ticket.created_at) == ("mail", "new", LATER)
    assert said(north, ticket) == [("public", "Anna Harbour", "It prints nothing.")]
    assert (message.state, message.outcome, message.url) == (
        "handled",
        f"#{ticket.number}",
        f"/tickets/{ticket.number}/",
    )
    with enter(north.scope()):
        first = Message.objects.get()
        assert (first.mail_id, first.folded, first.contact_id) == (message.pk, "-- \nAnna", north.one.anna.pk)


def test_an_address_of_a_clients_domain_opens_a_ticket_of_the_client_without_contact(world: World) -> None:
    north = world.north
    take(ready(north), mail("Carl <carl@harbour-north.example>"))
    (ticket,) = tickets(north)
    assert (ticket.client, ticket.contact) == (north.one.client, None)
    assert "is no contact of Harbour Northgate yet" in hints(north, ticket)
    browser = north.browser("technician")
    assert b"Add carl@harbour-north.example as a contact" in browser.get(ticket.get_absolute_url()).content
    browser.post(f"/tickets/{ticket.number}/sender/")
    (ticket,) = tickets(north)
    assert (ticket.contact.name, ticket.contact.email) == ("Carl", "carl@harbour-north.example")
    assert ticket.contact.client_id == north.one.client.pk


def test_a_stranger_waits_with_the_client_unsorted_and_can_be_answered(world: World) -> None:
    north = world.north
    take(ready(north), mail("Zoe <zoe@elsewhere.example>"))
    (ticket,) = tickets(north)
    assert (ticket.client.is_unsorted, ticket.contact.name, ticket.contact.email) == (
        True,
        "Zoe",
        "zoe@elsewhere.example",
    )


def test_who_works_for_two_clients_is_sorted_by_a_person(world: World) -> None:
    north = world.north
    with enter(north.scope()):
        Contact.objects.filter(pk=north.two.anna.pk).update(email=north.one.anna.email)
    take(ready(north), mail(sender(north.one)))
    (ticket,) = tickets(north)
    assert (ticket.client.is_unsorted, ticket.contact) == (True, None)
    assert "several clients" in hints(north, ticket)


def test_a_sender_whom_the_receiving_server_calls_forged_is_nobody(world: World) -> None:
    north = world.north
    mailbox = ready(north, trusted_server="mx.north.example")
    verdict = "mx.north.example; dmarc=fail header.from=harbour-north.example"
    take(mailbox, mail(sender(north.one), Authentication_Results=verdict))
    (ticket,) = tickets(north)
    assert (ticket.client.is_unsorted, ticket.contact) == (True, None)
    assert "forged" in hints(north, ticket)


# --- which ticket it belongs to ---


def test_the_address_of_our_mail_leads_back_into_the_ticket(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    ours = our_mail(north, ticket)
    assert ours.reply_to == answer_address(north, mailbox, ticket)
    text = "They came, thank you. But it jams again.\n\nOn Monday, Northgate wrote:\n> New rollers are on the way.\n"
    take(mailbox, mail(sender(north.one), "[#1] Printer jams", text, To=ours.reply_to), at=LATER)
    assert [one.number for one in tickets(north)] == [ticket.number]
    assert said(north, ticket)[-1] == ("public", "Anna Harbour", "They came, thank you. But it jams again.")
    with enter(north.scope()):
        last = Message.objects.order_by("-at")[0]
        assert last.folded.strip().startswith("On Monday, Northgate wrote:")


def test_the_ids_of_our_mail_lead_back_and_ours_answer_theirs(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    ours = our_mail(north, ticket)
    theirs = take(
        mailbox, mail(sender(north.one), "printer", References=f"<a@x> {ours.message_id}", In_Reply_To=ours.message_id)
    )
    assert len(tickets(north)) == 1
    tech = north.staff["technician"]
    with enter(north.scope()):
        now = LATER + timedelta(minutes=1)
        actions.reply_publicly(
            actor=tech.as_actor(), now=now, ticket=ticket, author=tech, body="And again.", to=north.one.anna
        )
        again = OutgoingMail.objects.order_by("-created_at")[0]
    assert again.in_reply_to == theirs.message_id
    assert again.references.split() == ["<a@x>", ours.message_id, theirs.message_id]


def test_a_bare_number_counts_from_the_clients_own_people(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    take(mailbox, mail(sender(north.one, "ben"), f"about #{ticket.number}"))
    assert len(tickets(north)) == 1
    assert said(north, ticket)[-1][1] == "Ben Harbour"


def test_a_solved_ticket_is_opened_again_for_a_while_and_then_followed(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    tech = north.staff["technician"].as_actor()
    with enter(north.scope()):
        actions.change_status(actor=tech, now=NOW, ticket=ticket, status=Status.SOLVED)
    to = answer_address(north, mailbox, ticket)
    take(mailbox, mail(sender(north.one), text="Thanks!\n", To=to), at=LATER)
    assert tickets(north)[0].status == "solved"
    take(mailbox, mail(sender(north.one), text="It jams again.\n", To=to), at=NOW + timedelta(days=13))
    assert tickets(north)[0].status == "in_progress"
    with enter(north.scope()):
        actions.change_status(actor=tech, now=NOW + timedelta(days=13), ticket=ticket, status=Status.SOLVED)
    take(mailbox, mail(sender(north.one), text="It jams once more.\n", To=to), at=NOW + timedelta(days=40))
    old, new = tickets(north)
    assert (old.status, new.status, new.follows_id, new.client) == ("solved", "new", old.pk, old.client)
    assert f"#{new.number}" in said(north, old)[-1][2]
    assert f"#{old.number}" in hints(north, new)
    assert f"Follows #{old.number}".encode() in north.browser("technician").get(new.get_absolute_url()).content


def test_a_merged_ticket_leads_to_where_it_lives_on(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    one, two = make_ticket(north), make_ticket(north)
    with enter(north.scope()):
        actions.merge_ticket(actor=north.staff["technician"].as_actor(), now=NOW, ticket=one, into=two)
    take(mailbox, mail(sender(north.one), text="And more.\n", To=answer_address(north, mailbox, one)))
    assert len(tickets(north)) == 2
    assert said(north, two)[-1][2] == "And more."


# --- what it carries ---


def with_parts() -> bytes:
    return (
        b"From: Anna <anna@harbour-north.example>\r\nSubject: Pictures\r\nMessage-ID: <p@x>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nLook.\r\n--b\r\nContent-Type: text/csv; name="list.csv"\r\n'
        b"Content-Disposition: attachment\r\n\r\na,b\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )


def test_files_go_with_the_ticket_and_little_pictures_stay_in_the_mail(world: World) -> None:
    north = world.north
    message = take(ready(north), with_parts(), at=timezone.now())
    with enter(north.scope()):
        (attached,) = Attachment.objects.select_related("file")
        assert (attached.file.name, attached.visibility, attached.client_id) == (
            "list.csv",
            "public",
            north.one.client.pk,
        )
        assert message.parts.count() == 2
    (ticket,) = tickets(north)
    browser = north.portal(north.one.anna)
    assert browser.get(f"/portal/requests/{ticket.number}/files/{attached.pk}/").status_code == 200


def test_a_person_makes_a_ticket_of_what_no_machine_could_take(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    message = arrive(mailbox, mail(sender(north.one), "Unreadable"), now=LATER)
    with enter(north.scope()):
        InboundMessage.objects.filter(pk=message.pk).update(
            state="failed", finished_at=LATER, subject="Unreadable", from_address=north.one.anna.email
        )
    browser = north.browser("technician")
    path = f"/tickets/from-mail/{message.pk}/"
    assert path.encode() in browser.get(f"/mail/in/{message.pk}/").content
    assert browser.post(path, {"client": "nobody", "subject": "x", "body": "y"}).status_code == 422
    given = {"client": north.one.client.name, "subject": "By hand", "body": "What it says"}
    assert browser.post(path, given).status_code == 302
    (ticket,) = tickets(north)
    assert (ticket.subject, ticket.contact, ticket.door) == ("By hand", north.one.anna, "mail")
    assert fresh_message(message).state == "handled"
    assert browser.post(path, given).status_code == 422
    assert len(tickets(north)) == 1


def test_a_failing_taker_is_tried_again_and_then_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    north, mailbox = world.north, ready(world.north)

    def fail(**_: object) -> None:
        raise RuntimeError("out of numbers")

    monkeypatch.setattr("tickets.actions.intake.open_ticket", fail)
    message = arrive(mailbox, mail(sender(north.one)), now=LATER)
    states = []
    for minutes in range(0, 40, 10):
        work(LATER + timedelta(minutes=minutes))
        states.append(fresh_message(message).state)
    assert states == ["parsed", "parsed", "failed", "failed"]
    assert fresh_message(message).last_error == "RuntimeError: out of numbers"
    monkeypatch.undo()
    other = take(mailbox, mail(sender(north.two)), at=LATER + timedelta(hours=2))
    assert other.state == "handled"
