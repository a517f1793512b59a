"""The ticket's page, and a new ticket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Contact
from clients.queries import client_list
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from tickets import actions
from tickets.access import (
    assignee_or_refuse,
    category_or_404,
    client_asked_for,
    may_correct,
    template_or_404,
    ticket_or_404,
)
from tickets.forms import AnswersForm, ComposerForm, NewTicketForm
from tickets.models import Attachment, Ticket, TimeEntry, Watcher
from tickets.queries import ticket as reading
from tickets.queries import together
from tickets.queries.around import linked_to, watchers_of
from tickets.queries.catalogue import branches, category_choices, fields_of, said_on
from tickets.queries.files import files_on, held_of
from tickets.queries.incoming import sender_to_add
from tickets.queries.parts import Part, parts_of
from tickets.queries.plans import tasks_of, templates
from tickets.queries.queues import workers
from tickets.queries.ratings import rating_of
from tickets.queries.together import standing
from tickets.rules import Refused

from .answers import nothing_new, seen, wants_part
from .properties import head_context
from .tasks import tasks_context
from .timers import timer_of_request
from .together import presence_context

CLIENTS_SHOWN = 20
TIMES_SHOWN = 20  # entries in the rail


def ticket_context(request: StaffRequest, ticket: Ticket, composer: ComposerForm | None = None) -> dict[str, Any]:
    """What tickets/detail.html shows; a `composer` that was filled in keeps what was typed."""
    has = parts_of(ticket)
    times, files, thread = _read(request, ticket, has)
    around = _together_context(request, ticket, has)
    context = head_context(request, ticket) | _time_context(request, ticket, times)
    context |= tasks_context(ticket, tasks_of(ticket) if Part.TASKS in has else [])
    context |= around | _composer_context(request, ticket, thread, around["watchers"], composer)
    return context | {
        "thread": thread,
        "whole": "all" in request.GET,
        "thread_seen": _thread_mark(thread),
        "held": held_of(files, request.membership),
        "said": said_on(ticket),
        "today": timezone.localdate(),
        "linked": linked_to(ticket) if Part.ASSETS in has else [],
        "standing": reading.standing_with(ticket, timezone.now()),
        **_activity_context(ticket),
    }


def _read(
    request: StaffRequest, ticket: Ticket, has: frozenset[Part]
) -> tuple[list[TimeEntry], list[Attachment], reading.Thread]:
    """Time, files and conversation of the ticket and of what was merged into it."""
    all_of_it = together.with_merged(ticket) if Part.MERGED in has else [ticket.pk]
    times = reading.times_on(all_of_it)
    files = files_on(all_of_it) if has & {Part.FILES, Part.MERGED} else []
    return times, files, reading.thread_of(ticket, times, files, of=all_of_it, whole="all" in request.GET)


def _activity_context(ticket: Ticket) -> dict[str, Any]:
    """The latest acts, and where all of them are when these may not be all."""
    latest = reading.activity_of(ticket)
    is_cut = len(latest) == reading.SHOWN_ACTIVITY
    return {
        "activity": latest,
        "all_activity": reverse("audit:panel", args=["tickets.ticket", ticket.pk]) if is_cut else "",
    }


def _composer_context(
    request: StaffRequest,
    ticket: Ticket,
    thread: reading.Thread,
    watchers: list[Watcher],
    composer: ComposerForm | None,
) -> dict[str, Any]:
    """Who can be written to, who is ticked at first, and what was typed or taken back."""
    people = reading.people_of(ticket)
    copied = [str(person.pk) for person in people if person.email in reading.last_cc(thread.turns)]
    following = {str(row.contact_id) for row in watchers if row.contact_id and row.contact_id != ticket.contact_id}
    restored = reading.withdrawn_draft(ticket, request.membership, request.GET.get("restore", ""))
    start = {"body": restored.body if restored else "", "cc": list({*copied, *following})}
    composer = composer or ComposerForm(people=people, initial=start)
    return {
        "contacts": people,
        "composer": composer,
        "copied": (ticked := [person for person in composer.ticked if person.pk != ticket.contact_id]),
        "send_to": _listed([*([ticket.contact] if ticket.contact else []), *ticked]),
    }


def _together_context(request: StaffRequest, ticket: Ticket, has: frozenset[Part]) -> dict[str, Any]:
    """What belongs to the ticket, what they thought of it, who follows it, and who else is here."""
    watchers = watchers_of(ticket) if Part.WATCHERS in has else []
    return presence_context(request, ticket) | {
        "watchers": watchers,
        "watching": {row.person.pk for row in watchers},
        "family": together.family_of(ticket) if has & {Part.PARENT, Part.CHILDREN} else together.ALONE,
        "mail_sender": sender_to_add(ticket),
        "took_in": together.merged_into(ticket) if Part.MERGED in has else [],
        "undo_from": timezone.now() - actions.UNMERGE_FOR,
        "reworks": together.reworks_of(ticket) if Part.REWORKS in has else [],
        "rating": rating_of(ticket) if ticket.solved_at else None,
    }


def _thread_mark(thread: reading.Thread) -> str:
    """What a poll of the conversation has seen: messages, and the pictures drawn meanwhile."""
    return seen((turn.message.pk, [file.thumbnail_id for file in turn.files]) for turn in thread.turns)


def _listed(people: list[Contact]) -> str:
    """The people a mail would reach: "Anita Patel, Tom and Marie Coyle"."""
    names = [person.name for person in people if person.email]
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def _time_context(request: StaffRequest, ticket: Ticket, times: list[TimeEntry]) -> dict[str, Any]:
    """The time on the ticket, mine of today, and my clock if it runs here."""
    running, today = timer_of_request(request), timezone.localdate()
    timer = running if running and running.ticket_id == ticket.pk else None
    mine = [entry for entry in times if entry.member_id == request.membership.pk]
    shown = times if "all" in request.GET else times[:TIMES_SHOWN]
    return {
        "times_shown": shown,
        "times_hidden": len(times) - len(shown),
        "correctable": {entry.pk for entry in shown if not entry.is_locked and may_correct(request.membership, entry)},
        "minutes": sum(entry.minutes for entry in times),
        "minutes_today": sum(entry.minutes for entry in mine if timezone.localdate(entry.started_at) == today),
        "timer": timer,
        "timer_minutes": timer.minutes(timezone.now()) if timer else "",
        "minutes_again": request.GET.get("minutes", ""),
        "work_note_again": request.GET.get("work_note", ""),
        "log_asked": "log" in request.GET,
    }


@require_safe
@staff(Capability.TICKETS_VIEW)
def detail(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    ticket = ticket_or_404(ticket_number)
    if ticket.merged_into_id:
        return redirect(standing(ticket))
    return render(request, "tickets/detail.html", ticket_context(request, ticket))


@require_safe
@staff(Capability.TICKETS_VIEW)
def thread(request: StaffRequest, ticket_number: int) -> HttpResponse:
    """The conversation alone, asked for every half minute."""
    ticket = ticket_or_404(ticket_number)
    _times, _files, shown = _read(request, ticket, parts_of(ticket))
    mark = _thread_mark(shown)
    context = {"ticket": ticket, "thread": shown, "thread_seen": mark}
    return nothing_new(request, mark) or render(request, "tickets/_thread.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def create(request: StaffRequest) -> HttpResponseBase:
    """First whose ticket it is, by search; then the ticket."""
    client = client_asked_for(typed(request.GET, "client", 160))
    if client is None:
        words = typed(request.GET, "q")
        found = client_list(words=words).order_by("name")[:CLIENTS_SHOWN]
        part = "tickets/_client_choices.html" if wants_part(request) else "tickets/choose_client.html"
        return render(request, part, {"clients": found, "words": words})
    form, asked = _new_form(request, client), _asked_fields(request)
    if form.is_bound and form.is_valid() & asked.is_valid() and (opened := _open(request, form, asked, client)):
        return opened
    context = {"form": form, "asked": asked, "client": client, "templates": templates()}
    return render(request, "tickets/new.html", context, status=422 if form.is_bound else 200)


@require_safe
@staff(Capability.TICKETS_WORK)
def new_fields(request: StaffRequest) -> HttpResponse:
    """What a new ticket of a category is asked, while somebody fills it in."""
    return render(request, "tickets/_asked.html", {"asked": _asked_fields(request)})


def _new_form(request: StaffRequest, client: Any) -> NewTicketForm:
    people = workers() if request.membership.can(Capability.TICKETS_ASSIGN) else [request.membership]
    offered: dict[str, Any] = {"people": people, "categories": category_choices(branches(), _("None yet"))}
    start = {"assignee": str(request.membership.pk)} | _from_template(request)
    return NewTicketForm(request.POST or None, request.FILES or None, client=client, initial=start, **offered)


def _from_template(request: StaffRequest) -> dict[str, Any]:
    """What a chosen template fills in; the person may change all of it."""
    if not request.GET.get("template"):
        return {}
    chosen = template_or_404(request.GET["template"])
    about = {"subject": chosen.subject, "body": chosen.body, "priority": chosen.priority}
    return about | {"category": str(chosen.category_id or "")}


def _asked_fields(request: StaffRequest) -> AnswersForm:
    category = category_or_404(request.POST.get("category") or request.GET.get("category", ""))
    return AnswersForm(request.POST or None, asked=fields_of(category), answers={}, opening=True)


def _open(request: StaffRequest, form: NewTicketForm, asked: AnswersForm, client: Any) -> HttpResponseBase | None:
    values = form.cleaned_data | {"assignee": assignee_or_refuse(request.membership, form.cleaned_data["assignee"])}
    values |= {"category": category_or_404(values.get("category", "")), "answers": asked.answers}
    me = request.membership
    try:
        values["kept"] = actions.keep_uploads(values.pop("uploads"))
    except Refused as reason:
        form.add_error("uploads", str(reason))
        return None
    ticket = actions.open_ticket(actor=request.actor, now=timezone.now(), client=client, author=me, **values)
    if chosen := request.GET.get("template"):
        plan, today = template_or_404(chosen), timezone.localdate()
        actions.add_tasks_of(actor=request.actor, now=ticket.created_at, ticket=ticket, template=plan, today=today)
    messages.success(request, _("Ticket #%(number)s is open.") % {"number": ticket.number})
    return redirect(ticket)
