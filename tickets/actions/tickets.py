"""A ticket's life: opened, moved on, handed over, solved, reopened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Asset, Client, Contact, Site
from msp.accounts.choices import OF_STAFF, ActorKind
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.files.actions import Written
from msp.tenancy.once import made_by
from tickets.choices import Door, Priority, Status, Visibility
from tickets.models import Category, Message, Ticket, TicketSettings
from tickets.queries.care import are_kept_apart, boost_of
from tickets.rules import Before, Refused, Stale
from tickets.rules.kinds import Kept

from . import clocks
from .aftermath import ask_whether_it_works, stop_asking
from .announcing import announce_created
from .attachments import attach
from .finished import finish_time
from .kinds import check_can_be_solved
from .rows import hold, hold_standing, make_findable, place, write
from .tasks import check_tasks_are_done


def open_ticket(
    *,
    actor: Actor,
    now: datetime,
    client: Client,
    subject: str,
    body: str,
    author: Membership | None = None,
    contact: Contact | None = None,
    site: Site | None = None,
    asset: Asset | None = None,
    priority: int = Priority.NORMAL,
    assignee: Membership | None = None,
    door: Door = Door.STAFF,
    kept: Sequence[Written] = (),
    form_key: UUID | None = None,
    category: Category | None = None,
    answers: Mapping[str, Kept] | None = None,
    confidential: bool = False,
) -> Ticket:
    """Open a ticket with its description and files as the first, public message; the client waits from now on.

    `author` wrote it down for the client; without one, `contact` wrote it. Sending the same form again gives the ticket that the
    first one made. Raises Refused when contact, site or asset belong to another client, or when the client is archived.
    """
    about = {"contact": contact, "site": site, "asset": asset}
    check_opening(client, assignee, **about)
    ticket = Ticket(client=client, **about, subject=subject, priority=priority, assignee=assignee, door=door)
    ticket.category, ticket.answers = category, dict(answers or {})
    _begin(ticket, now, confidential=confidential)
    with transaction.atomic():
        if twin := _number(ticket, form_key):
            return twin
        ticket.save(force_insert=True)
        first = _describe(ticket, actor, body=body, author=author, contact=contact)
        record(actor=actor, verb="ticket.opened", subject=ticket, now=now, data={"number": ticket.number})
        attach(actor=actor, now=now, message=first, kept=kept)
        clocks.start_clocks(actor=actor, now=now, ticket=ticket)
        make_findable(ticket)
    return ticket


def change_status(
    *, actor: Actor, now: datetime, ticket: Ticket, status: str, ask: bool = True, anyway: bool = False
) -> Ticket:
    """Move a ticket on, as TRANSITIONS allow. Nothing happens when it is there already. Raises Refused otherwise.

    Where a person solves it, the contact is asked whether it works, unless a reply that goes along asks (`ask` False). While
    tasks are open that raises OpenTasks, unless `anyway`.
    """
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if ticket.status == status:
            return ticket
        if not ticket.can_become(status):
            words = {"was": ticket.get_status_display(), "wanted": Status(status).label}
            raise Refused(_("A ticket that is “%(was)s” cannot become “%(wanted)s”.") % words)
        if status == Status.SOLVED:
            check_can_be_solved(actor, ticket)
            if not anyway:
                check_tasks_are_done(actor, ticket)
        ticket = _set_status(actor, now, ticket, status)
        if ask and status == Status.SOLVED and actor.kind in OF_STAFF:
            ask_whether_it_works(actor=actor, now=now, ticket=ticket)
        return ticket


def restore_status(
    *,
    actor: Actor,
    now: datetime,
    ticket: Ticket,
    became: str,
    was: str,
    solved_at: datetime | None = None,
    confirmed_at: datetime | None = None,
) -> Ticket:
    """Undo a change from `was` to `became`; a ticket that was solved was solved and confirmed when it was.

    Raises Refused when the ticket has moved on since.
    """
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if ticket.status != became:
            raise Refused(_("The status was changed again since; nothing was undone."))
        return _set_status(actor, now, ticket, was, Before(was, solved_at, confirmed_at))


def _set_status(actor: Actor, now: datetime, ticket: Ticket, status: str, restored: Before | None = None) -> Ticket:
    data = {"was": ticket.get_status_display(), "became": str(Status(status).label)}
    if ticket.status == Status.SOLVED:
        stop_asking(actor=actor, now=now, ticket=ticket)
    was, solved_at, ticket.status = ticket.status, ticket.solved_at, status
    since = restored if restored and restored.solved_at else Before(status, solved_at=now)
    is_solved = status == Status.SOLVED
    ticket.solved_at, ticket.confirmed_at = (since.solved_at, since.confirmed_at) if is_solved else (None, None)
    write(ticket, now, "status", "solved_at", "confirmed_at")
    record(actor=actor, verb="ticket.status_changed", subject=ticket, now=now, data=data)
    clocks.on_status(actor=actor, now=now, ticket=ticket, was=was, solved_at=solved_at)
    if Status.SOLVED in (was, status):
        finish_time(actor=actor, now=now, ticket=ticket)
    return ticket


def assign_ticket(*, actor: Actor, now: datetime, ticket: Ticket, assignee: Membership | None) -> Ticket:
    """Hand a ticket to a member of staff, or to nobody. Raises Refused for someone who left or is no staff."""
    if assignee is not None and (assignee.ended_at is not None or not assignee.is_staff_member):
        raise Refused(_("%(name)s does not work here (any more).") % {"name": assignee.name})
    _check_together(ticket.client, assignee)
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if ticket.assignee_id == (assignee.pk if assignee else None):
            return ticket
        ticket.assignee = assignee
        write(ticket, now, "assignee")
        verb, data = ("ticket.assigned", {"to": assignee.name}) if assignee else ("ticket.unassigned", {})
        record(actor=actor, verb=verb, subject=ticket, now=now, data=data)
        clocks.on_assignee(ticket=ticket)
    return ticket


def change_priority(*, actor: Actor, now: datetime, ticket: Ticket, priority: int) -> Ticket:
    """Say how much it matters."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        if ticket.priority == priority:
            return ticket
        data = {"was": ticket.get_priority_display(), "became": str(Priority(priority).label)}
        ticket.priority = priority
        write(ticket, now, "priority")
        record(actor=actor, verb="ticket.priority_changed", subject=ticket, now=now, data=data)
        clocks.on_priority(actor=actor, now=now, ticket=ticket)
    return ticket


