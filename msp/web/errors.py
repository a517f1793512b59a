"""Error pages. Each says what happened and what to do next; an htmx request hears it as a toast and keeps its page.

Nothing here reads the database: it may be what is broken.
"""

from __future__ import annotations

import json
import sys
from http import HTTPStatus

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from msp.accounts.requests import API_PREFIX
from msp.api.errors import plain_response

WORDS: dict[int, tuple[StrOrPromise, StrOrPromise]] = {
    400: (
        gettext_lazy("That request could not be read"),
        gettext_lazy("Go back and try again. If you followed a link, it may be incomplete."),
    ),
    403: (
        gettext_lazy("You may not open this page"),
        gettext_lazy("Ask whoever manages people in your shop for the right to see it."),
    ),
    404: (
        gettext_lazy("There is nothing here"),
        gettext_lazy("The page does not exist, was moved, or belongs to somebody else."),
    ),
    405: (
        gettext_lazy("This address does not work that way"),
        gettext_lazy("Go back to the page you came from and use its buttons."),
    ),
    500: (
        gettext_lazy("Something broke on our side"),
        gettext_lazy("Nothing you typed was thrown away on purpose: go back, and try once more. It has been noted."),
    ),
    503: (
        gettext_lazy("We are not ready for a moment"),
        gettext_lazy("The database did not answer. Try again in a minute; nothing that was saved is lost."),
    ),
}


def error_page(
    request: HttpRequest, status: int, heading: StrOrPromise = "", what_now: StrOrPromise = ""
) -> HttpResponse:
    """The page for `status`, or, for htmx, an empty answer whose toast says the same in one line."""
    said, hint = heading or WORDS[status][0], what_now or WORDS[status][1]
    if request.path.startswith(API_PREFIX):
        return plain_response(status, str(said))
    if request.headers.get("HX-Request"):
        toast = {"toast": {"text": f"{said}. {hint}", "error": True}}
        return HttpResponse(status=status, headers={"HX-Reswap": "none", "HX-Trigger": json.dumps(toast)})
    context = {"status": status, "heading": said, "what_now": hint}
    # Without the request: no context processor may read a session or a row here.
    return HttpResponse(render_to_string("errors/page.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], OperationalError):
        answer = error_page(request, HTTPStatus.SERVICE_UNAVAILABLE)
        answer.headers["Retry-After"] = "60"
        return answer
    return error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request,
        HTTPStatus.FORBIDDEN,
        _("This page is out of date"),
        _("You signed in or out since it was opened. Go back, reload it, and send it again; cookies must be on."),
    )
