"""Settings, Service calendars: hours, holidays, days of the shop's own."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import actions
from clients.access import calendar_or_404
from clients.forms import CalendarForm, OwnDayForm
from clients.models import ServiceCalendar
from clients.queries.calendars import calendars, preview_of
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.models import ShopSettings
from msp.accounts.requests import StaffRequest
from msp.tenancy.ids import id_from


@require_safe
@staff(Capability.SETTINGS_MANAGE)
def calendar_list(request: StaffRequest) -> HttpResponse:
    return render(request, "clients/calendars.html", {"calendars": calendars()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def create_calendar(request: StaffRequest) -> HttpResponseBase:
    shop = ShopSettings.objects.only("zone", "country").get()
    blank = ServiceCalendar(zone=shop.zone, country=shop.country, windows=[[day, 540, 1050] for day in range(5)])
    form = CalendarForm(request.POST or None, instance=blank)
    if form.is_bound and form.is_valid():
        calendar = actions.create_calendar(actor=request.actor, now=timezone.now(), values=form.values)
        messages.success(request, _("%(name)s was added.") % {"name": calendar.name})
        return redirect(calendar)
    return _page(request, blank, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def edit_calendar(request: StaffRequest, service_calendar_id: UUID) -> HttpResponseBase:
    calendar = calendar_or_404(service_calendar_id)
    form = CalendarForm(request.POST or None, instance=calendar)
    if form.is_bound and form.is_valid():
        actions.change_calendar(actor=request.actor, now=timezone.now(), calendar=calendar, values=form.values)
        messages.success(request, _("Saved. Clocks that run already keep the hours they began with."))
        return redirect(calendar)
    return _page(request, calendar, form)


def _page(
    request: StaffRequest, calendar: ServiceCalendar, form: CalendarForm, day_form: OwnDayForm | None = None
) -> HttpResponse:
    wrong = form.is_bound or (day_form is not None and day_form.is_bound)
    terms = form.terms if form.is_bound else calendar.terms
    context: dict[str, Any] = {"calendar": calendar, "form": form, "day_form": day_form or OwnDayForm()}
    context |= {"is_new": calendar._state.adding, "preview": preview_of(terms, timezone.localdate())}
    return render(request, "clients/calendar.html", context, status=422 if wrong else 200)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def preview_calendar(request: StaffRequest) -> HttpResponse:
    """What the hours would be, while they are typed; and the regions of the country."""
    known = id_from(request.POST.get("calendar", ""))
    form = CalendarForm(request.POST, instance=calendar_or_404(known) if known else None)
    form.is_valid()
    if not form.cleaned_data.get("zone"):
        return HttpResponse(status=422)
    context = {"preview": preview_of(form.terms, timezone.localdate()), "form": form, "swaps_region": True}
    return render(request, "clients/_calendar_preview.html", context)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def set_own_day(request: StaffRequest, service_calendar_id: UUID) -> HttpResponseBase:
    calendar, form = calendar_or_404(service_calendar_id), OwnDayForm(request.POST)
    if not form.is_valid():
        return _page(request, calendar, CalendarForm(instance=calendar), form)
    actions.set_own_day(actor=request.actor, now=timezone.now(), calendar=calendar, own=form.own)
    messages.success(request, _("Saved."))
    return redirect(calendar)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def remove_own_day(request: StaffRequest, service_calendar_id: UUID) -> HttpResponseBase:
    calendar, day = calendar_or_404(service_calendar_id), _day(request.POST.get("day", ""))
    if day is None:
        return HttpResponse(status=400)
    actions.remove_own_day(actor=request.actor, now=timezone.now(), calendar=calendar, day=day)
    messages.success(request, _("That day is like any other again."))
    return redirect(calendar)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def make_default(request: StaffRequest, service_calendar_id: UUID) -> HttpResponseBase:
    calendar = calendar_or_404(service_calendar_id)
    try:
        actions.make_default_calendar(actor=request.actor, now=timezone.now(), calendar=calendar)
        messages.success(request, _("%(name)s is the shop's own calendar now.") % {"name": calendar.name})
    except actions.StillNeeded as reason:
        messages.error(request, str(reason))
    return redirect("clients:calendars")


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def archive_calendar(request: StaffRequest, service_calendar_id: UUID) -> HttpResponseBase:
    calendar = calendar_or_404(service_calendar_id)
    try:
        actions.archive_calendar(actor=request.actor, now=timezone.now(), calendar=calendar)
        messages.success(request, _("%(name)s was archived.") % {"name": calendar.name})
    except actions.StillNeeded as reason:
        messages.error(request, str(reason))
    return redirect("clients:calendars")
