"""Whether a request may have a ticket or a time entry: 404 for not yours, by the walls; 403 for not allowed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from clients.models import Client, Contact
from msp.accounts.choices import Capability, MembershipKind, Role
from msp.accounts.models import Membership
from msp.accounts.requests import StaffRequest
from msp.api.rules import Conflict
from msp.tenancy.ids import id_from
from msp.tenancy.tokens import Token

from .models import (
    Attachment,
    Category,
    KeptApart,
    Label,
    Message,
    Rating,
    RecurringTicket,
    SavedReply,
    SavedView,
    SlaAssignment,
    SlaClock,
    SlaPolicy,
    SolvedLink,
    Task,
    Ticket,
    TicketTemplate,
    TimeEntry,
    TimeWeek,
)
from .queries.queues import workers

# Not what few tickets have and is as wide as a ticket: the one it makes good or goes on from is read where it is shown.
_NAMED = ("client", "contact", "site", "asset", "assignee", "category")


def check_activity(request: StaffRequest, subject_id: UUID) -> None:
    """Who sees a ticket sees all that was done to it. Raises Http404 or PermissionDenied."""
    if not request.membership.can(Capability.TICKETS_VIEW):
        raise PermissionDenied
    get_object_or_404(Ticket.objects, pk=subject_id)


def ticket_or_404(ticket_number: int) -> Ticket:
    return get_object_or_404(Ticket.objects.select_related(*_NAMED), number=ticket_number)


def portal_ticket_or_404(ticket_number: int) -> Ticket:
    """A request of the contact's own client, without the team's words about it."""
    return get_object_or_404(
        Ticket.objects.select_related("assignee", "contact").defer("summary"), number=ticket_number
    )


def message_or_404(ticket_number: int, message_id: UUID) -> Message:
    rows = Message.objects.standing().select_related("ticket")
    return get_object_or_404(rows, pk=message_id, ticket__number=ticket_number)


def time_or_404(ticket_number: int, time_entry_id: UUID) -> TimeEntry:
    rows = TimeEntry.objects.select_related("ticket", "ticket__client", "member")
    return get_object_or_404(rows, pk=time_entry_id, ticket__number=ticket_number)


def attachment_or_404(me: Membership, ticket_number: int, attachment_id: UUID) -> Attachment:
    """A file of a message, or one that this member holds and has not sent."""
    rows = Attachment.objects.select_related("file", "thumbnail", "ticket").filter(ticket__number=ticket_number)
    return get_object_or_404(rows.filter(Q(message__isnull=False) | Q(holder=me)), pk=attachment_id)


def held_or_404(me: Membership, ticket_number: int, attachment_id: UUID) -> Attachment:
    rows = Attachment.objects.held_by(me).select_related("ticket")
    return get_object_or_404(rows, pk=attachment_id, ticket__number=ticket_number)


def portal_attachment_or_404(ticket: Ticket, attachment_id: UUID, now: datetime) -> Attachment:
    """A file of a message that the contact can read by now: the message itself is asked, so whatever hides it hides its files."""
    rows = Attachment.objects.select_related("file", "thumbnail").filter(
        ticket=ticket, message__in=Message.objects.shown_to_client(now).filter(ticket=ticket)
    )
    return get_object_or_404(rows, pk=attachment_id)


def category_or_404(asked: str) -> Category | None:
    """The living category with this id, None for an empty one."""
    return get_object_or_404(Category.objects.living(), pk=_id_or_404(asked)) if asked else None


def label_or_404(asked: str) -> Label:
    """A label, living or not: an old one can still be taken off."""
    return get_object_or_404(Label, pk=_id_or_404(asked))


def _id_or_404(asked: str) -> UUID:
    if (found := id_from(asked)) is None:
        raise Http404
    return found


def saved_reply_or_404(me: Membership, saved_reply_id: UUID) -> SavedReply:
    """The shop's or one's own; a colleague's own is not there."""
    return get_object_or_404(SavedReply.objects.filter(Q(owner=None) | Q(owner=me)), pk=saved_reply_id)


def own_saved_reply_or_refuse(me: Membership, reply: SavedReply) -> None:
    """One changes one's own; the shop's are changed by whoever manages its settings."""
    if reply.owner_id != me.pk and not me.can(Capability.SETTINGS_MANAGE):
        raise PermissionDenied


def saved_view_or_404(me: Membership, saved_view_id: UUID) -> SavedView:
    return get_object_or_404(SavedView.objects.filter(Q(owner=None) | Q(owner=me)), pk=saved_view_id)


def own_saved_view_or_refuse(me: Membership, view: SavedView) -> None:
    """One puts away one's own; what everybody sees is for whoever may share."""
    if view.owner_id != me.pk and not me.can(Capability.TICKETS_ASSIGN):
        raise PermissionDenied


def person_or_404(ticket: Ticket, asked: str) -> Membership | Contact:
    """Who may follow a ticket: "m:<member of staff>" or "c:<contact of its client>"."""
    kind, _sep, key = asked.partition(":")
    if kind == "m":
        return get_object_or_404(Membership, pk=_id_or_404(key), kind=MembershipKind.STAFF)
    return get_object_or_404(Contact, pk=_id_or_404(key), client=ticket.client_id)


def task_or_404(ticket_number: int, task_id: UUID) -> Task:
    rows = Task.objects.select_related("ticket", "ticket__client", "owner")
    return get_object_or_404(rows, pk=task_id, ticket__number=ticket_number)


