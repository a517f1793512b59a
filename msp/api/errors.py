"""Every refusal of the API is one shape: RFC 9457, application/problem+json."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from msp.tenancy.keyset import NoSuchPage
from msp.tenancy.marks import ChangedMeanwhile

from .registry import REFUSALS
from .rules import Conflict, Refusal

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "unreadable", 401: "no_token", 403: "not_allowed", 404: "not_found", 405: "wrong_method", 406: "not_acceptable",
    413: "too_big", 415: "wrong_media_type", 429: "too_many", 500: "broken", 503: "not_ready",
}  # fmt: skip


class Refused(Exception):
    """Raised by an endpoint that has a refusal to give."""

    def __init__(self, refusal: Refusal, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal, self.headers = refusal, dict(headers or {})


class Replayed(Exception):
    """The request has been answered before; this is what was said."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(str(status))
        self.status, self.body = status, body


def document(refusal: Refusal) -> dict[str, Any]:
    """The refusal as its document."""
    said = {
        "type": f"urn:mainstay:problem:{refusal.code}",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal.detail),
    }
    return said | dict(refusal.more)


def response_of(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    return Response(document(refusal), refusal.status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def plain_response(status: int, detail: str) -> HttpResponse:
    """The same where no endpoint was reached: an unknown address, a broken view."""
    body = JSONRenderer().render(document(Refusal(status, CODES.get(status, "refused"), detail)))
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """What Django REST framework asks for each exception; None lets it through as a server error."""
    if isinstance(error, Replayed):
        replayed = Response(status=error.status, headers={"Idempotency-Replayed": "true"})
        replayed.kept = error.body  # type: ignore[attr-defined]
        return replayed
    if isinstance(error, Refused):
        return response_of(error.refusal, error.headers)
    refusal = _refusal_of(error)
    return response_of(refusal, getattr(error, "said_headers", None)) if refusal else None


def _refusal_of(error: Exception) -> Refusal | None:
    for kind in type(error).__mro__:
        if kind in REFUSALS:
            return REFUSALS[kind](error)
    return next((make(error) for kind, make in KNOWN.items() if isinstance(error, kind)), None)


def _invalid(error: Any) -> Refusal:
    """Fields by name; what concerns the whole body stands under an empty one."""
    errors = error.detail if isinstance(error.detail, dict) else {"": error.detail}
    return Refusal(422, "invalid", _("The request does not keep to the schema."), {"errors": errors})


def _conflict(error: Any) -> Refusal:
    return Refusal(409, "conflict", error.detail, {"errors": error.errors} if error.errors else {})


def _as(status: int, code: str, words: StrOrPromise) -> Callable[[Any], Refusal]:
    return lambda error: Refusal(status, code, words)


KNOWN: dict[type[Exception], Callable[[Any], Refusal]] = {
    Conflict: _conflict,
    ChangedMeanwhile: _as(412, "changed_meanwhile", _("Somebody changed it since you read it. Read it again.")),
    NoSuchPage: _as(404, "no_such_page", _("There is no such page. Begin without `after` and `before`.")),
    Http404: _as(404, "not_found", _("There is nothing here, or it belongs to somebody else.")),
    PermissionDenied: _as(403, "not_allowed", _("Whose token this is may not do that.")),
    RequestDataTooBig: _as(413, "too_big", _("That is more than one request may carry.")),
    RecursionError: _as(400, "unreadable", _("That is nested too deeply.")),
    OperationalError: _as(503, "not_ready", _("The database did not answer. Try again in a minute.")),
    exceptions.ValidationError: _invalid,
    exceptions.APIException: lambda error: Refusal(
        error.status_code, CODES.get(error.status_code, "refused"), str(error.detail)
    ),
}
