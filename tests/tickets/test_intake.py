"""Mail that comes in becomes the right conversation of the right client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.actions import create_unsorted_client, keep_names
from clients.models import Client, Contact
from msp.mail.choices import MailboxKind
from msp.mail.models import InboundMessage, Mailbox, OutgoingMail
from msp.mail.queries import thread_token
from msp.tenancy.context import enter
from tests.mail.incoming import ACTOR, arrive, fresh_message, mail, make_mailbox, work
from tests.tickets.making import make_ticket
from tests.world import NOW, ClientWorld, ShopWorld, World
from tickets import actions
from tickets.choices import Status, Visibility
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)


def ready(shop: ShopWorld, **values: Any) -> Mailbox:
    """A shop that takes mail: its mailbox, its client Unsorted, its clients' domains."""
    with enter(shop.scope()):
        same = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
        if not Client.objects.filter(is_unsorted=True).exists():
            create_unsorted_client(actor=ACTOR, now=NOW, values={"name": "Unsorted", **same})
        for side in (shop.one, shop.two):
            keep_names(side.anna)
    return make_mailbox(shop, MailboxKind.FORWARD, plus_works=True, **values)


def take(mailbox: Mailbox, raw: bytes, *, at: Any = LATER, to: str = "") -> InboundMessage:
    """Let a message arrive and be taken."""
    message = arrive(mailbox, raw, now=at, to=to)
    work(at)
    return fresh_message(message)


def tickets(shop: ShopWorld) -> list[Ticket]:
    with enter(shop.scope()):
        return list(Ticket.objects.select_related("client", "contact").order_by("number"))


def said(shop: ShopWorld, ticket: Ticket) -> list[tuple[str, str, str]]:
    """(visibility, who, words) of every message, oldest first."""
    with enter(shop.scope()):
        rows = Message.objects.filter(ticket=ticket).order_by("at", "id")
        return [(row.visibility, row.author_name, row.body) for row in rows]


def hints(shop: ShopWorld, ticket: Ticket) -> str:
    return "\n".join(body for visibility, who, body in said(shop, ticket) if visibility == "internal" and who == "mail")


def sender(side: ClientWorld, name: str = "anna") -> str:
    contact: Contact = getattr(side, name)
    return f"{contact.name} <{contact.email}>"


def answer_address(shop: ShopWorld, mailbox: Mailbox, ticket: Ticket) -> str:
    with enter(shop.scope()):
        local, _, domain = mailbox.address.partition("@")
        return f"{local}+{thread_token(f't{ticket.number}')}@{domain}"


def our_mail(shop: ShopWorld, ticket: Ticket, side: ClientWorld | None = None) -> OutgoingMail:
    """A reply of ours, as it went out."""
    tech = shop.staff["technician"]
    with enter(shop.scope()):
        message = actions.reply_publicly(
            actor=tech.as_actor(),
            now=NOW,
            ticket=ticket,
            author=tech,
            body="New rollers are on the way.",
            to=(side or shop.one).anna,
        )
        return OutgoingMail.objects.get(purpose_key=f"message:{message.pk}")


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


# --- the forged ones: none gets in ---


