"""The conversation: replies that the client reads, notes that only the team reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Contact
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.files.actions import Written
from msp.search.actions import add_words
from tickets.choices import Status, Visibility
from tickets.models import Message, Recipient, Ticket, TimeEntry
from tickets.queries.leaks import find_leaks
from tickets.rules import UNDO_SECONDS, Along, Before, Clock, Refused, Stale, status_after, waiting_since
from tickets.rules.leaks import Leak, Leaking
from tickets.rules.thanks import is_only_thanks

from . import clocks
from .announcing import announce_message, recall_message
from .around import tell_watchers
from .attachments import attach, hold_again, send_along
from .hand import in_hand
from .mailing import call_back, mail_reply
from .rows import hold, hold_living, hold_standing, make_findable, write
from .tickets import change_status, restore_status
from .time import delete_time, log_time
from .timers import clear_timer, put_timer_back

ALONE = Along()
RESTING = (Status.SOLVED, Status.WAITING_CLIENT)  # the client's word brings it back to us


def reply_publicly(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    author: Membership,
    body: str,
    to: Contact | None,
    cc: Sequence[Contact] = (),
    along: Along = ALONE,
) -> Message:
    """Write to the client: the reply, the time it took and the status after it are one act.

    `to` is the contact the writer saw on the button; raises Stale when the ticket belongs to another one by now, and Leaking
    when it names other clients and `along` says no reason. The mail leaves and the client sees the reply after
    UNDO_SECONDS. Sending the same form again gives the message that the first one made.
    """
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if twin := _same_form(ticket, along.form_key, body):
            return twin
        if ticket.contact_id != (to.pk if to else None):
            raise Stale(_("The contact was changed meanwhile."), ticket.contact.name if ticket.contact else "")
        recipients = _recipients(ticket, to, cc)
        leaks = _guarded(ticket, body, recipients, along)
        written = {"author": author, "author_name": author.name, "body": body, "recipients": recipients}
        leaves = now + timedelta(seconds=UNDO_SECONDS)
        message = _write_down(ticket, Visibility.PUBLIC, along.form_key, at=now, visible_at=leaves, **written)
        ticket.first_replied_at, ticket.client_waiting_since = ticket.first_replied_at or now, None
        write(ticket, now, "first_replied_at", "client_waiting_since")
        record(actor=actor, verb="ticket.replied", subject=ticket, now=now, data={"to": _names(message)})
        _say_leaks(actor, now, ticket, leaks, along.although)
        send_along(actor=actor, message=message, holder=author, held=along.held)
        mail_reply(actor=actor, now=now, ticket=ticket, message=message, solves=_solves(ticket, along))
        with in_hand(ticket):
            until = along.next_update_at
            clocks.on_public_reply(actor=actor, now=now, ticket=ticket, status=along.status, next_update_at=until)
            _go_along(message, actor, author, along)
    return message


def add_note(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    author: Membership,
    body: str,
    along: Along = ALONE,
) -> Message:
    """Write something down for the team. No clock stops, nobody outside reads it."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if twin := _same_form(ticket, along.form_key, body):
            return twin
        written = {"author": author, "author_name": author.name, "body": body}
        message = _write_down(ticket, Visibility.INTERNAL, along.form_key, at=now, visible_at=now, **written)
        write(ticket, now)
        record(actor=actor, verb="ticket.noted", subject=ticket, now=now)
        send_along(actor=actor, message=message, holder=author, held=along.held)
        _go_along(message, actor, author, along)
    return message


def reply_as_contact(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    contact: Contact,
    body: str,
    form_key: UUID | None = None,
    kept: Sequence[Written] = (),
) -> Message:
    """The client writes, on a merged ticket to where it lives on, with files that were kept before. They wait from their first unanswered word on.

    A solved or waiting ticket is ours again, unless they only say thanks.
    """
    with transaction.atomic():
        ticket = hold_living(ticket)
        if twin := _same_form(ticket, form_key, body):
            return twin
        written = {"contact": contact, "author_name": actor.name, "body": body}
        message = _write_down(ticket, Visibility.PUBLIC, form_key, at=now, visible_at=now, **written)
        thanks = is_only_thanks(body, _people(ticket, contact))
        if not thanks or ticket.status not in RESTING:
            ticket.client_waiting_since = ticket.client_waiting_since or now
        write(ticket, now, "client_waiting_since")
        record(actor=actor, verb="ticket.client_replied", subject=ticket, now=now)
        attach(actor=actor, now=now, message=message, kept=kept)
        if ticket.status in RESTING and not thanks:
            change_status(actor=actor, now=now, ticket=ticket, status=Status.IN_PROGRESS)
    return message


