"""What the service desk offers to the shell and to the activity log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from clients.registry import PANELS, ClientPanel, PromiseKind, PromiseSubject, offer_promises
from msp.accounts.choices import Capability, PortalCapability
from msp.accounts.registry import (
    ChecklistStep,
    Command,
    Counted,
    Hit,
    NavItem,
    PortalPanel,
    SearchProvider,
    SettingsPage,
    TopbarPart,
    offer,
)
from msp.accounts.requests import StaffRequest
from msp.api.registry import REFUSALS, refuse
from msp.api.rules import Refusal
from msp.audit.registry import let_read, say
from msp.jobs.registry import JobKind, Queue
from msp.jobs.registry import register as register_queues
from msp.mail.models import InboundMessage
from msp.mail.registry import BY_HAND, ByHand, Taken, Taker, offer_taker
from msp.search.queries import find
from msp.webhooks.registry import EventKind, offer_events

from .access import check_activity
from .actions import take_in_mail
from .choices import ClockKind
from .models import Ticket
from .portal.requests import needs_panel, working_panel
from .queries.queues import open_tickets_of
from .rules import Refused, Stale
from .rules.leaks import Leaking
from .views.timers import chip_context

SENTENCES: dict[str, StrOrPromise] = {
    "ticket.opened": _("%(actor)s opened ticket #%(number)s"),
    "ticket.replied": _("%(actor)s replied to %(to)s"),
    "ticket.leak_allowed": _("%(actor)s sent it although it names %(named)s, because: %(because)s"),
    "ticket.reply_withdrawn": _("%(actor)s took the reply to %(to)s back before it left"),
    "ticket.client_replied": _("%(actor)s replied"),
    "ticket.files_added": _("%(actor)s added %(names)s"),
    "ticket.file_dropped": _("%(actor)s threw the file %(name)s away before it was sent"),
    "ticket.note_withdrawn": _("%(actor)s took an internal note back"),
    "ticket.noted": _("%(actor)s wrote an internal note"),
    "ticket.confirmed": _("%(actor)s confirmed that it works"),
    "ticket.status_changed": _("%(actor)s changed the status from %(was)s to %(became)s"),
    "ticket.assigned": _("%(actor)s assigned the ticket to %(to)s"),
    "ticket.unassigned": _("%(actor)s assigned the ticket to nobody"),
    "ticket.returned": _("%(name)s left, so %(actor)s put the ticket back to Unassigned"),
    "ticket.priority_changed": _("%(actor)s changed the priority from %(was)s to %(became)s"),
    "ticket.weighed": _("%(actor)s said that it hits: %(impact)s, and how pressing it is: %(urgency)s"),
    "ticket.categorised": _("%(actor)s put the ticket under %(category)s"),
    "ticket.uncategorised": _("%(actor)s put the ticket under no category"),
    "ticket.fields_answered": _("%(actor)s filled in %(names)s"),
    "ticket.labelled": _("%(actor)s put the label %(label)s on"),
    "ticket.unlabelled": _("%(actor)s took the label %(label)s off"),
    "ticket.settings_changed": _("%(actor)s changed the limits of files or the matrix of priorities"),
    "task.added": _("%(actor)s added the task “%(title)s”"),
    "task.list_added": _("%(actor)s added %(number)s tasks from “%(template)s”"),
    "task.done": _("%(actor)s did “%(title)s”"),
    "task.reopened": _("%(actor)s said that “%(title)s” is not done"),
    "task.changed": _("%(actor)s changed the task “%(title)s”"),
    "task.dropped": _("%(actor)s took the task “%(title)s” off the list"),
    "recurring.added": _("%(actor)s planned “%(template)s” to come again and again"),
    "recurring.changed": _("%(actor)s changed the plan of “%(template)s”"),
    "recurring.skipped": _("%(actor)s left the next “%(template)s” out"),
    "recurring.paused": _("%(actor)s paused “%(template)s” until %(until)s"),
    "recurring.resumed": _("%(actor)s let “%(template)s” go on"),
    "recurring.ended": _("%(actor)s ended “%(template)s”"),
    "word.added": _("%(actor)s added the %(kind)s %(name)s"),
    "word.changed": _("%(actor)s changed the %(kind)s %(name)s"),
    "word.archived": _("%(actor)s archived the %(kind)s %(name)s"),
    "word.restored": _("%(actor)s brought the %(kind)s %(name)s back"),
    "ticket.watched": _("%(name)s follows the ticket (%(actor)s)"),
    "ticket.unwatched": _("%(name)s follows the ticket no more (%(actor)s)"),
    "ticket.assets_linked": _("%(actor)s said that it is also about %(names)s"),
    "ticket.about_changed": _("%(actor)s said that it is about %(about)s"),
    "ticket.sorted": _("%(actor)s gave the ticket to %(client)s"),
    "ticket.subject_rewritten": _("%(actor)s renamed the ticket, which was called “%(was)s”"),
    "ticket.summary_rewritten": _("%(actor)s rewrote where it stands"),
    "ticket.supplier_noted": _("%(actor)s wrote down what the supplier %(supplier)s said, their number %(reference)s"),
    "sla.policy_created": _("%(actor)s added the service level “%(name)s”"),
    "sla.policy_changed": _("%(actor)s changed the service level “%(name)s”"),
    "sla.policy_archived": _("%(actor)s archived the service level “%(name)s”"),
    "sla.made_default": _("%(actor)s made “%(name)s” the shop's own service level"),
    "sla.assigned": _("%(actor)s gave %(to)s the service level “%(name)s”"),
    "sla.unassigned": _("%(actor)s took the service level of its own from %(to)s"),
    "sla.exclusion_asked": _("%(actor)s asked to leave a broken deadline out of the figures (%(what)s): %(because)s"),
    "sla.exclusion_approved": _("%(actor)s left a broken deadline out of the figures: %(what)s"),
    "sla.exclusion_refused": _("%(actor)s let a broken deadline count: %(what)s"),
    "ticket.merged": _("%(actor)s merged the ticket into #%(number)s"),
    "ticket.took_in": _("%(actor)s merged #%(number)s into the ticket"),
    "ticket.unmerged": _("%(actor)s undid the merge into #%(number)s"),
    "ticket.gave_back": _("%(actor)s took #%(number)s out of the ticket again"),
    "ticket.became_child": _("%(actor)s made the ticket part of #%(number)s"),
    "ticket.got_child": _("%(actor)s made #%(child)s part of the ticket"),
    "ticket.left_parent": _("%(actor)s took the ticket out of #%(number)s"),
    "ticket.lost_child": _("%(actor)s took #%(child)s out of the ticket"),
    "ticket.answered_children": _("%(actor)s answered all %(number)s tickets that are part of it"),
    "ticket.rated": _("%(actor)s rated the work: %(face)s"),
    "ticket.rating_answered": _("%(actor)s took care of the bad rating: %(did)s"),
    "ticket.time_asked": _("%(actor)s asked the client for time to find out"),
    "ticket.brought_in": _("%(actor)s asked %(name)s for help"),
    "ticket.escalated": _("%(actor)s escalated the ticket to %(to)s"),
    "ticket.reworked": _("%(actor)s opened #%(number)s, because this was our mistake"),
    "boost.started": _("%(actor)s let %(client)s come earlier: %(reason)s"),
    "boost.ended": _("%(client)s comes as everybody does again: %(because)s"),
    "kept_apart.set": _("%(actor)s keeps %(member)s and %(client)s apart"),
    "kept_apart.lifted": _("%(actor)s lets %(member)s work for %(client)s again"),
    "call.taken": _("%(actor)s took a call about #%(number)s"),
    "week.submitted": _("%(actor)s handed in the week of %(monday)s"),
    "week.approved": _("%(actor)s approved the week of %(monday)s of %(name)s"),
    "week.returned": _("%(actor)s sent the week of %(monday)s back to %(name)s: %(because)s"),
    "ticket.closed_by_client": _("%(actor)s does not need it any more"),
    "time.logged": _("%(actor)s logged %(minutes)s min"),
    "time.changed": _("%(actor)s changed %(was)s min of time to %(minutes)s"),
    "time.deleted": _("%(actor)s deleted %(minutes)s min of time"),
    "time.locked": _("%(actor)s locked %(minutes)s min of time: %(because)s"),
    "time.unlocked": _("%(actor)s unlocked %(minutes)s min of time"),
    "timer.started": _("%(actor)s started a timer"),
    "timer.paused": _("%(actor)s paused the timer"),
    "timer.resumed": _("%(actor)s resumed the timer"),
}


def _mine(request: HttpRequest) -> QuerySet[Ticket, Any]:
    return open_tickets_of(cast(StaffRequest, request).membership)


_MINE = Counted(_mine, "", _("open tickets of yours"))
_UNASSIGNED = Counted(lambda _request: open_tickets_of(None), "warn", _("tickets that nobody has taken"))


def _find(words: str, limit: int) -> list[Hit]:
    return find(words, kind="ticket", called=_("Ticket"), limit=limit)


_C, _P = Capability, PortalCapability
OFFERS = (
    NavItem(_("Today"), "tickets:today", "layout-dashboard", _C.TICKETS_WORK, "work", 1, key="g t", phone=True),
    NavItem(_("Tickets"), "tickets:list", "ticket", _C.TICKETS_VIEW, "work", 2, key="g q", phone=True, counted=_MINE),
    NavItem(
        _("Unassigned"),
        "tickets:list",
        "inbox",
        _C.TICKETS_ASSIGN,
        "work",
        3,
        key="g u",
        query="?view=unassigned",
        counted=_UNASSIGNED,
    ),
    NavItem(_("Ratings"), "tickets:ratings", "mood-smile", _C.TICKETS_VIEW, "watch", 30),
    NavItem(_("Recurring"), "tickets:recurring", "repeat", _C.TICKETS_VIEW, "watch", 40),
    NavItem(_("Phone call"), "tickets:call", "phone", _C.TICKETS_WORK, "work", 4, key="g h"),
    NavItem(_("Time"), "tickets:time", "clock", _C.TICKETS_WORK, "work", 5, key="g m", phone=True),
    NavItem(_("Team time"), "tickets:team-time", "users", _C.TICKETS_ASSIGN, "work", 6),
    NavItem(_("Requests"), "tickets:portal-list", "message-2", _P.REQUESTS, "portal", 20, phone=True),
    SettingsPage(
        _("Service levels"),
        "tickets:sla-policies",
        "clock-exclamation",
        _C.SETTINGS_MANAGE,
        36,
        _("How soon you reply and solve, by priority and client"),
    ),
    NavItem(_("Broken deadlines"), "tickets:breaches", "clock-exclamation", _C.TICKETS_VIEW, "watch", 20),
    NavItem(_("Service levels"), "tickets:sla-report", "activity", _C.TICKETS_VIEW, "owner", 20),
    Command(_("New ticket"), "tickets:create", _C.TICKETS_WORK, key="c"),
    Command(_("Saved replies"), "tickets:replies", _C.TICKETS_WORK),
    Command(_("Ask for help"), "tickets:portal-create", _P.REQUESTS, key="c"),
    SearchProvider(_C.TICKETS_VIEW, 10, _find),
    TopbarPart("tickets/_timer_chip.html", chip_context),
    SettingsPage(
        _("Files and priorities"),
        "tickets:limits",
        "adjustments",
        _C.SETTINGS_MANAGE,
        60,
        _("Limits of files, priority from impact and urgency."),
    ),
    SettingsPage(
        _("Request forms"), "tickets:service_forms", "forms", _C.SETTINGS_MANAGE, 64, _("What clients can ask for.")
    ),
    SettingsPage(
        _("Categories"), "tickets:categories", "apps", _C.SETTINGS_MANAGE, 61, _("What kinds of work there are.")
    ),
    SettingsPage(
        _("Fields"),
        "tickets:fields",
        "list-check",
        _C.SETTINGS_MANAGE,
        62,
        _("What you ask about the tickets of a category."),
    ),
    SettingsPage(
        _("Labels"), "tickets:labels", "label", _C.SETTINGS_MANAGE, 63, _("Words that may stand on any ticket.")
    ),
    SettingsPage(
        _("Templates"),
        "tickets:templates",
        "clipboard-list",
        _C.SETTINGS_MANAGE,
        64,
        _("Tickets written beforehand, with their tasks."),
    ),
    Command(_("Recurring tickets"), "tickets:recurring-list", _C.TICKETS_VIEW),
    PortalPanel("tickets/_portal_needs.html", needs_panel, _P.REQUESTS, "main", 10),
    PortalPanel("tickets/_portal_working.html", working_panel, _P.REQUESTS, "main", 20),
    ChecklistStep(
        _("Open your first ticket"),
        _("Replies, time and invoices begin with one."),
        "tickets:create",
        _C.TICKETS_WORK,
        40,
        Ticket.objects.exists,
    ),
)


JOBS = (
    JobKind("tickets.thumbnail", _("Thumbnail"), "tickets.actions.thumbnails.DrawThumbnail"),
    JobKind("tickets.find_again", _("Search words of tickets"), "tickets.actions.finding.FindAgain"),
    JobKind("tickets.take_over", _("Tickets of somebody who left"), "tickets.actions.leaving.TakeOver"),
    Queue("recurring", _("Recurring tickets"), "tickets.RecurringTicket", "tickets.actions.recurring.OpenRecurring"),
)


def _urls(ids: Sequence[UUID]) -> dict[UUID, str]:
    numbers = Ticket.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: reverse("tickets:detail", args=[number]) for pk, number in numbers}


def _portal_urls(ids: Sequence[UUID]) -> dict[UUID, str]:
    numbers = Ticket.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: reverse("tickets:portal-detail", args=[number]) for pk, number in numbers}


EVENTS = (
    EventKind("ticket.created", _("A ticket comes in"), 10),
    EventKind("ticket.changed", _("A ticket changes"), 11),
    EventKind("ticket.message", _("A reply or note is written"), 12),
    EventKind("ticket.solved", _("A ticket is solved"), 13),
)
PROMISES = (
    PromiseSubject("tickets.ticket", _urls, _portal_urls),
    PromiseKind(ClockKind.FIRST_RESPONSE, _("First reply"), pages=True),
    PromiseKind(ClockKind.NEXT_UPDATE, _("Next update"), portal_words=_("You hear from us"), pages=True),
    PromiseKind(ClockKind.RESOLUTION, _("Solution"), pages=True),
)


def _take(message: InboundMessage, now: datetime) -> Taken | None:
    return take_in_mail(now=now, message=message)


def _leaking(error: Any) -> Refusal:
    leaks = [{"kind": leak.kind.value, "text": leak.text, "client": leak.client} for leak in error.leaks]
    return Refusal(409, "leaking", str(error), {"leaks": leaks})


def _answer_refusals() -> None:
    """What the API says to what our actions refuse."""
    refuse(Refused, "refused")
    refuse(Stale, "stale")
    REFUSALS[Leaking] = _leaking


def register() -> None:
    _answer_refusals()
    offer_taker(Taker("tickets", 50, _take))
    BY_HAND.append(ByHand(_("Make a ticket of it"), "tickets:from-mail", _C.TICKETS_WORK))
    say(SENTENCES)
    let_read("tickets.ticket", check_activity)
    offer_promises(*PROMISES)
    offer_events(*EVENTS)
    register_queues(*JOBS, Queue("boosts", _("Healing boosts"), "tickets.Boost", "tickets.actions.care.TendBoost"))
    offer(*OFFERS)
    PANELS.append(ClientPanel(_("Tickets"), "tickets:client-panel", _C.TICKETS_VIEW, 10))