def forged(world: World, mailbox: Mailbox, ticket: Ticket) -> dict[str, bytes]:
    north = world.north
    ours = our_mail(north, ticket)
    address = answer_address(north, mailbox, ticket)
    with enter(world.low.scope()):
        low_token = thread_token(f"t{ticket.number}")
    tech = f"Technician <technician@{north.tenant.slug}.example>"
    stolen = {"References": ours.message_id, "In_Reply_To": ours.message_id}
    return {
        "another client's number": mail(sender(north.two), f"Re: #{ticket.number}"),
        "another client with our id": mail(sender(north.two), **stolen),
        "another client with our address": mail(sender(north.two), To=address),
        "another client's domain with our address": mail("Eve <eve@orchard-north.example>", To=address),
        "a stranger's number": mail("Eve <eve@evil.example>", f"Re: [#{ticket.number}] Printer jams"),
        "a stranger with our id": mail("Eve <eve@evil.example>", **stolen),
        "an agent's From and a number": mail(tech, f"Re: #{ticket.number}"),
        "another shop's signature": mail(sender(north.one), "x", To=f"help+{low_token}@north.example"),
        "another shop's signed id": mail(sender(north.one), "x", References=f"<0.{low_token}@localhost>"),
        "a guessed signature": mail(sender(north.one), "x", To=f"help+t{ticket.number}-{'a' * 16}@north.example"),
        "two senders, one of them theirs": mail(f"{sender(north.one)}, Eve <eve@evil.example>", f"#{ticket.number}"),
        "two From headers": b"From: eve@evil.example\r\n" + mail(sender(north.one), f"#{ticket.number}"),
        "the client's name before another address": mail(
            '"anna@harbour-north.example" <eve@evil.example>', f"#{ticket.number}"
        ),
        "a reply address of the client": mail(
            "Eve <eve@evil.example>", f"#{ticket.number}", Reply_To=sender(north.one)
        ),
        "the client's own id": mail("Eve <eve@evil.example>", References="<theirs@mx.example>"),
    }


CASES = (
    *("another client's number", "another client with our id", "another client with our address"),
    *("another client's domain with our address", "a stranger's number", "a stranger with our id"),
    *("an agent's From and a number", "another shop's signature", "another shop's signed id", "a guessed signature"),
    *("two senders, one of them theirs", "two From headers", "the client's name before another address"),
    *("a reply address of the client", "the client's own id"),
)


@pytest.mark.parametrize("case", CASES)
def test_forged_mail_joins_nothing(world: World, case: str) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    cases = forged(world, mailbox, ticket)
    assert set(cases) == set(CASES)
    before = said(north, ticket)
    message = take(mailbox, cases[case])
    assert said(north, ticket) == before
    assert message.state == "handled"
    assert len(tickets(north)) == 2
    named = ("another client's number", "another client with our id", "a stranger's number", "a stranger with our id")
    if case in named:
        assert f"#{ticket.number}" in hints(north, tickets(north)[1])
    assert [one.client_id for one in tickets(north)][1] != ticket.client_id or case.startswith(
        ("another shop", "a guessed")
    )


def test_a_stranger_with_our_address_is_only_heard_by_the_team(world: World) -> None:
    north, mailbox = world.north, ready(world.north)
    ticket = make_ticket(north)
    take(
        mailbox, mail("Anna at home <anna@home.example>", text="Me again.\n", To=answer_address(north, mailbox, ticket))
    )
    assert len(tickets(north)) == 1
    visibility, _who, words = said(north, ticket)[-1]
    assert visibility == Visibility.INTERNAL
    assert "whom we do not know here" in words
    assert "Me again." in words


def test_staff_are_believed_only_when_the_receiving_server_vouches_and_the_shop_says_so(world: World) -> None:
    north = world.north
    mailbox = ready(north, trusted_server="mx.north.example", believes_staff=True)
    ticket = make_ticket(north)
    to = answer_address(north, mailbox, ticket)
    tech = f"Technician <technician@{north.tenant.slug}.example>"
    take(mailbox, mail(tech, text="Not proven.\n", To=to))
    assert said(north, ticket)[-1][0] == "internal"
    forged_verdict = "mx.evil.example; dmarc=pass header.from=north.example"
    take(mailbox, mail(tech, text="Vouched for by anybody.\n", To=to, Authentication_Results=forged_verdict))
    assert said(north, ticket)[-1][0] == "internal"
    verdict = "mx.north.example; dmarc=pass header.from=north.example"
    take(
        mailbox,
        mail(tech, text="Rollers come on Friday.\n", To=to, Authentication_Results=verdict),
        at=LATER + timedelta(1),
    )
    assert said(north, ticket)[-1] == ("public", "Technician Northgate", "Rollers come on Friday.")
    with enter(north.scope()):
        assert OutgoingMail.objects.filter(to=[north.one.anna.email]).count() == 1


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