def change_about(
    *, actor: Actor, now: datetime, ticket: Ticket, contact: Contact | None, site: Site | None, asset: Asset | None
) -> Ticket:
    """Say whose ticket it is, where, and about what. Raises Refused when one of them belongs to another client."""
    with transaction.atomic():
        ticket = hold(ticket)
        wanted: dict[str, Contact | Site | Asset | None] = {"contact": contact, "site": site, "asset": asset}
        _check_about(ticket.client, **wanted)
        changed = [name for name, row in wanted.items() if getattr(ticket, f"{name}_id") != (row.pk if row else None)]
        if not changed:
            return ticket
        if "contact" in changed and ticket.confidential_to_id:
            raise Refused(_("This is confidential to its contact, who therefore stays the same."))
        for name in changed:
            setattr(ticket, name, wanted[name])
        write(ticket, now, *changed)
        now_about = ", ".join(str(row) for row in wanted.values() if row) or _("nothing in particular")
        record(actor=actor, verb="ticket.about_changed", subject=ticket, now=now, data={"about": now_about})
        make_findable(ticket)
    return ticket


def rewrite_subject(*, actor: Actor, now: datetime, ticket: Ticket, was: str, subject: str) -> Ticket:
    """Rename a ticket. `was` is what the writer had before them: raises Stale when it reads differently by now."""
    return _rewrite(actor, now, ticket, field="subject", was=was, text=subject)


