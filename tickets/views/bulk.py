"""What is done to many picked tickets at once, and taken back by one press."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.models import Membership
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import assignee_or_refuse, label_or_404
from tickets.choices import Priority, Status
from tickets.forms import LONGEST_MESSAGE
from tickets.models import Message, Ticket, TicketLabel
from tickets.rules import Before, Refused

from .answers import SALT, UNDO_FOR, back

MOST_PICKED = 200
Act = Callable[[Ticket], Any]  # does it to one ticket; gives back what undoing needs, None where nothing changed


@dataclass(frozen=True)
class Bulk:
    """One way to change many tickets. `prepare` reads the value that was chosen; `undo` takes back what Act gave."""

    prepare: Callable[[StaffRequest, str], Act | None]
    undo: Callable[[StaffRequest, Ticket, Any], object]


@require_POST
@staff(Capability.TICKETS_WORK)
def bulk(request: StaffRequest) -> HttpResponseBase:
    """Do to every picked ticket what `do` says: "assign:<member>", "status:<status>", "priority:<n>", "label:<id>" or "note:"."""
    verb, _sep, value = request.POST.get("do", "").partition(":")
    act = BULK[verb].prepare(request, value) if verb in BULK else None
    if act is None:
        messages.error(request, _("Choose what to do with the picked tickets."))
        return back(request, "tickets:list")
    picked = [int(number) for number in request.POST.getlist("pick")[:MOST_PICKED] if number.isdecimal()]
    done, refused = _each(list(Ticket.objects.filter(number__in=picked).order_by("number")), act)
    told = ngettext("%d ticket changed.", "%d tickets changed.", len(done)) % len(done)
    changed = [(number, was) for number, was in done if was is not None]
    messages.success(request, told, extra_tags=_undo_tag(verb, changed) if changed else "")
    for reason in refused:
        messages.error(request, reason)
    return back(request, "tickets:list")


@require_POST
@staff(Capability.TICKETS_WORK)
def undo(request: StaffRequest) -> HttpResponseBase:
    """Take back what the signed link names, ticket by ticket; what moved on since stays."""
    try:
        asked = signing.loads(request.GET.get("do", ""), salt=SALT, max_age=UNDO_FOR)
        verb, rows = asked["bulk"], dict(asked["rows"])
    except (signing.BadSignature, KeyError):
        messages.error(request, _("It is too late to undo this."))
        return back(request, "tickets:list")
    tickets = list(Ticket.objects.filter(number__in=rows).order_by("number"))
    done, refused = _each(tickets, lambda ticket: BULK[verb].undo(request, ticket, rows[ticket.number]))
    messages.success(request, ngettext("%d ticket is as before.", "%d tickets are as before.", len(done)) % len(done))
    for reason in refused:
        messages.error(request, reason)
    return back(request, "tickets:list")


def _each(tickets: Sequence[Ticket], act: Act) -> tuple[list[tuple[int, Any]], list[str]]:
    """Do it ticket by ticket: one that refuses does not stop the others. Gives (number, what Act gave) and the refusals."""
    done, refused = [], []
    for ticket in tickets:
        try:
            with transaction.atomic():
                done.append((ticket.number, act(ticket)))
        except Refused as reason:
            refused.append(f"#{ticket.number}: {reason}")
    return done, refused


def _undo_tag(verb: str, rows: Sequence[tuple[int, Any]]) -> str:
    token = signing.dumps({"bulk": verb, "rows": rows}, salt=SALT, compress=True)
    return f"undo={reverse('tickets:undo-bulk')}?{urlencode({'do': token})}"


def _given(request: StaffRequest, ticket: Ticket) -> dict[str, Any]:
    return {"actor": request.actor, "now": timezone.now(), "ticket": ticket}


def _assign(request: StaffRequest, value: str) -> Act:
    to = assignee_or_refuse(request.membership, value)

    def act(ticket: Ticket) -> list[str] | None:
        before = str(ticket.assignee_id or "")
        after = str(actions.assign_ticket(**_given(request, ticket), assignee=to).assignee_id or "")
        return [before, after] if before != after else None

    return act


def _unassign(request: StaffRequest, ticket: Ticket, was: Sequence[str]) -> None:
    if str(ticket.assignee_id or "") != was[1]:
        raise Refused(_("It was assigned again since; nothing was undone."))
    before = Membership.objects.filter(pk=was[0]).first() if was[0] else None
    actions.assign_ticket(**_given(request, ticket), assignee=before)


def _move(request: StaffRequest, value: str) -> Act | None:
    def act(ticket: Ticket) -> list[Any] | None:
        before, was = ticket.standing.as_words(), ticket.status
        actions.change_status(**_given(request, ticket), status=value)
        return [before, value] if was != value else None

    return act if value in Status.values else None


def _move_back(request: StaffRequest, ticket: Ticket, was: Sequence[Any]) -> None:
    before = asdict(Before.from_words(was[0]))
    actions.restore_status(**_given(request, ticket), became=was[1], **before)


def _weigh(request: StaffRequest, value: str) -> Act | None:
    def act(ticket: Ticket) -> int | None:
        before = ticket.priority
        actions.change_priority(**_given(request, ticket), priority=int(value))
        return before if before != int(value) else None

    return act if value in {str(each) for each in Priority.values} else None


def _weigh_back(request: StaffRequest, ticket: Ticket, was: int) -> None:
    actions.change_priority(**_given(request, ticket), priority=was)


def _label(request: StaffRequest, value: str) -> Act:
    label = label_or_404(value)

    def act(ticket: Ticket) -> str | None:
        if TicketLabel.objects.filter(ticket=ticket, label=label).exists():
            return None
        actions.put_label(**_given(request, ticket), label=label)
        return str(label.pk)

    return act


def _unlabel(request: StaffRequest, ticket: Ticket, was: str) -> None:
    actions.take_label(**_given(request, ticket), label=label_or_404(was))


def _note(request: StaffRequest, _value: str) -> Act | None:
    body = request.POST.get("note", "").replace("\r\n", "\n").strip()[:LONGEST_MESSAGE]

    def act(ticket: Ticket) -> str:
        message = actions.add_note(**_given(request, ticket), author=request.membership, body=body)
        return str(message.pk)

    return act if body else None


def _unnote(request: StaffRequest, ticket: Ticket, was: str) -> None:
    message = Message.objects.filter(pk=UUID(was), ticket=ticket, author=request.membership).first()
    if message is None:
        raise Refused(_("Somebody else wrote it."))
    actions.take_back_note(actor=request.actor, now=timezone.now(), message=message)


BULK = {
    "assign": Bulk(_assign, _unassign),
    "status": Bulk(_move, _move_back),
    "priority": Bulk(_weigh, _weigh_back),
    "label": Bulk(_label, _unlabel),
    "note": Bulk(_note, _unnote),
}
