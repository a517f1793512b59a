"""The door of every view: who may come in. A route without one fails the walls test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from .choices import Capability, MembershipKind, PortalCapability
from .requests import PortalRequest, StaffRequest

P = ParamSpec("P")
V = TypeVar("V", bound=Callable[..., Any])


@dataclass(frozen=True)
class Door:
    """What a route declares. `kind`: staff, portal, signed_in, public, or library for views that guard themselves.

    `capability` None: any member of that kind.
    """

    kind: str
    capability: str | None = None
    reason: str = ""


def staff(
    capability: Capability | None,
) -> Callable[[Callable[Concatenate[StaffRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page for members of staff who hold `capability` (None: any of them). Anonymous people are sent to sign in.

    Raises Http404 for anyone else (a client's contact learns nothing), PermissionDenied for staff without the right.
    """
    return _member_door(Door("staff", capability), MembershipKind.STAFF)


def portal(
    capability: PortalCapability | None,
) -> Callable[[Callable[Concatenate[PortalRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page of the client portal, as `staff` is for the shop's own pages."""
    return _member_door(Door("portal", capability), MembershipKind.CONTACT)


def signed_in(view: Callable[Concatenate[Any, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page about oneself, for anyone signed in, whatever the shop."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return _declared(guarded, Door("signed_in"))


def public(
    reason: str,
) -> Callable[[Callable[Concatenate[Any, P], HttpResponseBase]], Callable[Concatenate[Any, P], HttpResponseBase]]:
    """A page for everybody; `reason` says why."""
    return lambda view: _declared(view, Door("public", reason=reason))


def declare_routes(prefix: str, reason: str) -> None:
    """Declare every route below `prefix` (as in msp/urls.py, "account/"): views of a library that guard themselves."""
    LIBRARY_ROUTES[prefix] = Door("library", reason=reason)


def door_of(view: Callable[..., Any], route: str = "") -> Door | None:
    """The door a view was declared with, or else the one of its whole route (the URL pattern from the root), or None."""
    of_library = (door for prefix, door in LIBRARY_ROUTES.items() if route.startswith(prefix))
    return getattr(view, "door", None) or next(of_library, None)


def _declared(view: V, door: Door) -> V:
    view.door = door  # type: ignore[attr-defined]
    return view


def _member_door(
    door: Door, kind: MembershipKind
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            membership = getattr(request, "membership", None)
            if membership is None or membership.kind != kind:
                raise Http404
            for gate in GATES:
                if (elsewhere := gate(request)) is not None:
                    return redirect(elsewhere)
            if door.capability is not None and not membership.can(door.capability):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return _declared(guarded, door)

    return decorate


# Rules that send a member elsewhere first, for example to set up a required second factor: a URL, or None to pass.
GATES: list[Callable[[HttpRequest], str | None]] = []

# Routes of libraries: prefix -> door.
LIBRARY_ROUTES: dict[str, Door] = {}
