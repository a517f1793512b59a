"""Mail becomes conversation: the ticket it belongs to, or a new one of the right client.

Everything here runs in the transaction that ends the message (msp.mail.actions.intake), so that a message is taken whole or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions import clear_bounce, stranger_as_contact
from clients.models import Client, Contact
from msp.accounts.choices import ActorKind
from msp.accounts.rules import Actor, system_actor
from msp.files.actions import Written
from msp.mail.choices import Nature
from msp.mail.models import InboundMessage
from msp.mail.queries import is_our_own
from msp.mail.registry import HeldBack, Taken
from tickets.choices import Door
from tickets.models import Message, Ticket
from tickets.queries.incoming import (
    Found,
    earlier_notice,
    mailed_within,
    said_before,
    ticket_named,
    too_late_to_reopen,
)
from tickets.queries.senders import Sender, who_wrote
from tickets.rules import Along, Refused
from tickets.rules.folding import fold
from tickets.rules.joining import Join, plain_subject

from .acknowledging import acknowledge
from .aftermath import contact_actor
from .attachments import attach, hold_files
from .machine_notes import note_by_machine
from .messages import reply_as_contact, reply_publicly
from .returned import take_report
from .tickets import open_ticket

MAIL = system_actor("mail")
HOUR = timedelta(hours=1)
# Loops have new addresses every time, so these count messages and look at none.
MOST_ON_A_TICKET = 30  # by mail within an hour
MOST_BY_MACHINES = 30  # through one mailbox within an hour
MOST = 500
SMALL_PICTURE = 8 * 1024  # bytes; below, a picture in the text is somebody's logo


@dataclass
class Letter:
    """A message on its way into the service desk, and what is noticed about it for the team."""

    message: InboundMessage
    sender: Sender
    hints: list[str] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.message.received_at

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.CONTACT, "", (self.sender.name or self.sender.address or _("Unknown sender"))[:120])

    @property
    def text(self) -> str:
        return self.message.text.strip("\n") or _("(The message has no text.)")

    def files(self) -> list[Written]:
        """What came along, without the little pictures of signatures; the original has all."""
        parts = self.message.parts.order_by("position")
        kept = [part for part in parts if not (part.is_inline and part.size < SMALL_PICTURE)]
        return [Written(part.path, part.name, part.content_type, part.size, part.sha256) for part in kept]


def take_in_mail(*, now: datetime, message: InboundMessage) -> Taken:
    """Take a message in, or say why nothing had to be done. Raises HeldBack when it would make a loop or a flood."""
    if (taken := _without_a_ticket(now, message)) is not None:
        return taken
    letter = Letter(message, who_wrote(message))
    found = ticket_named(message, letter.sender)
    letter.hints += found.hints
    if message.nature == Nature.AUTO_REPLY and (taken := _take_automatic(letter, found)) is not None:
        return taken
    _mind_floods(letter, found)
    if found.ticket is not None:
        return _join(letter, found.ticket, found.how)
    if message.nature == Nature.NOTICE and (earlier := earlier_notice(message)) is not None:
        _note(letter, earlier, _("The same notice again, from %(sender)s.") % {"sender": letter.sender.shown})
        return _taken(earlier)
    return _taken(_open(letter))


def _without_a_ticket(now: datetime, message: InboundMessage) -> Taken | None:
    if is_our_own(message):
        return Taken(_("It is our own mail that came back."), ignored=True)
    if message.nature == Nature.RECEIPT:
        return Taken(_("It only says that a message was opened."), ignored=True)
    return take_report(now=now, message=message) if message.nature == Nature.BOUNCE else None


def _taken(ticket: Ticket) -> Taken:
    return Taken(f"#{ticket.number}", ticket.get_absolute_url())


def _take_automatic(letter: Letter, found: Found) -> Taken | None:
    """A vacation notice tells the team something and opens nothing; without a ticket it tells nobody anything."""
    if found.ticket is not None:
        _note(letter, found.ticket, _("Automatic reply from %(sender)s.") % {"sender": letter.sender.shown})
        return _taken(found.ticket)
    proved = not str(letter.message.reading.get("told_by", "")).startswith("subject")
    return Taken(_("It is an automatic reply."), ignored=True) if proved else None


def _mind_floods(letter: Letter, found: Found) -> None:
    """Raises HeldBack. What a person lets through by hand goes through."""
    message = letter.message
    if message.reading.get("again"):
        return
    if found.ticket is not None and mailed_within(HOUR, letter.at, ticket=found.ticket) >= MOST_ON_A_TICKET:
        words = _("Ticket #%(number)s has got more than %(most)s messages within an hour. Is it a loop?")
        raise HeldBack(words % {"number": found.ticket.number, "most": MOST_ON_A_TICKET})
    by_machine = message.nature != Nature.PERSONAL
    most = MOST_BY_MACHINES if by_machine else MOST
    if mailed_within(HOUR, letter.at, mailbox=message.mailbox_id, by_machines=by_machine) >= most:
        words = _("More than %(most)s messages of this kind came in within an hour. Is it a loop or a flood?")
        raise HeldBack(words % {"most": most})


# --- into a ticket that is there ---


def _join(letter: Letter, ticket: Ticket, how: Join) -> Taken:
    if how == Join.NOTE:
        return _join_as_note(letter, ticket)
    contact = letter.sender.of(ticket.client_id)
    assert contact is not None  # rules.joining: only who is one joins as the client
    clear_bounce(actor=MAIL, now=letter.at, contact=contact)
    if too_late_to_reopen(ticket, letter.text, letter.at):
        return _taken(_open_anew(letter, ticket, contact))
    shown, folded = fold(letter.text, said_before(ticket))
    written = reply_as_contact(
        actor=contact_actor(contact),
        now=letter.at,
        ticket=ticket,
        contact=contact,
        body=shown.strip("\n"),
        kept=letter.files(),
    )
    _came_by(written, letter.message, folded)
    _tell(letter, written.ticket)
    return _taken(written.ticket)


def _join_as_note(letter: Letter, ticket: Ticket) -> Taken:
    """Nobody outside sees it: who wrote it is not proven. A member of staff whom the receiving server vouches for is believed."""
    member = letter.sender.member
    if member is None:
        words = _("By mail from %(sender)s, whom we do not know here. The client does not see it.")
    elif letter.sender.vouched and letter.message.mailbox.believes_staff:
        return _answer_for(letter, ticket)
    else:
        words = _(
            "By mail from the address of %(sender)s; that they wrote it is not proven. The client does not see it."
        )
    _note(letter, ticket, words % {"sender": letter.sender.shown})
    return _taken(ticket)


def _answer_for(letter: Letter, ticket: Ticket) -> Taken:
    """A reply by mail of one of us to the client. What stops a reply on the page stops this one, too, and makes it a note."""
    member = letter.sender.member
    assert member is not None
    shown, folded = fold(letter.text, said_before(ticket))
    try:
        with transaction.atomic():
            held = hold_files(actor=member.as_actor(), now=letter.at, ticket=ticket, holder=member, kept=letter.files())
            written = reply_publicly(
                actor=member.as_actor(),
                now=letter.at,
                ticket=ticket,
                author=member,
                body=shown.strip("\n"),
                to=ticket.contact,
                along=Along(held=[each.pk for each in held]),
            )
    except Refused as reason:
        words = _("%(sender)s answered by mail, and it was not sent: %(reason)s")
        _note(letter, ticket, words % {"sender": letter.sender.shown, "reason": reason})
    else:
        _came_by(written, letter.message, folded)
    return _taken(ticket)


def _note(letter: Letter, ticket: Ticket, words: str) -> Message:
    shown, folded = fold(letter.text, said_before(ticket))
    note = note_by_machine(
        actor=letter.actor, now=letter.at, ticket=ticket, body="\n\n".join([words, shown.strip("\n")])
    )
    attach(actor=letter.actor, now=letter.at, message=note, kept=letter.files())
    _came_by(note, letter.message, folded)
    return note


def _came_by(message: Message, mail: InboundMessage, folded: str) -> None:
    message.mail, message.folded = mail, folded
    message.save(update_fields=["mail", "folded"])


def _tell(letter: Letter, ticket: Ticket) -> None:
    """The private hints, in one note."""
    if letter.hints:
        note_by_machine(actor=MAIL, now=letter.at, ticket=ticket, body="\n".join(dict.fromkeys(letter.hints)))


# --- a new ticket ---


def _open(letter: Letter) -> Ticket:
    client, contact = _whose(letter)
    return _open_for(letter, client, contact, plain_subject(letter.message.subject))


def _open_anew(letter: Letter, ticket: Ticket, contact: Contact) -> Ticket:
    """The answer to a ticket that was solved long ago."""
    letter.hints.append(_("It answers #%(number)s, which was solved long ago.") % {"number": ticket.number})
    opened = _open_for(letter, ticket.client, contact, plain_subject(letter.message.subject) or ticket.subject)
    opened.follows = ticket
    opened.save(update_fields=["follows"])
    words = _("The client wrote again: #%(number)s.") % {"number": opened.number}
    note_by_machine(actor=MAIL, now=letter.at, ticket=ticket, body=words)
    return opened


def _open_for(letter: Letter, client: Client, contact: Contact | None, subject: str) -> Ticket:
    # Whoever writes first quotes what we need to see: only the signature is folded.
    shown, folded = fold(letter.text) if ">" not in letter.text else (letter.text, "")
    actor = contact_actor(contact) if contact else letter.actor
    ticket = open_ticket(
        actor=actor, now=letter.at, client=client, contact=contact, subject=subject or _("(no subject)"),
        body=shown.strip("\n"), door=Door.MAIL, kept=letter.files(),
    )  # fmt: skip
    first = Message.objects.filter(ticket=ticket).order_by("at", "id")[0]
    first.author_name = actor.name
    _came_by(first, letter.message, folded)
    _tell(letter, ticket)
    acknowledge(now=letter.at, ticket=ticket, mail=letter.message, sender=letter.sender)
    return ticket


def _whose(letter: Letter) -> tuple[Client, Contact | None]:
    """The client that a new message is of. When that is not certain it waits with the client Unsorted, and a hint says why."""
    sender, hints = letter.sender, letter.hints
    if sender.forged:
        hints.append(_("The sender is forged or not one person, so it was given to nobody."))
        return _unsorted(), None
    if sender.member is not None:
        hints.append(_("It comes from the address of %(name)s, who works here.") % {"name": sender.member.name})
        return _unsorted(), None
    real = [each for each in sender.contacts if not each.client.is_unsorted]
    if len(real) == 1:
        clear_bounce(actor=MAIL, now=letter.at, contact=real[0])
        return real[0].client, real[0]
    if real:
        names = ", ".join(each.client.name for each in real)
        hints.append(
            _("%(sender)s is a contact of several clients: %(names)s.") % {"sender": sender.shown, "names": names}
        )
        return _unsorted(), None
    return _by_domain(letter)


def _by_domain(letter: Letter) -> tuple[Client, Contact | None]:
    sender, hints = letter.sender, letter.hints
    if len(sender.by_domain) == 1:
        words = _("%(sender)s is no contact of %(client)s yet; the address is of its domain.")
        hints.append(words % {"sender": sender.shown, "client": sender.by_domain[0].name})
        return sender.by_domain[0], None
    if sender.by_domain:
        names = ", ".join(client.name for client in sender.by_domain)
        hints.append(
            _("The domain of %(sender)s is of several clients: %(names)s.") % {"sender": sender.shown, "names": names}
        )
        return _unsorted(), None
    if letter.message.nature == Nature.PERSONAL and sender.address:
        contact = stranger_as_contact(actor=MAIL, now=letter.at, name=sender.name, address=sender.address)
        return _unsorted(), contact
    return _unsorted(), None


def _unsorted() -> Client:
    client = Client.objects.filter(is_unsorted=True).first()
    if client is None:
        raise HeldBack(_("The shop has no client for mail from strangers."))
    return client
