"""A page with every component and state, and routes that answer htmx in every way: what the browser tests look at.

It stands beside the product's own routes, so that the shell around it is the real one.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template import engines
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.urls import *  # noqa: F403
from msp.urls import urlpatterns as product

PAGE = Path(__file__).with_name("gallery.html")
polls = count(1)


class LogTime(forms.Form):
    minutes = forms.IntegerField(
        label="Minutes",
        help_text="Whole minutes, for example 90.",
        error_messages={"invalid": "Write minutes as a number, for example 90."},
    )
    note = forms.CharField(
        label="What you did", widget=forms.Textarea, help_text="The client reads this on the invoice."
    )
    place = forms.ChoiceField(
        label="Where", choices=[("site", "On site"), ("remote", "Remote")], widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label="Kind", choices=[("repair", "Repair")], required=False)
    again = forms.BooleanField(label="It may come back", required=False)


@staff(None)
def page(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    rows = [
        {
            "number": 4180 + n,
            "subject": f"Front-desk PCs lose the practice server, part {n}",
            "due": now + timedelta(minutes=40 * n - 60),
            "minutes": 35 * n,
            "paused": "",
        }
        for n in range(1, 6)
    ]
    context = {
        "now": now,
        "since": (now - timedelta(minutes=23, seconds=41)).isoformat(),
        "amount": Decimal("1046.50"),
        "rows": rows,
        "late": now - timedelta(minutes=14),
        "soon": now + timedelta(minutes=12),
        "fine": now + timedelta(minutes=202),
        "form": LogTime() if "fine" in request.GET else LogTime({"minutes": "ninety", "place": "site"}),
    }
    return HttpResponse(engines["django"].from_string(PAGE.read_text()).render(context, request))


@staff(None)
@require_POST
def log_time(request: StaffRequest) -> HttpResponse:
    minutes = request.POST.get("minutes", "")
    if not minutes.isdigit():
        return HttpResponse('<p class="err" role="alert">Write minutes as a number.</p>', status=422)
    messages.success(request, f"{minutes} min logged.", extra_tags="undo=/gallery/undo/")
    return HttpResponse(f"<p>{minutes} min logged.</p>")


@staff(None)
@require_POST
def undo(request: StaffRequest) -> HttpResponse:
    messages.success(request, "Undone.")
    return HttpResponse(status=204)


@staff(None)
@require_POST
def refuse(request: StaffRequest) -> HttpResponseBase:
    messages.error(request, "Not like this.")
    return redirect("/gallery/?fine")


@staff(None)
def poll(request: StaffRequest) -> HttpResponse:
    return HttpResponse(
        f'<p id="pl">Polled {next(polls)}</p><label class="sr" for="keep">Keeps focus</label><input class="in" id="keep"><button class="btn" id="fresh" type="button" hx-get="/gallery/hello/" hx-target="#fresh">New button</button>'
    )


@staff(None)
def hello(request: StaffRequest) -> HttpResponse:
    return HttpResponse("It works")


@staff(None)
def boom(request: StaffRequest) -> HttpResponse:
    raise RuntimeError("a page that breaks")


@staff(None)
def missing(request: StaffRequest) -> HttpResponse:
    raise Http404


@staff(None)
@require_POST
def leave(request: StaffRequest) -> HttpResponseBase:
    messages.success(request, "Moved along.")
    return redirect("/gallery/?fine")


urlpatterns = [
    path("gallery/", page),
    path("gallery/time/", log_time),
    path("gallery/undo/", undo),
    path("gallery/poll/", poll),
    path("gallery/hello/", hello),
    path("gallery/boom/", boom),
    path("gallery/missing/", missing),
    path("gallery/leave/", leave),
    path("gallery/refuse/", refuse),
    *product,
]
