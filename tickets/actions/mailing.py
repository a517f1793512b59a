"""The mail of a public reply: one a message, held back as long as the reply can be taken back."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from msp.accounts.rules import Actor
from msp.files.models import StoredFile
from msp.mail.actions import cancel_mail, queue_mail
from msp.mail.actions.decisions import NotPossible
from msp.mail.documents import render_mail
from msp.mail.models import InboundMessage, OutgoingMail
from msp.mail.queries import mailbox_for_answers
from msp.tenancy.models import current_tenant
from tickets.models import Attachment, Message, Ticket
from tickets.queries.incoming import THREAD, came_by
from tickets.queries.settings import ticket_settings
from tickets.rules import Refused

from .aftermath import link_to_say

CHAIN = 20  # ids that a mail carries on


def mail_reply(
    *, actor: Actor, now: datetime, ticket: Ticket, message: Message, solves: bool = False
) -> OutgoingMail | None:
    """Queue the reply to the people it names, in the contact's language; None when it names nobody.

    A reply that `solves` the ticket asks whether it works.
    """
    addresses = [recipient["email"] for recipient in message.recipients]
    if not addresses:
        return None
    tenant = current_tenant()
    link = tenant.absolute_url(reverse("tickets:portal-detail", kwargs={"ticket_number": ticket.number}))
    language = ticket.contact.language if ticket.contact else ticket.client.language
    enclosed, left_out = _files_of(message)
    works = link_to_say(now=now, ticket=ticket, contact=ticket.contact) if solves and ticket.contact else ""
    context = {"ticket": ticket, "message": message, "link": link, "left_out": left_out, "works": works}
    mail = render_mail("mail/reply", context, language)
    theirs = came_by(ticket)
    answers, chain = _mail_before(message, theirs)
    return queue_mail(
        actor=actor,
        purpose_key=f"message:{message.pk}",
        to=addresses[:1],
        cc=addresses[1:],
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        client_id=ticket.client_id,
        attachments=enclosed,
        in_reply_to=answers,
        references=chain,
        thread=f"{THREAD}{ticket.number}",
        mailbox=mailbox_for_answers(theirs.mailbox_id if theirs else None),
        now=now,
        due_at=message.visible_at,
    )


def call_back(*, actor: Actor, now: datetime, message: Message) -> None:
    """Cancel the mail of a reply. Raises Refused when a worker has begun to send it."""
    mail = OutgoingMail.objects.filter(purpose_key=f"message:{message.pk}").first()
    if mail is None:
        return
    try:
        cancel_mail(actor=actor, mail=mail, now=now)
    except NotPossible:
        raise Refused(_("It has been sent already.")) from None


def _files_of(message: Message) -> tuple[list[StoredFile], list[StoredFile]]:
    """The message's files: those that the mail carries, and those that are too much for it and wait in the portal."""
    enclosed: list[StoredFile] = []
    left_out: list[StoredFile] = []
    rows = list(Attachment.objects.filter(message=message).select_related("file").order_by("added_at", "id"))
    room = ticket_settings().mailed_mb * 1024 * 1024 if rows else 0
    for row in rows:
        fits = row.file.size <= room
        room -= row.file.size if fits else 0
        (enclosed if fits else left_out).append(row.file)
    return enclosed, left_out


def _mail_before(message: Message, theirs: InboundMessage | None) -> tuple[str, str]:
    """The id of the ticket's last mail, theirs or ours, and the chain of all before it: so mail programs keep them together."""
    replies = Message.objects.standing().filter(ticket=message.ticket_id, visibility=message.visibility)
    last = replies.exclude(pk=message.pk).exclude(recipients=[]).order_by("-at").first()
    ours = OutgoingMail.objects.filter(purpose_key=f"message:{last.pk}").first() if last else None
    if theirs is not None and theirs.message_id and (ours is None or ours.created_at < theirs.received_at):
        chain, before = theirs.references.split(), theirs.message_id
    elif ours is not None:
        chain, before = ours.references.split(), ours.message_id
    else:
        return "", ""
    return before[:998], " ".join([*[each for each in chain if each != before][-CHAIN:], before])
