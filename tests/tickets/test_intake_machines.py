"""Vacation notices, alarms, floods, our own mail, acknowledgements, and reports of what did not arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clients.models import Contact
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.mail.incoming import fresh_message, mail, work
from tests.tickets.intake import LATER, answer_address, our_mail, ready, said, sender, take, tickets
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.choices import Status

pytestmark = pytest.mark.django_db(transaction=True)


# --- machines ---


def test_an_automatic_reply_opens_nothing_and_reopens_nothing(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    with enter(north.scope()):
        actions.change_status(actor=north.staff["technician"].as_actor(), now=NOW, ticket=ticket, status=Status.SOLVED)
    vacation = {"Auto_Submitted": "auto-replied", "subject": "Out of office"}
    message = take(mailbox, mail(sender(north.one), **vacation))
    assert (message.state, message.outcome) == ("ignored", "It is an automatic reply.")
    take(mailbox, mail(sender(north.one), To=answer_address(north, mailbox, ticket), **vacation))
    (ticket,) = tickets(north)
    assert (ticket.status, said(north, ticket)[-1][0]) == ("solved", "internal")


def test_a_machines_notices_of_one_kind_gather_on_one_ticket(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    for number in range(4):
        notice = mail(
            "NAS <nas@harbour-north.example>", f"Disk {number} is hot: 6{number}.5 C", Auto_Submitted="auto-generated"
        )
        take(mailbox, notice, at=LATER + timedelta(minutes=number))
    take(mailbox, mail("NAS <nas@harbour-north.example>", "Fan stopped", Auto_Submitted="auto-generated"))
    assert [(one.subject, len(said(north, one))) for one in tickets(north)] == [
        ("Disk 0 is hot: 60.5 C", 5),
        ("Fan stopped", 2),
    ]
    with enter(north.scope()):
        assert not OutgoingMail.objects.exists()


def test_our_own_mail_that_comes_back_is_ignored(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ours = our_mail(north, make_ticket(north))
    message = take(mailbox, mail("Northgate <mainstay@localhost>", Message_ID=ours.message_id))
    assert (message.state, len(tickets(north))) == ("ignored", 1)
    form = take(mailbox, mail("Website <help@north.example>", "Form: call me"))
    assert form.state == "handled"
    with enter(north.scope()):
        assert not OutgoingMail.objects.filter(to__contains=["help@north.example"]).exists()


def test_a_flood_waits_for_a_person_whatever_its_addresses_are(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.actions.intake.MOST_BY_MACHINES", 3)
    north, mailbox = world.north, ready(world.north)
    for number in range(5):
        raw = mail(f"bot{number}@evil{number}.example", f"{'abcde'[number]} notice", Auto_Submitted="auto-generated")
        message = take(mailbox, raw, at=LATER + timedelta(seconds=number))
    assert len(tickets(north)) == 3
    assert (message.state, "flood" in message.last_error) == ("failed", True)
    take(mailbox, mail(sender(north.one)))
    assert len(tickets(north)) == 4
    browser = north.browser("technician")
    browser.post(f"/mail/in/{message.pk}/retry")
    work(LATER + timedelta(days=1))
    assert fresh_message(message).state == "handled"


def test_two_machines_on_one_ticket_stop_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.actions.intake.MOST_ON_A_TICKET", 3)
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    to = answer_address(north, mailbox, ticket)
    states = [
        take(mailbox, mail(sender(north.one), text=f"Ping {n}\n", To=to), at=LATER + timedelta(seconds=n)).state
        for n in range(5)
    ]
    assert states == ["handled"] * 3 + ["failed"] * 2


# --- acknowledgements ---


def acks(shop: ShopWorld) -> list[OutgoingMail]:
    with enter(shop.scope()):
        return list(OutgoingMail.objects.filter(purpose_key__startswith="ack:").order_by("created_at"))


def test_a_new_request_is_acknowledged_once_an_hour_and_stops_no_clock(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    first = take(mailbox, mail(sender(north.one)))
    take(mailbox, mail(sender(north.one), "Another matter"), at=LATER + timedelta(minutes=59))
    (ack,) = acks(north)
    (ticket, _second) = tickets(north)
    assert (ack.to, ack.automatic, ack.in_reply_to) == ([north.one.anna.email], True, first.message_id)
    assert ack.reply_to == answer_address(north, mailbox, ticket)
    assert f"#{ticket.number}" in ack.text
    assert (ticket.first_replied_at, ticket.client_waiting_since) == (None, LATER)
    take(mailbox, mail(sender(north.one), "A third matter"), at=LATER + timedelta(minutes=61))
    assert len(acks(north)) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Auto_Response_Suppress": "OOF, AutoReply"},
        {"sender": "Northgate <help@north.example>"},
        {"sender": "Technician <technician@north.example>"},
        {"sender": "broken@@x"},
    ],
)
def test_machines_and_our_own_are_not_thanked(world: World, headers: dict[str, str]) -> None:
    take(ready(world.north), mail(**{"sender": sender(world.north.one)} | headers))
    assert len(tickets(world.north)) == 1
    assert acks(world.north) == []


def test_acknowledgements_end_in_a_flood_of_senders(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.actions.acknowledging.MOST", 2)
    mailbox = ready(world.north)
    for number in range(4):
        take(mailbox, mail(f"p{number}@x{number}.example"), at=LATER + timedelta(seconds=number))
    assert (len(tickets(world.north)), len(acks(world.north))) == (4, 2)


# --- what comes back ---


def report(original: str, address: str, action: str = "failed") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: help@north.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Auto-Submitted: auto-replied\r\nMessage-ID: <dsn-{action}@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n'
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: {action}\r\n"
        f"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {original}\r\n\r\nx\r\n"
        "--b--\r\n"
    ).encode()


def test_a_bounce_marks_the_contact_and_tells_the_ticket_until_they_write(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    ours = our_mail(north, ticket)
    message = take(mailbox, report(ours.message_id, north.one.anna.email))
    assert (message.state, message.outcome) == ("handled", f"#{ticket.number}")
    with enter(north.scope()):
        anna = Contact.objects.get(pk=north.one.anna.pk)
    assert (anna.bounced_at, anna.bounce_words) == (LATER, "5.1.1 550 no such user")
    assert "did not arrive" in said(north, ticket)[-1][2]
    browser = north.browser("technician")
    assert b"mail came back" in browser.get(ticket.get_absolute_url()).content
    assert b"mail came back" in browser.get(north.one.client.get_absolute_url()).content
    assert len(tickets(north)) == 1
    take(mailbox, mail(sender(north.one), To=answer_address(north, mailbox, ticket)), at=LATER + timedelta(minutes=5))
    with enter(north.scope()):
        assert Contact.objects.get(pk=north.one.anna.pk).bounced_at is None


def test_only_a_report_about_our_own_message_to_that_address_counts(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ours = our_mail(north, make_ticket(north))
    outcomes = [
        take(mailbox, report("<invented@evil.example>", north.one.anna.email)).state,
        take(mailbox, report(ours.message_id, north.two.anna.email)).state,
        take(mailbox, report(ours.message_id, north.one.anna.email, "delayed")).state,
    ]
    assert outcomes == ["ignored"] * 3
    with enter(north.scope()):
        assert not Contact.objects.exclude(bounced_at=None).exists()