def confirm_solved(*, actor: Actor, now: datetime, ticket: Ticket) -> Ticket:
    """The client says that it works. A ticket that waits on them is solved by it. Raises Refused while we still work on it."""
    with transaction.atomic():
        ticket = hold_living(ticket)
        if ticket.status == Status.WAITING_CLIENT:
            ticket = change_status(actor=actor, now=now, ticket=ticket, status=Status.SOLVED)
        if ticket.status != Status.SOLVED:
            raise Refused(_("We are still working on this one."))
        if ticket.confirmed_at is None:
            ticket.confirmed_at, ticket.client_waiting_since = now, None
            write(ticket, now, "confirmed_at", "client_waiting_since")
            record(actor=actor, verb="ticket.confirmed", subject=ticket, now=now)
    return ticket


def close_as_contact(*, actor: Actor, now: datetime, ticket: Ticket, contact: Contact) -> Ticket:
    """The client does not need it any more. Raises Refused for a ticket that is closed already."""
    with transaction.atomic():
        ticket = hold_living(ticket)
        if ticket.status == Status.SOLVED:
            raise Refused(_("It is closed already."))
        written = {"contact": contact, "author_name": actor.name, "body": _("We do not need this any more. Thank you.")}
        _write_down(ticket, Visibility.PUBLIC, None, at=now, visible_at=now, **written)
        ticket = change_status(actor=actor, now=now, ticket=ticket, status=Status.SOLVED)
        ticket.confirmed_at, ticket.client_waiting_since = now, None
        write(ticket, now, "confirmed_at", "client_waiting_since")
        record(actor=actor, verb="ticket.closed_by_client", subject=ticket, now=now)
    return ticket


def take_back_reply(
    *,
    actor: Actor,
    now: datetime,
    message: Message,
    before: Before | None = None,
    became: str = "",
    clock: Clock | None = None,
) -> Ticket:
    """Undo a reply before it leaves: with its mail, its time, the status that came with it (`became`) and its author's clock.

    A status that somebody set since stays. Raises Refused once the reply has left, and when its time was locked meanwhile.
    """
    with transaction.atomic():
        ticket = hold(message.ticket)
        message = Message.objects.select_for_update().get(pk=message.pk)
        if not message.can_be_taken_back(now):
            raise Refused(_("It has been sent already."))
        call_back(actor=actor, now=now, message=message)
        hold_again(message=message, holder=message.author)
        message.visibility = Visibility.INTERNAL
        _withdraw(message, now)
        for entry in TimeEntry.objects.filter(message=message):
            delete_time(actor=actor, now=now, entry=entry)
        if clock is not None and message.author is not None:
            put_timer_back(member=message.author, ticket=ticket, clock=clock)
        make_findable(ticket)
        public = Message.objects.standing().filter(ticket=ticket, visibility=Visibility.PUBLIC).order_by("at")
        turns = [
            (at, author is None or number == 0)
            for number, (at, author) in enumerate(public.values_list("at", "author"))
        ]
        ticket.client_waiting_since = waiting_since(turns)
        ticket.first_replied_at = next((at for at, by_client in turns if not by_client), None)
        write(ticket, now, "client_waiting_since", "first_replied_at")
        clocks.on_reply_withdrawn(actor=actor, now=now, ticket=ticket, replied_at=message.at)
        if before is not None and before.was != ticket.status == became:
            ticket = restore_status(actor=actor, now=now, ticket=ticket, became=became, **asdict(before))
        record(actor=actor, verb="ticket.reply_withdrawn", subject=ticket, now=now, data={"to": _names(message)})
    return ticket


def take_back_note(*, actor: Actor, now: datetime, message: Message) -> Ticket:
    """Undo a note that was just written on many tickets. Raises Refused for a reply, and once it is gone."""
    with transaction.atomic():
        ticket = hold(message.ticket)
        message = Message.objects.select_for_update().get(pk=message.pk)
        if message.is_public or message.withdrawn_at:
            raise Refused(_("This note is gone already."))
        _withdraw(message, now)
        write(ticket, now)
        make_findable(ticket)
        record(actor=actor, verb="ticket.note_withdrawn", subject=ticket, now=now)
    return ticket


