"""The tasks of a ticket."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import task_or_404, template_or_404, ticket_or_404
from tickets.forms import QuickTaskForm, TaskForm
from tickets.models import Task, Ticket
from tickets.queries.plans import open_tasks, tasks_of, templates
from tickets.queries.queues import staff_rows
from tickets.rules import Refused

from .answers import form_errors, wants_part


def tasks_context(ticket: Ticket, rows: list[Task]) -> dict[str, object]:
    """What tickets/_tasks.html shows of these tasks. One query."""
    done = sum(1 for row in rows if row.done_at)
    return {"tasks": rows, "tasks_done": done, "task_lists": [each for each in templates() if each.tasks]}


def _part(request: StaffRequest, ticket: Ticket) -> HttpResponseBase:
    """The list anew, or the page for who has no script."""
    if not wants_part(request):
        return redirect(ticket)
    context = {
        "ticket": ticket,
        "may_work": True,
        "today": timezone.localdate(),
        **tasks_context(ticket, tasks_of(ticket)),
    }
    return render(request, "tickets/_tasks.html", context)


def _try(request: StaffRequest, ticket: Ticket, act: Callable[[], object]) -> HttpResponseBase:
    try:
        act()
    except Refused as reason:
        messages.error(request, str(reason))
    return _part(request, ticket)


@require_POST
@staff(Capability.TICKETS_WORK)
def add(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """One task, or a template's whole list."""
    ticket, now = ticket_or_404(ticket_number), timezone.now()
    if chosen := request.POST.get("template"):
        template, today = template_or_404(chosen), timezone.localdate(now)
        given = {"actor": request.actor, "now": now, "ticket": ticket}
        return _try(request, ticket, lambda: actions.add_tasks_of(**given, template=template, today=today))  # type: ignore[arg-type]
    form = QuickTaskForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_errors(form))
        return _part(request, ticket)
    title = form.cleaned_data["title"]
    return _try(request, ticket, lambda: actions.add_task(actor=request.actor, now=now, ticket=ticket, title=title))


@require_POST
@staff(Capability.TICKETS_WORK)
def tick(request: StaffRequest, ticket_number: int, task_id: UUID) -> HttpResponseBase:
    """Done, or not done after all: what the button said."""
    task, done = task_or_404(ticket_number, task_id), request.POST.get("done") == "yes"
    act = lambda: actions.tick_task(actor=request.actor, now=timezone.now(), task=task, done=done)  # noqa: E731
    return _try(request, task.ticket, act)


@require_POST
@staff(Capability.TICKETS_WORK)
def up(request: StaffRequest, ticket_number: int, task_id: UUID) -> HttpResponseBase:
    task = task_or_404(ticket_number, task_id)
    return _try(request, task.ticket, lambda: actions.raise_task(actor=request.actor, now=timezone.now(), task=task))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.TICKETS_WORK)
def edit(request: StaffRequest, ticket_number: int, task_id: UUID) -> HttpResponseBase:
    task = task_or_404(ticket_number, task_id)
    form = TaskForm(request.POST if request.method == "POST" else None, instance=task, people=staff_rows())
    if form.is_bound and form.is_valid():
        try:
            actions.change_task(actor=request.actor, now=timezone.now(), task=task, **form.cleaned_data)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("Saved."))
            return redirect(task.ticket)
    status = 422 if form.errors else 200
    return render(request, "tickets/task.html", {"form": form, "task": task, "ticket": task.ticket}, status=status)


@require_POST
@staff(Capability.TICKETS_WORK)
def drop(request: StaffRequest, ticket_number: int, task_id: UUID) -> HttpResponseBase:
    task = task_or_404(ticket_number, task_id)
    try:
        actions.drop_task(actor=request.actor, now=timezone.now(), task=task)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("“%(title)s” is off the list.") % {"title": task.title})
    return redirect(task.ticket)


@require_safe
@staff(Capability.TICKETS_WORK)
def solve(request: StaffRequest, ticket_number: int) -> HttpResponse:
    """Asks before a ticket with open tasks is solved."""
    ticket = ticket_or_404(ticket_number)
    return render(request, "tickets/solve.html", {"ticket": ticket, "titles": open_tasks(ticket)})
