"""Taking back what was just done, as the toast offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.models import Membership
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import (
    label_or_404,
    message_or_404,
    own_reply_or_refuse,
    own_time_or_refuse,
    person_or_404,
    ticket_or_404,
    time_or_404,
    undo_or_refuse,
)
from tickets.models import Category, Ticket
from tickets.rules import Before, Clock, Refused

from .answers import back, undo_asked

Asked = Mapping[str, Any]


@require_POST
@staff(Capability.TICKETS_VIEW)
def undo(request: StaffRequest, ticket_number: int) -> HttpResponseBase:
    """Undo what the signed link names: a status, priority, assignee, reply, or an entry of time."""
    ticket = ticket_or_404(ticket_number)
    asked = undo_asked(request, ticket)
    undo_or_refuse(request.membership, asked["act"] if asked else "")
    where: str | None = None
    try:
        if asked is None:
            raise Refused(_("It is too late to undo this."))
        where = UNDO[asked["act"]](request, ticket, asked)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Undone."))
    return redirect(where) if where else back(request, ticket)


def _status(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    before = asdict(Before.from_words(asked["before"]))
    actions.restore_status(actor=request.actor, now=timezone.now(), ticket=ticket, became=asked["became"], **before)


def _assignee(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    if str(ticket.assignee_id or "") != asked["became"]:
        raise Refused(_("It was assigned again since; nothing was undone."))
    before = Membership.objects.filter(pk=asked["was"]).first() if asked["was"] else None
    actions.assign_ticket(actor=request.actor, now=timezone.now(), ticket=ticket, assignee=before)


def _priority(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    actions.change_priority(actor=request.actor, now=timezone.now(), ticket=ticket, priority=asked["was"])


def _category(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    before = Category.objects.filter(pk=asked["was"]).first() if asked["was"] else None
    actions.change_category(actor=request.actor, now=timezone.now(), ticket=ticket, category=before)


def _weight(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    impact, urgency, priority = asked["was"]
    actions.weigh(
        actor=request.actor, now=timezone.now(), ticket=ticket, impact=impact, urgency=urgency, priority=priority
    )


def _label(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    act = actions.put_label if asked["was"] else actions.take_label
    act(actor=request.actor, now=timezone.now(), ticket=ticket, label=label_or_404(asked["label"]))


def _watch(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    act = actions.watch if asked["was"] else actions.unwatch
    act(actor=request.actor, now=timezone.now(), ticket=ticket, person=person_or_404(ticket, asked["who"]))


def _reply(request: StaffRequest, ticket: Ticket, asked: Asked) -> str:
    """The words go back into the composer, and the time into its fields."""
    message = message_or_404(ticket.number, UUID(asked["message"]))
    own_reply_or_refuse(request.membership, message)
    before = {"before": Before.from_words(asked["before"]), "became": asked["became"], "clock": _clock(asked["clock"])}
    actions.take_back_reply(actor=request.actor, now=timezone.now(), message=message, **before)
    page = reverse("tickets:detail", kwargs={"ticket_number": ticket.number})
    again = {"restore": message.pk, "minutes": asked["minutes"] or "", "work_note": asked["work_note"]}
    return f"{page}?{urlencode(again)}#composer"


def _clock(words: Asked | None) -> Clock | None:
    if words is None:
        return None
    running = datetime.fromisoformat(words["running_since"]) if words["running_since"] else None
    return Clock(datetime.fromisoformat(words["started_at"]), running, words["banked"])


def _logged(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    entry = time_or_404(ticket.number, UUID(asked["entry"]))
    own_time_or_refuse(request.membership, entry)
    actions.delete_time(actor=request.actor, now=timezone.now(), entry=entry)


def _deleted(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    values = dict(asked["values"])
    started_at, member = datetime.fromisoformat(values.pop("started_at")), values.pop("member")
    actions.log_time(
        actor=request.actor,
        now=timezone.now(),
        ticket=ticket,
        member=Membership.objects.get(pk=member),
        started_at=started_at,
        **values,
    )


def _merge(request: StaffRequest, ticket: Ticket, asked: Asked) -> str:
    actions.unmerge_ticket(actor=request.actor, now=timezone.now(), ticket=ticket)
    return ticket.get_absolute_url()


def _answers(request: StaffRequest, ticket: Ticket, asked: Asked) -> None:
    key = UUID(asked["form_key"])
    actions.take_back_answers(actor=request.actor, now=timezone.now(), parent=ticket, form_key=key)


UNDO: dict[str, Callable[[StaffRequest, Ticket, Asked], str | None]] = {
    "status": _status,
    "assign": _assignee,
    "priority": _priority,
    "category": _category,
    "weight": _weight,
    "label": _label,
    "watch": _watch,
    "reply": _reply,
    "logged": _logged,
    "deleted": _deleted,
    "merge": _merge,
    "answers": _answers,
}
