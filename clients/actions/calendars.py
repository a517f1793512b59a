"""Every change to service calendars. A change is for what begins after it: clocks keep the terms they began with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Client, ServiceCalendar, Site
from clients.rules.calendars import Window
from clients.rules.holidays import OwnDay, days_to_json, windows_to_json
from msp.accounts.rules import Actor
from msp.audit.actions import record

from .records import StillNeeded

FIELDS = frozenset({"name", "zone", "windows", "country", "region"})
OFFICE_HOURS = tuple(Window(day, 9 * 60, 17 * 60 + 30) for day in range(5))


def create_calendar(*, actor: Actor, now: datetime, values: Mapping[str, Any]) -> ServiceCalendar:
    """Add a calendar; the shop's first one is its default. Raises ValueError for a field that is not editable."""
    with transaction.atomic():
        is_first = not ServiceCalendar.objects.filter(is_default=True).exists()
        calendar = ServiceCalendar.objects.create(**_columns(values), is_default=is_first, created_at=now)
        record(actor=actor, verb="calendar.created", subject=calendar, now=now, data={"name": calendar.name})
    return calendar


def create_default_calendar(*, actor: Actor, now: datetime, zone: str, country: str) -> ServiceCalendar:
    """What a new shop begins with: Monday to Friday, 09:00 to 17:30, and the public holidays of its country."""
    values = {"name": _("Office hours"), "zone": zone, "windows": OFFICE_HOURS, "country": country, "region": ""}
    return create_calendar(actor=actor, now=now, values=values)


def change_calendar(
    *, actor: Actor, now: datetime, calendar: ServiceCalendar, values: Mapping[str, Any]
) -> ServiceCalendar:
    """Change a calendar from now on; nothing is written when nothing differs."""
    with transaction.atomic():
        calendar = ServiceCalendar.objects.select_for_update().get(pk=calendar.pk)
        wanted = _columns(values)
        changed = {name: value for name, value in wanted.items() if getattr(calendar, name) != value}
        if changed:
            was = {name: getattr(calendar, name) for name in changed}
            for name, value in changed.items():
                setattr(calendar, name, value)
            calendar.save(update_fields=list(changed))
            data = {"name": calendar.name, "was": was, "now": changed}
            record(actor=actor, verb="calendar.changed", subject=calendar, now=now, data=data)
    return calendar


def set_own_day(*, actor: Actor, now: datetime, calendar: ServiceCalendar, own: OwnDay) -> ServiceCalendar:
    """Close on a day, or work on a public holiday. A second word about a day replaces the first."""
    with transaction.atomic():
        calendar = ServiceCalendar.objects.select_for_update().get(pk=calendar.pk)
        others = tuple(other for other in calendar.own_days if other.day != own.day)
        if own in calendar.own_days:
            return calendar
        _write_days(calendar, (*others, own))
        verb = "calendar.day_worked" if own.works else "calendar.day_closed"
        data = {"name": calendar.name, "day": own.day.isoformat(), "why": own.name}
        record(actor=actor, verb=verb, subject=calendar, now=now, data=data)
    return calendar


def remove_own_day(*, actor: Actor, now: datetime, calendar: ServiceCalendar, day: date) -> ServiceCalendar:
    """Let a day be like any other again."""
    with transaction.atomic():
        calendar = ServiceCalendar.objects.select_for_update().get(pk=calendar.pk)
        others = tuple(other for other in calendar.own_days if other.day != day)
        if len(others) != len(calendar.own_days):
            _write_days(calendar, others)
            data = {"name": calendar.name, "day": day.isoformat()}
            record(actor=actor, verb="calendar.day_removed", subject=calendar, now=now, data=data)
    return calendar


def make_default_calendar(*, actor: Actor, now: datetime, calendar: ServiceCalendar) -> ServiceCalendar:
    """Let every client without a calendar of their own have this one. Raises StillNeeded for an archived one."""
    if calendar.is_archived:
        raise StillNeeded(_("Bring the calendar back first."))
    with transaction.atomic():
        before = ServiceCalendar.objects.select_for_update().filter(is_default=True).first()
        if before is None or before.pk != calendar.pk:
            ServiceCalendar.objects.filter(is_default=True).update(is_default=False)
            calendar.is_default = True
            calendar.save(update_fields=["is_default"])
            record(actor=actor, verb="calendar.made_default", subject=calendar, now=now, data={"name": calendar.name})
    return calendar


def archive_calendar(*, actor: Actor, now: datetime, calendar: ServiceCalendar) -> ServiceCalendar:
    """Take a calendar out of the lists. Raises StillNeeded for the default one, and for one that a client or site has."""
    if calendar.is_default:
        raise StillNeeded(_("Make another calendar the shop's own first."))
    used = Client.objects.filter(calendar=calendar).first() or Site.objects.filter(calendar=calendar).first()
    if used is not None:
        raise StillNeeded(_("%(name)s still has this calendar.") % {"name": used})
    if not calendar.is_archived:
        with transaction.atomic():
            calendar.archived_at = now
            calendar.save(update_fields=["archived_at"])
            record(actor=actor, verb="calendar.archived", subject=calendar, now=now, data={"name": calendar.name})
    return calendar


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := values.keys() - FIELDS:
        raise ValueError(f"not editable: {sorted(unknown)}")
    return {name: windows_to_json(value) if name == "windows" else value for name, value in values.items()}


def _write_days(calendar: ServiceCalendar, days: tuple[OwnDay, ...]) -> None:
    calendar.days = days_to_json(days)
    calendar.save(update_fields=["days"])
