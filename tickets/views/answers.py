"""How the pages of the service desk answer: whole page or part, with a way back, or with the reason why not."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.core import signing
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from msp.accounts.requests import StaffRequest, nothing_new, seen, wants_part
from tickets.models import Ticket

__all__ = ["back", "form_errors", "nothing_new", "say", "seen", "undo_asked", "wants_part"]

SALT = "tickets.undo"
UNDO_FOR = 600  # seconds that an undo link works


def back(request: HttpRequest, otherwise: Any) -> HttpResponseBase:
    """To the page that the person is on, if it is one of ours."""
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    parts = urlsplit(page)
    here = parts.path + (f"?{parts.query}" if parts.query else "")
    known = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return redirect(here if known and page else otherwise)


def say(request: StaffRequest, text: str, *, ticket: Ticket | None = None, **undo: Any) -> None:
    """Tell what happened; with `undo` (what undo_view reads back) the toast has an Undo button."""
    tags = ""
    if ticket is not None and undo:
        token = signing.dumps({"ticket": ticket.number} | undo, salt=SALT)
        url = reverse("tickets:undo", kwargs={"ticket_number": ticket.number})
        tags = f"undo={url}?{urlencode({'do': token})}"
    messages.success(request, text, extra_tags=tags)


def undo_asked(request: HttpRequest, ticket: Ticket) -> dict[str, Any] | None:
    """What the undo link says to undo; None when it is older than UNDO_FOR or not ours."""
    try:
        asked = signing.loads(request.GET.get("do", ""), salt=SALT, max_age=UNDO_FOR)
    except signing.BadSignature:
        return None
    return dict(asked) if asked.get("ticket") == ticket.number else None


def form_errors(form: BaseForm) -> str:
    """What is wrong with a small form, in one line for a toast."""
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
