"""The door of the API: token, scope, right, one transaction, one answer to one key.

An endpoint is a class with `area`, whose methods read access → serializer → one action → answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from msp.accounts.doors import Door
from msp.accounts.models import Membership
from msp.api.access import WRONG_TOKEN, caller_of
from msp.api.actions import OtherRequest, begin_replay, count_failure, keep_answer
from msp.api.choices import ApiScope, Area
from msp.api.errors import MEDIA_TYPE, Refused, Replayed
from msp.api.models import Replay
from msp.api.requests import Caller
from msp.api.rules import API_KEY_FORM, IF_MATCH_FORM, MOST_BODY, NEEDS, Conflict, Refusal, mark_of_request, scope_for
from msp.api.serializers import ListQuery, Problem, page_of_rows
from msp.tenancy.context import enter
from msp.tenancy.keyset import page_of
from msp.tenancy.marks import mark_of
from msp.tenancy.models import TenantModel

V = TypeVar("V", bound=Callable[..., Any])
PATIENCE = "300"  # seconds to wait after too many wrong tokens


class JsonOnly(DefaultContentNegotiation):
    """The API answers JSON, whatever was asked for."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Endpoint(APIView):
    """One address of the API. `area`: its scopes; a GET needs the reading one, everything else the writing one."""

    area: ClassVar[Area]
    authentication_classes: Sequence[Any] = ()
    permission_classes: Sequence[Any] = ()
    renderer_classes: Sequence[Any] = (JSONRenderer,)
    content_negotiation_class = JsonOnly
    metadata_class = None
    http_method_names: Sequence[str] = ("get", "head", "post", "patch", "delete")
    replay: Replay | None = None
    refusal: Refusal | None = None
    caller: Caller

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)
        view.door = Door("token", cls.area)  # type: ignore[attr-defined]
        return view

    @property
    def member(self) -> Membership | None:
        """Whose token it is; None for the shop's own."""
        return self.caller.member

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Everything a request does is one transaction; a refused one has done nothing."""
        known = caller_of(request, timezone.now())
        if isinstance(known, Refusal):
            self.refusal = known
            return super().dispatch(request, *args, **kwargs)
        self.caller = known
        with translation.override(known.language), enter(known.scope()):
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        if self.refusal is not None:
            self._refuse(self.refusal)
        self._check_rights(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY:
            raise Refused(Refusal(413, "too_big", _("That is more than one request may carry.")))
        if method == "patch" and not IF_MATCH_FORM.fullmatch(request.headers.get("If-Match", '"0"')):
            words = _("Send the ETag as you read it, quotes and all.")
            raise Refused(Refusal(422, "invalid", words, {"errors": {"If-Match": [words]}}))
        if method == "post" and "Idempotency-Key" in request.headers:
            self._begin_replay(request, request.headers["Idempotency-Key"])

    def _refuse(self, refusal: Refusal) -> None:
        headers = {"WWW-Authenticate": 'Bearer realm="mainstay"'} if refusal.status == 401 else {}
        if refusal is WRONG_TOKEN and count_failure(get_adapter().get_client_ip(self.request)):
            words = _("Too many wrong tokens came from your address. Wait five minutes.")
            raise Refused(Refusal(429, "too_many", words), {"Retry-After": PATIENCE})
        raise Refused(refusal, headers)

    def _check_rights(self, request: Request) -> None:
        self.needs(scope_for(self.area, request.method or ""))

    def needs(self, scope: ApiScope) -> None:
        """Refuses a caller whose token lacks the scope, or whose member the right behind it."""
        if scope not in self.caller.scopes:
            raise Refused(Refusal(403, "missing_scope", _("This token lacks the scope %(scope)s.") % {"scope": scope}))
        if self.member is not None and not self.member.can(NEEDS[scope]):
            raise Refused(Refusal(403, "not_allowed", _("Whose token this is may not do that.")))

    def _begin_replay(self, request: Request, key: str) -> None:
        if not API_KEY_FORM.fullmatch(key):
            words = _("8 to 100 letters, digits, hyphens, underscores, dots and colons.")
            raise Refused(Refusal(422, "invalid", words, {"errors": {"Idempotency-Key": [words]}}))
        mark = mark_of_request("POST", request.path, request._request.body)
        try:
            replay = begin_replay(now=timezone.now(), token=self.caller.token, key=key, mark=mark)
        except OtherRequest:
            words = _("This Idempotency-Key was used for another request.")
            raise Refused(Refusal(422, "key_reused", words)) from None
        if replay.status is not None:
            raise Replayed(replay.status, replay.body)
        self.replay = replay

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        if (kept := getattr(response, "kept", None)) is not None:
            response.content, response._is_rendered = kept, True
            response.headers["Content-Type"] = "application/json"
        elif self.replay is not None and response.status_code < 400:
            keep_answer(
                replay=self.replay, status=response.status_code, body=JSONRenderer().render(response.data).decode()
            )
        return response

    # --- what endpoints say ---

    def said(self, serializer: type[Serializer[Any]], **options: Any) -> dict[str, Any]:
        """What the body says, checked. Raises ValidationError."""
        given = serializer(data=self.request.data, partial=self.request.method == "PATCH", **options)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def asked(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        """What the address asks for, checked. Raises ValidationError."""
        given = serializer(data=self.request.query_params.dict())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def page(
        self, rows: Any, row: type[Serializer[Any]], *, order: Sequence[str], limit: int, **known: Any
    ) -> Response:
        """One page of `rows`, and the addresses of its neighbours."""
        params = self.request.query_params.dict()
        found = page_of(rows, order=order, params=params, size=limit, strict=True)
        more = known["context"](found.rows) if "context" in known else {}
        here = self.request.build_absolute_uri(self.request.path)
        items = row(found.rows, many=True, context=more).data
        return Response(
            {
                "items": items,
                "next": here + found.next if found.next else None,
                "previous": here + found.previous if found.previous else None,
            }
        )

    def one(
        self,
        row: TenantModel,
        shape: type[Serializer[Any]],
        *,
        marked: Sequence[str] = (),
        status: int = 200,
        **context: Any,
    ) -> Response:
        """One row; with `marked` columns it carries an ETag that If-Match can bring back."""
        headers = {"ETag": f'"{mark_of(row, marked)}"'} if marked else {}
        return Response(shape(row, context=context).data, status, headers=headers)

    @property
    def if_match(self) -> str:
        """The mark of an earlier answer that this request builds on, or nothing. A proxy may have made it a weak one."""
        return self.request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"').removesuffix("-gzip")

    def on_mark(self, row: TenantModel, marked: Sequence[str], values: dict[str, Any]) -> dict[str, Any]:
        """`values`; on a mark with the other marked columns as they are, because the mark is of all of them."""
        return {name: getattr(row, name) for name in marked} | values if self.if_match else values

    def found(self, rows: Any, name: str, key: Any, *, by: str = "pk") -> Any:
        """The row that the request names by `key`, None for none. Raises Conflict when there is none such."""
        if key is None:
            return None
        row = rows.filter(**{by: key}).first()
        if row is None:
            raise Conflict(
                _("The request names something that is not there."), **{name: _("There is nothing with this id.")}
            )
        return row


# --- the schema ---

_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,100}$"},
    OpenApiParameter.HEADER,
    description="Sent again with the same key, the request does nothing and gets the same answer, for two days.",
)
_MARK = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": '^(W/)?"[0-9a-f]{1,40}"$'},
    OpenApiParameter.HEADER,
    description="The ETag you read: 412 when somebody changed it since.",
)
_WHY = {
    400: "The body is no JSON.",
    401: "No token, or one that opens nothing.",
    403: "The token's scopes, or the rights of whose it is, do not reach this.",
    404: "Nothing there, or somebody else's.",
    409: "Well formed, and cannot be done as things stand.",
    412: "Somebody changed it since it was read.",
    413: "Too big.",
    415: "Send application/json.",
    422: "The request does not keep to this schema.",
    429: "Too many wrong tokens from this address.",
}


def described(
    summary: str,
    *,
    answer: type[Serializer[Any]],
    body: type[Serializer[Any]] | None = None,
    query: type[Serializer[Any]] | None = None,
    status: int = 200,
    name: str = "",
    marked: bool = False,
) -> Callable[[V], V]:
    """Describe a method of an endpoint in the schema: what it takes, what it answers, and how it may refuse."""

    def decorate(method: V) -> V:
        verb = method.__name__
        listing = query is not None and issubclass(query, ListQuery)
        shape = page_of_rows(answer) if listing else answer
        parameters: list[Any] = [query] if query else []
        parameters += [_KEY] * (verb == "post") + [_MARK] * (verb == "patch" and marked)
        refusals = {401, 403, 404, 429}
        refusals |= {400, 409, 413, 415, 422} if body else set()
        refusals |= {409, 422} if query else set()
        refusals |= {412} if verb == "patch" and marked else set()
        responses: dict[Any, Any] = {(status, "application/json"): OpenApiResponse(shape)}
        for code in sorted(refusals):
            responses[(code, MEDIA_TYPE)] = OpenApiResponse(Problem, description=_WHY[code])
        made: V = extend_schema(
            operation_id=name, summary=summary, description=method.__doc__ or "", parameters=parameters,
            request={"application/json": body} if body else None, responses=responses,
        )(method)  # fmt: skip
        return made

    return decorate