def rewrite_summary(*, actor: Actor, now: datetime, ticket: Ticket, was: str, summary: str) -> Ticket:
    """Say where it stands, for the team. Raises Stale as `rewrite_subject` does."""
    return _rewrite(actor, now, ticket, field="summary", was=was, text=summary)


def _rewrite(actor: Actor, now: datetime, ticket: Ticket, *, field: str, was: str, text: str) -> Ticket:
    with transaction.atomic():
        ticket = hold(ticket)
        current: str = getattr(ticket, field)
        if current == text:
            return ticket
        if current != was:
            raise Stale(_("Somebody changed this while you were writing."), current)
        setattr(ticket, field, text)
        write(ticket, now, field)
        record(actor=actor, verb=f"ticket.{field}_rewritten", subject=ticket, now=now, data={"was": current})
        if field == "subject":
            make_findable(ticket)
    return ticket


def _describe(
    ticket: Ticket, actor: Actor, *, body: str, author: Membership | None, contact: Contact | None
) -> Message:
    """The first message: what the client said, in their words or in those of whoever took the call. Told as the new ticket."""
    at = ticket.created_at
    said: dict[str, object] = {"visibility": Visibility.PUBLIC, "at": at, "visible_at": at}
    said |= {"confidential_to_id": ticket.confidential_to_id, "author_name": _who_said(actor, author, contact)}
    said |= {"body": body, "author": author, "contact": None if author else contact}
    first = Message.objects.create(ticket=ticket, client=ticket.client, **said)
    announce_created(now=at, ticket=ticket, first=first)
    return first


def _who_said(actor: Actor, author: Membership | None, contact: Contact | None) -> str:
    """Whose name stands at the description. A program speaks for a person: its own name stands in the activity log."""
    if author is not None:
        return author.name
    return contact.name if contact is not None and actor.kind == ActorKind.TOKEN else actor.name


def _number(ticket: Ticket, form_key: UUID | None) -> Ticket | None:
    """Give a new ticket the shop's next number; or return the one that the same form has made already.

    The row of the count stays locked until the transaction ends, so a second press waits here and finds the first one's ticket.
    """
    row = TicketSettings.objects.select_for_update().first()
    if row is None:
        TicketSettings.objects.get_or_create()
        row = TicketSettings.objects.select_for_update().get()
    said = {"client_id": ticket.client_id, "subject": ticket.subject}
    twin, ticket.form_key = made_by(Ticket.objects.all(), form_key, **said)
    if twin is None:
        ticket.number, row.next_number = row.next_number, row.next_number + 1
        row.save(update_fields=["next_number"])
    return twin


def _begin(ticket: Ticket, now: datetime, *, confidential: bool) -> None:
    """The client waits from now on; where the ticket stands follows."""
    ticket.confidential_to = ticket.contact if confidential else None
    ticket.boosted = boost_of(ticket.client) is not None
    ticket.created_at = ticket.changed_at = ticket.client_waiting_since = now
    place(ticket)


def check_opening(client: Client, assignee: Membership | None, **about: Contact | Site | Asset | None) -> None:
    """Raises Refused unless the client may have a ticket with this assignee about these."""
    _check_living(client)
    _check_about(client, **about)
    _check_together(client, assignee)


def _check_together(client: Client, member: Membership | None) -> None:
    if member is not None and are_kept_apart(client, member):
        words = {"name": member.name, "client": client.name}
        raise Refused(
            _("%(name)s is not to be assigned to %(client)s. Choose somebody else, or ask the owner.") % words
        )


def _check_living(client: Client) -> None:
    if client.is_archived:
        raise Refused(_("%(client)s is archived. Restore the client first.") % {"client": client.name})


def _check_about(client: Client, **about: Contact | Site | Asset | None) -> None:
    for row in about.values():
        if row is not None and row.client_id != client.pk:
            words = {"row": str(row), "client": client.name}
            raise Refused(_("%(row)s does not belong to %(client)s.") % words)
