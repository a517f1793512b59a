"""Who is told when a deadline of a ticket comes near or breaks: in service hours who has the ticket, else who is on call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from clients.models import Promise
from clients.queries import default_calendar, on_call
from clients.registry import kind_of
from clients.rules.calendars import is_open
from clients.rules.promises import DUE
from msp.accounts.choices import Capability
from msp.accounts.models import Membership
from msp.notify.actions import notify
from tickets.models import Ticket
from tickets.queries.queues import workers

_TOLD_FROM = frozenset({"75", "90", "hour", DUE})  # half the time gone is no news yet
_URGENT = frozenset({"90", DUE})


def raise_alarm(*, promise: Promise, stage: str, now: datetime) -> None:
    """Tell the people concerned. Outside the shop's hours only who is on call is woken; the assignee reads it in the morning."""
    ticket = Ticket.objects.filter(pk=promise.subject_id).select_related("assignee").first()
    if ticket is None or stage not in _TOLD_FROM:
        return
    by_day, words = _is_day(now), _words(promise, ticket, stage)
    holders = [promise.owner or ticket.assignee] if promise.owner or ticket.assignee else _dispatchers()
    awake = holders if by_day else on_call(now)
    told = {person.pk: (person, by_day and stage in _URGENT) for person in holders if person is not None}
    told |= {person.pk: (person, stage in _URGENT) for person in awake if person is not None}
    for person, urgent in sorted(told.values(), key=lambda pair: pair[0].pk):
        notify(
            to=person, now=now, words=words, url=ticket.get_absolute_url(), key=f"promise:{promise.pk}", urgent=urgent
        )


def _is_day(now: datetime) -> bool:
    """Whether the shop is open; one without hours always is."""
    calendar = default_calendar()
    return calendar is None or is_open(calendar.terms.calendar(), now)


def _dispatchers() -> list[Membership | None]:
    return [person for person in workers() if person.can(Capability.TICKETS_ASSIGN)]


def _words(promise: Promise, ticket: Ticket, stage: str) -> Callable[[], str]:
    """In the language of who reads it."""

    def words() -> str:
        said = {"what": kind_of(promise.kind).label, "number": ticket.number, "subject": ticket.subject, "share": stage}
        if stage == DUE:
            return _("Broken: %(what)s of #%(number)s %(subject)s") % said
        if stage.isdigit():
            return _("%(share)s %% of the time is gone: %(what)s of #%(number)s %(subject)s") % said
        return _("Due in an hour: %(what)s of #%(number)s %(subject)s") % said

    return words