def _same_form(ticket: Ticket, form_key: UUID | None, body: str) -> Message | None:
    """The message that this very form has made already: the ticket is locked, so a double click waits and finds it."""
    return Message.objects.standing().filter(ticket=ticket, form_key=form_key, body=body).first() if form_key else None


def _write_down(ticket: Ticket, visibility: Visibility, form_key: UUID | None, **written: object) -> Message:
    # An old form, opened again by the browser's Back with other words in it, makes a new message.
    is_old = form_key is not None and Message.objects.filter(ticket=ticket, form_key=form_key).exists()
    given = {"form_key": form_key} if form_key and not is_old else {}
    message = Message.objects.create(
        ticket=ticket,
        client_id=ticket.client_id,
        visibility=visibility,
        confidential_to_id=ticket.confidential_to_id,
        **given,
        **written,
    )
    add_words(kind="ticket", subject_id=ticket.pk, text=message.body)
    tell_watchers(now=message.at, ticket=ticket, message=message)
    announce_message(message=message)
    return message


def _withdraw(message: Message, now: datetime) -> None:
    message.withdrawn_at = now
    message.save(update_fields=["visibility", "withdrawn_at"])
    recall_message(now=now, message=message)


def _solves(ticket: Ticket, along: Along) -> bool:
    return along.status == Status.SOLVED and ticket.can_become(Status.SOLVED)


def _say_leaks(actor: Actor, now: datetime, ticket: Ticket, leaks: Sequence[Leak], because: str) -> None:
    if leaks:
        named = ", ".join(dict.fromkeys(f"{leak.text} ({leak.client})" for leak in leaks))
        data = {"named": named, "because": because}
        record(actor=actor, verb="ticket.leak_allowed", subject=ticket, now=now, data=data)


def _people(ticket: Ticket, contact: Contact) -> list[str]:
    """Whose names a message may greet or be signed with."""
    return [contact.name, *([ticket.assignee.name] if ticket.assignee else [])]


def _guarded(ticket: Ticket, body: str, recipients: Sequence[Recipient], along: Along) -> list[Leak]:
    """What gives other clients away. Raises Leaking unless the writer said why it must go."""
    leaks = find_leaks(ticket, body, [recipient["email"] for recipient in recipients])
    if leaks and not along.although:
        raise Leaking(leaks)
    return leaks


def _names(message: Message) -> str:
    return ", ".join(recipient["name"] for recipient in message.recipients) or _("the portal")


def _recipients(ticket: Ticket, to: Contact | None, cc: Sequence[Contact]) -> list[Recipient]:
    """Who gets the mail: each address once, the contact first. Raises Refused for another client's and archived people."""
    found: dict[str, Recipient] = {}
    for contact in [*([to] if to else []), *cc]:
        if contact.client_id != ticket.client_id:
            raise Refused(_("%(name)s belongs to another client.") % {"name": contact.name})
        if ticket.confidential_to_id not in (None, contact.pk):
            raise Refused(_("This is confidential: %(name)s cannot get a copy.") % {"name": contact.name})
        if contact.is_archived:
            raise Refused(_("%(name)s is archived. Choose somebody else.") % {"name": contact.name})
        if contact.email:
            found.setdefault(contact.email.lower(), {"name": contact.name, "email": contact.email})
    return list(found.values())


def _go_along(message: Message, actor: Actor, author: Membership, along: Along) -> None:
    """Log the time and set the status. A clock of the author's that runs on the ticket has been read into the minutes."""
    ticket, now = message.ticket, message.at
    if along.minutes:
        clear_timer(member=author, ticket=ticket)
        log_time(
            actor=actor,
            now=now,
            ticket=ticket,
            member=author,
            minutes=along.minutes,
            note=along.work_note,
            message=message,
        )
    status = status_after(ticket.status, along.status, is_public=message.is_public)
    if status != ticket.status:
        change_status(
            actor=actor, now=now, ticket=ticket, status=status, ask=not message.recipients, anyway=along.anyway
        )
