"""Nobody gets into a conversation by saying so. Figures: 0 of all cases joined."""

from __future__ import annotations

from datetime import timedelta

import pytest

from msp.mail.models import Mailbox, OutgoingMail
from msp.mail.queries import thread_token
from msp.tenancy.context import enter
from tests.mail.incoming import mail
from tests.tickets.intake import LATER, answer_address, hints, our_mail, ready, said, sender, take, tickets
from tests.tickets.making import make_ticket
from tests.world import World
from tickets.choices import Visibility
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


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
