"""The mail of a public reply."""

from __future__ import annotations

from datetime import timedelta

import pytest

from msp.mail.choices import MailState
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.models import Message, Ticket
from tickets.rules import UNDO_SECONDS, Refused


def reply(shop: ShopWorld, ticket: Ticket, minutes: int = 0, **values: object) -> Message:
    tech = shop.staff["technician"]
    given = {
        "body": "New rollers are on the way.",
        "to": shop.one.anna,
        "now": NOW + timedelta(minutes=minutes),
    } | values
    return actions.reply_publicly(actor=tech.as_actor(), ticket=ticket, author=tech, **given)  # type: ignore[arg-type]


def test_a_reply_is_one_mail_to_the_people_on_the_button(world: World) -> None:
    north, one = world.north, world.north.one
    ticket = make_ticket(north)
    with enter(north.scope()):
        message = reply(north, ticket, cc=[one.ben, one.anna])
        mail = OutgoingMail.objects.get()
        assert (mail.purpose_key, mail.to, mail.cc) == (f"message:{message.pk}", [one.anna.email], [one.ben.email])
        assert (mail.subject, mail.client_id, mail.automatic) == ("[#1] Printer jams", one.client.pk, False)
        assert mail.due_at == NOW + timedelta(seconds=UNDO_SECONDS)
        assert "New rollers are on the way.\n\nTechnician Northgate" in mail.text
        assert "/portal/requests/1/" in mail.text
        assert "New rollers are on the way." in mail.html


def test_the_next_mail_continues_the_conversation(world: World) -> None:
    ticket = make_ticket(world.north)
    with enter(world.north.scope()):
        reply(world.north, ticket)
        reply(world.north, ticket, 5, body="They are here.")
        first, second = OutgoingMail.objects.order_by("created_at")
        assert (first.in_reply_to, second.in_reply_to, second.references) == ("", first.message_id, first.message_id)


def test_taking_a_reply_back_cancels_its_mail(world: World) -> None:
    north = world.north
    actor = north.staff["technician"].as_actor()
    ticket = make_ticket(north)
    with enter(north.scope()):
        message = reply(north, ticket)
        actions.take_back_reply(actor=actor, now=NOW + timedelta(seconds=3), message=message)
        assert OutgoingMail.objects.get().state == MailState.CANCELLED
        message = reply(north, ticket, 5)
        OutgoingMail.objects.filter(state=MailState.QUEUED).update(state=MailState.SENDING)
        with pytest.raises(Refused, match="sent already"):
            actions.take_back_reply(actor=actor, now=NOW + timedelta(minutes=5, seconds=3), message=message)
        assert Message.objects.get(pk=message.pk).withdrawn_at is None


def test_without_an_address_nothing_is_mailed(world: World) -> None:
    north = world.north
    ticket = make_ticket(north, contact=None)
    with enter(north.scope()):
        assert reply(north, ticket, to=None).recipients == []
        actions.add_note(
            actor=north.staff["owner"].as_actor(), now=NOW, ticket=ticket, author=north.staff["owner"], body="A note"
        )
        assert not OutgoingMail.objects.exists()
