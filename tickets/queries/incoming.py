"""What an incoming mail is about: the ticket it names, what was said there, and how much came lately."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from msp.mail.choices import IncomingState, Nature
from msp.mail.models import InboundMessage, OutgoingMail
from msp.mail.queries import claims_of
from tickets.choices import Door, Status
from tickets.models import Message, Ticket
from tickets.rules.joining import Join, Proof, may_join, numbers_in, same_matter
from tickets.rules.thanks import is_only_thanks

from .senders import Sender
from .settings import ticket_settings
from .together import standing

THREAD = "t"  # before the number, in the signed name of a ticket's mail
SAID = 40  # messages of a ticket that are compared with what a reply quotes
NOTICES = 30
NOTICE_DAYS = 7


@dataclass(frozen=True)
class Found:
    """The ticket that a mail may join and how, or none; `hints` name the ones it may not."""

    ticket: Ticket | None = None
    how: Join = Join.NO
    hints: list[str] = field(default_factory=list)


def ticket_named(message: InboundMessage, sender: Sender) -> Found:
    """What the mail's signed names and the numbers in its subject lead to. Signed names are asked first."""
    named: list[tuple[int, Proof]] = [
        (int(claim.name[1:]), Proof.ADDRESS if claim.by_address else Proof.REFERENCE)
        for claim in claims_of(message)
        if claim.name.startswith(THREAD)
    ]
    named += [(number, Proof.NUMBER) for number in numbers_in(message.subject)]
    hints: list[str] = []
    for number, proof in named[:10]:
        ticket = Ticket.objects.filter(number=number).select_related("client", "contact", "merged_into").first()
        if ticket is None:
            continue
        ticket = standing(ticket)
        how = may_join(sender.to(ticket), proof)
        if how != Join.NO:
            return Found(ticket, how, hints)
        hints.append(_hint(ticket, proof, sender))
    return Found(hints=list(dict.fromkeys(hints)))


def _hint(ticket: Ticket, proof: Proof, sender: Sender) -> str:
    words = {"number": ticket.number, "client": ticket.client.name, "sender": sender.shown}
    if proof == Proof.NUMBER:
        return (
            _("Its subject names #%(number)s of %(client)s. It was not joined: %(sender)s is no contact of theirs.")
            % words
        )
    return (
        _("It answers mail about #%(number)s of %(client)s. It was not joined: %(sender)s is no contact of theirs.")
        % words
    )


def said_before(ticket: Ticket) -> list[str]:
    """What stands in the conversation, and how our mail of it read: what a reply may quote."""
    said = list(
        Message.objects.standing().filter(ticket=ticket).order_by("-at").values_list("pk", "body", "folded")[:SAID]
    )
    keys = [f"message:{pk}" for pk, _body, _folded in said]
    sent = OutgoingMail.objects.filter(purpose_key__in=keys).values_list("text", flat=True)
    return [text for _pk, body, folded in said for text in (body, folded) if text] + list(sent)


def too_late_to_reopen(ticket: Ticket, text: str, at: datetime) -> bool:
    """Whether an answer to a solved ticket is a new matter: it was solved longer ago than the shop's settings say."""
    if ticket.status != Status.SOLVED or ticket.solved_at is None or is_only_thanks(text):
        return False
    return at - ticket.solved_at > timedelta(days=ticket_settings().reopen_days)


def mailed_within(
    time: timedelta,
    at: datetime,
    *,
    ticket: Ticket | None = None,
    mailbox: UUID | None = None,
    by_machines: bool = False,
) -> int:
    """How much mail was taken in the time before `at`: on a ticket, or through a mailbox (by machines only, or all)."""
    if ticket is not None:
        return Message.objects.filter(ticket=ticket, mail__isnull=False, at__gt=at - time).count()
    rows = InboundMessage.objects.filter(mailbox=mailbox, state=IncomingState.HANDLED, received_at__gt=at - time)
    return (rows.exclude(nature=Nature.PERSONAL) if by_machines else rows).count()


def earlier_notice(message: InboundMessage) -> Ticket | None:
    """The open ticket that the same machine's last notice of the same kind made, within days."""
    since = message.received_at - timedelta(days=NOTICE_DAYS)
    rows = InboundMessage.objects.filter(
        from_address=message.from_address, nature=Nature.NOTICE, state=IncomingState.HANDLED, received_at__gt=since
    )
    if not message.from_address:
        return None
    matter = same_matter(message.subject)
    alike = [
        pk
        for pk, subject in rows.order_by("-received_at").values_list("pk", "subject")[:NOTICES]
        if same_matter(subject) == matter
    ]
    said = Message.objects.filter(mail__in=alike).select_related("ticket", "ticket__merged_into").order_by("-at")
    found = (standing(each.ticket) for each in said)
    return next((ticket for ticket in found if ticket.is_open), None)


def came_by(ticket: Ticket) -> InboundMessage | None:
    """The last mail of the client's on a ticket: answers go out to it, and through its mailbox."""
    rows = Message.objects.standing().filter(ticket=ticket, mail__isnull=False, visibility="public", author=None)
    # The bytes of a mail stay where they are.
    slim = rows.select_related("mail").defer("mail__raw", "mail__text", "mail__html")
    last = slim.order_by("-at", "-id").first()
    found: InboundMessage | None = last.mail if last else None
    return found


def who_asked(ticket: Ticket) -> tuple[str, str]:
    """Name and address of the ticket's contact, else of the sender of its mail; empty when nobody knows. A query only without contact."""
    if ticket.contact is not None:
        return ticket.contact.name, ticket.contact.email
    mail = came_by(ticket)
    return (mail.from_name, mail.from_address) if mail else ("", "")


def sender_to_add(ticket: Ticket) -> str:
    """The address that a ticket without a contact came from, "" when there is none. A query only for such tickets."""
    if ticket.contact_id is not None or ticket.door != Door.MAIL:
        return ""
    mail = came_by(ticket)
    return mail.from_address if mail else ""
