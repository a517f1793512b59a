"""After solving: asking whether it works, by a link that needs no sign-in, and taking in what the client thought."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Contact
from msp.accounts.choices import ActorKind, Role
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.mail.actions import cancel_mail, queue_mail
from msp.mail.actions.decisions import NotPossible
from msp.mail.documents import render_mail
from msp.mail.models import OutgoingMail
from msp.notify.actions import notify
from msp.tenancy.ids import new_id
from msp.tenancy.models import current_tenant
from msp.tenancy.tokens import Token
from tickets.choices import Face
from tickets.models import Rating, SolvedLink, Ticket
from tickets.rules import Refused

from .care import look_at_boost
from .rows import hold

LINK_WORKS_FOR = timedelta(days=30)
ASK_AFTER = timedelta(minutes=10)  # as long as a status can be undone
TOLD_OF_BAD = (Role.OWNER, Role.DISPATCHER)


def link_to_say(*, now: datetime, ticket: Ticket, contact: Contact) -> str:
    """The address under which this contact says whether it works. Its secret is in the address alone."""
    key = new_id()
    token = Token.new(ticket.tenant_id, key)
    SolvedLink.objects.create(
        pk=key,
        client_id=ticket.client_id,
        ticket=ticket,
        contact=contact,
        secret_hash=token.hash,
        created_at=now,
        expires_at=now + LINK_WORKS_FOR,
    )
    path = reverse("tickets:go", kwargs={"go_token": str(token)})
    return current_tenant().absolute_url(path)


def ask_whether_it_works(*, actor: Actor, now: datetime, ticket: Ticket) -> OutgoingMail | None:
    """Write to the contact of a ticket that was just solved. The mail waits as long as the status can be undone."""
    contact = ticket.contact
    if contact is None or not contact.email or contact.is_archived:
        return None
    link = link_to_say(now=now, ticket=ticket, contact=contact)
    mail = render_mail("mail/solved", {"ticket": ticket, "contact": contact, "link": link}, contact.language)
    return queue_mail(
        actor=actor,
        purpose_key=_purpose(ticket),
        to=[contact.email],
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        client_id=ticket.client_id,
        now=now,
        due_at=now + ASK_AFTER,
    )


def stop_asking(*, actor: Actor, now: datetime, ticket: Ticket) -> None:
    """The ticket is ours again before the question has left. `ticket` still says when it was solved."""
    waiting = OutgoingMail.objects.filter(purpose_key=_purpose(ticket)).first()
    if waiting is not None:
        try:
            cancel_mail(actor=actor, mail=waiting, now=now)
        except NotPossible:
            return  # it has left; the link then says that we work on it


def contact_actor(contact: Contact) -> Actor:
    """A contact who acts without signing in."""
    return Actor(ActorKind.CONTACT, str(contact.membership_id or contact.pk), contact.name)


def rate_ticket(*, actor: Actor, now: datetime, ticket: Ticket, contact: Contact, face: int, words: str = "") -> Rating:
    """Keep what a contact thought of it; a second rating takes the first one's place. A bad one reaches people at once.

    Raises Refused while the ticket is open.
    """
    with transaction.atomic():
        ticket = hold(ticket)
        if ticket.is_open:
            raise Refused(_("We are still working on this one."))
        given = {"contact": contact, "face": face, "words": words, "at": now, "answered_at": None, "answered_by": ""}
        rating, _new = Rating.objects.update_or_create(
            ticket=ticket, defaults=given, create_defaults=given | {"client_id": ticket.client_id}
        )
        data = {"face": str(Face(face).label), "words": words}
        record(actor=actor, verb="ticket.rated", subject=ticket, now=now, data=data)
        if rating.is_bad:
            _tell_of_bad(now, ticket, contact)
        look_at_boost(now=now, client=ticket.client)
    return rating


def answer_rating(*, actor: Actor, now: datetime, rating: Rating, did: str) -> Rating:
    """Somebody took care of a bad rating, and says how."""
    with transaction.atomic():
        rating = Rating.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=rating.pk)
        if rating.answered_at is None:
            rating.answered_at, rating.answered_by = now, actor.name
            rating.save(update_fields=["answered_at", "answered_by"])
            record(actor=actor, verb="ticket.rating_answered", subject=rating.ticket, now=now, data={"did": did})
    return rating


def _tell_of_bad(now: datetime, ticket: Ticket, contact: Contact) -> None:
    said = {"name": contact.name, "number": ticket.number}
    for member in sorted(_who_hears(ticket), key=lambda member: member.pk):
        notify(
            to=member,
            now=now,
            words=lambda: _("%(name)s is not satisfied with #%(number)s. Call today.") % said,
            url=ticket.get_absolute_url(),
            key=f"rating:{ticket.pk}",
            urgent=True,
        )


def _who_hears(ticket: Ticket) -> set[Membership]:
    """Who worked on it, and who leads the day."""
    leading = {member for member in staff() if set(member.roles) & set(TOLD_OF_BAD)}
    return leading | ({ticket.assignee} if ticket.assignee else set())


def _purpose(ticket: Ticket) -> str:
    when = ticket.solved_at
    return f"solved:{ticket.pk}:{int(when.timestamp()) if when else ''}"
