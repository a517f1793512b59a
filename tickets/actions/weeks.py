"""Handing a week of time in, and what becomes of it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.notify.actions import notify
from tickets.choices import WeekState
from tickets.models import TimeEntry, TimeWeek
from tickets.rules import Refused


def submit_week(
    *, actor: Actor, now: datetime, member: Membership, monday: date, starts_at: datetime, ends_at: datetime
) -> TimeWeek:
    """Hand a week in, or once more what was sent back. Raises Refused for a week that has not begun, or is approved."""
    if starts_at > now:
        raise Refused(_("This week has not begun."))
    with transaction.atomic():
        week = TimeWeek.objects.select_for_update().filter(member=member, monday=monday).first()
        if week is not None and week.is_approved:
            raise Refused(_("This week is approved already."))
        logged = TimeEntry.objects.filter(member=member, started_at__gte=starts_at, started_at__lt=ends_at)
        week = week or TimeWeek(member=member, monday=monday)
        week.starts_at, week.ends_at, week.submitted_at = starts_at, ends_at, now
        week.minutes = logged.aggregate(sum=Sum("minutes"))["sum"] or 0
        week.state, week.decided_at, week.decided_by, week.because = WeekState.SUBMITTED, None, "", ""
        week.save()
        _record(actor, now, week, "week.submitted")
    return week


def approve_week(*, actor: Actor, now: datetime, week: TimeWeek) -> TimeWeek:
    """From now on its time stays as it is. Raises Refused when it was decided meanwhile."""
    return _decide(actor, now, week, WeekState.APPROVED, "")


def return_week(*, actor: Actor, now: datetime, week: TimeWeek, because: str) -> TimeWeek:
    """Send a week back, also one that was approved: its owner can change it again, and is told why."""
    week = _decide(actor, now, week, WeekState.RETURNED, because)
    notify(
        to=week.member,
        now=now,
        words=lambda: _("%(name)s sent your week back: %(because)s") % {"name": actor.name, "because": because},
        url=f"/time/week/?week={week.monday}",
        key=f"week:{week.pk}",
    )
    return week


def check_not_approved(member: Membership, *moments: datetime) -> None:
    """Raises Refused when a moment lies in a week of the member's that is approved."""
    for moment in moments:
        if TimeWeek.objects.approved_at_time(member, moment).exists():
            raise Refused(_("This week is approved. Ask for it to be sent back first."))


def _decide(actor: Actor, now: datetime, week: TimeWeek, state: WeekState, because: str) -> TimeWeek:
    with transaction.atomic():
        week = TimeWeek.objects.select_for_update(of=("self",)).select_related("member").get(pk=week.pk)
        if state == week.state or (state == WeekState.APPROVED and week.state != WeekState.SUBMITTED):
            raise Refused(_("Somebody decided about this week meanwhile."))
        week.state, week.decided_at, week.decided_by, week.because = state, now, actor.name, because
        week.save(update_fields=["state", "decided_at", "decided_by", "because"])
        _record(actor, now, week, f"week.{state}")
    return week


def _record(actor: Actor, now: datetime, week: TimeWeek, verb: str) -> None:
    data = {"name": week.member.name, "monday": date_format(week.monday, "j M Y"), "because": week.because}
    record(actor=actor, verb=verb, subject=week, now=now, data=data)