def template_or_404(asked: str) -> TicketTemplate:
    return get_object_or_404(TicketTemplate.objects.living().select_related("category"), pk=_id_or_404(asked))


def recurring_or_404(recurring_ticket_id: UUID) -> RecurringTicket:
    return get_object_or_404(RecurringTicket.objects.select_related("client", "template"), pk=recurring_ticket_id)


def week_or_404(me: Membership, time_week_id: UUID) -> TimeWeek:
    """A week of a colleague's to decide about. Nobody approves their own, except an owner."""
    week = get_object_or_404(TimeWeek.objects.select_related("member"), pk=time_week_id)
    if week.member_id == me.pk and Role.OWNER not in me.roles:
        raise PermissionDenied
    return week


def own_reply_or_refuse(me: Membership, message: Message) -> None:
    """Only who wrote a reply takes it back."""
    if message.author_id != me.pk:
        raise PermissionDenied


def may_correct(me: Membership, entry: TimeEntry) -> bool:
    """Who works on tickets corrects their own time; who assigns work or checks invoices corrects everybody's."""
    of_others = me.can(Capability.TICKETS_ASSIGN) or me.can(Capability.BILLING_DRAFT)
    return of_others or (entry.member_id == me.pk and me.can(Capability.TICKETS_WORK))


def own_time_or_refuse(me: Membership, entry: TimeEntry) -> None:
    if not may_correct(me, entry):
        raise PermissionDenied


def undo_or_refuse(me: Membership, act: str) -> None:
    """Who may not work on tickets takes back what they did to somebody's time, and nothing else."""
    if not me.can(Capability.TICKETS_WORK) and not (act == "deleted" and me.can(Capability.BILLING_DRAFT)):
        raise PermissionDenied


def assignee_or_refuse(me: Membership, asked: str) -> Membership | None:
    """The member named by id, "me", or "" for nobody. Everybody may take a ticket or let it go; to give it to somebody else is a right.

    Raises Http404 for who does not work here, PermissionDenied without the right.
    """
    if asked in ("", "me"):
        return me if asked else None
    wanted = id_from(asked)
    found = next((person for person in workers() if person.pk == wanted), None)
    if found is None:
        raise Http404
    if found.pk != me.pk and not me.can(Capability.TICKETS_ASSIGN):
        raise PermissionDenied
    return found


def assignee_for(me: Membership | None, key: UUID | None) -> Membership | None:
    """As `assignee_or_refuse`, for a program: that of a member as they may, the shop's own as whoever assigns work.

    Raises Conflict for who does not work here, PermissionDenied without the right.
    """
    found = None if key is None else next((person for person in workers() if person.pk == key), None)
    if key is not None and found is None:
        raise Conflict(_("Nobody with this id works here."), assignee=_("There is nobody with this id."))
    if found is not None and me is not None and found.pk != me.pk and not me.can(Capability.TICKETS_ASSIGN):
        raise PermissionDenied
    return found


def worker_for(me: Membership | None, key: UUID | None, field: str) -> Membership:
    """In whose name a program writes: its member's and nobody else's, or for the shop's own the one it names. Raises Conflict."""
    if me is not None:
        if key not in (None, me.pk):
            raise Conflict(_("A personal token speaks for its own member."), **{field: _("Leave it out.")})
        return me
    found = next((person for person in workers() if person.pk == key), None)
    if found is None:
        raise Conflict(_("Say who it is."), **{field: _("The id of somebody who works here is needed.")})
    return found


def client_asked_for(slug: str, *, archived: bool = False) -> Client | None:
    """The living client with this short name, or, typed by hand, of exactly this name; with `archived` one that left, too."""
    found = Client.objects.all() if archived else Client.objects.living()
    found = found.order_by(F("archived_at").desc(nulls_first=True))
    try:
        return found.filter(slug=slug).first() or found.filter(name__iexact=slug).first()
    except ValidationError:
        return None


def solved_link_of(token: Token) -> SolvedLink | None:
    """What a mailed link names, if its secret is right. Needs the scope of the token's shop."""
    rows = SolvedLink.objects.select_related("tenant", "ticket", "contact").filter(pk=token.row_id)
    found = rows.filter(contact__archived_at=None, client__archived_at=None).first()
    return found if found is not None and token.matches(found.secret_hash) else None


def rating_or_404(rating_id: UUID) -> Rating:
    return get_object_or_404(Rating.objects.select_related("ticket"), pk=rating_id)


def kept_apart_or_404(client_slug: str, kept_apart_id: UUID) -> KeptApart:
    rows = KeptApart.objects.select_related("client", "member")
    return get_object_or_404(rows, pk=kept_apart_id, client__slug=client_slug)


def policy_or_404(sla_policy_id: UUID) -> SlaPolicy:
    return get_object_or_404(SlaPolicy.objects, pk=sla_policy_id, archived_at=None)


def assignment_or_404(sla_policy_id: UUID, sla_assignment_id: UUID) -> SlaAssignment:
    rows = SlaAssignment.objects.select_related("policy", "client", "site")
    return get_object_or_404(rows, pk=sla_assignment_id, policy=sla_policy_id)


def clock_or_404(ticket_number: int, sla_clock_id: UUID) -> SlaClock:
    rows = SlaClock.objects.select_related("promise", "ticket")
    return get_object_or_404(rows, pk=sla_clock_id, ticket__number=ticket_number)
