"""Who a request is: the membership it acts under, and the scope that follows. Read by the tenancy middleware."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import split_domain_port, validate_host

from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant
from msp.tenancy.scope import Audience, Scope

from .choices import MembershipKind, Role
from .models import Membership, User
from .registry import PORTAL_IDENTITY, PortalIdentity
from .rules import Actor

PORTAL_PREFIX = "/portal/"
API_PREFIX = "/api/v1/"  # tokens come in here, and no session counts
# Which membership a browser acts under, one choice for the shop's pages and one for the portal.
SESSION_KEYS = {MembershipKind.STAFF: "membership", MembershipKind.CONTACT: "portal_membership"}


class MemberRequest(HttpRequest):
    """A request inside a shop."""

    user: User
    membership: Membership
    memberships: list[Membership]
    actor: Actor
    tenant: Tenant
    host_tenant: Tenant | None


class StaffRequest(MemberRequest):
    """A request by a member of staff; its door has checked the capability."""


class PortalRequest(MemberRequest):
    """A request by a client's contact."""

    identity: PortalIdentity


# What a proxy adds to a request that it hands on.
HANDED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def is_at_home(request: HttpRequest) -> bool:
    """Whether the request came from this machine and through nobody: then a demo may show its passwords and codes."""
    domain, _port = split_domain_port(request.get_host())
    by_proxy = any(name in request.headers for name in HANDED_ON)
    return bool(settings.PRIVATE and validate_host(domain, settings.LOOPBACK_NAMES) and not by_proxy)


def typed(given: QueryDict, name: str, most: int = 100) -> str:
    """Free text of an address or a small form, at most `most` characters: for what has no form that checks it.

    Without NUL, which no text in Postgres may hold: anybody can write %00 into an address.
    """
    return given.get(name, "").replace("\0", "").strip()[:most]


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request-Type") == "partial"


def seen(parts: Iterable[object]) -> str:
    """A mark of what a part of a page shows; a poll that brings it back learns nothing new."""
    return hashlib.blake2b(repr(list(parts)).encode(), digest_size=9).hexdigest()


def nothing_new(request: HttpRequest, mark: str) -> HttpResponse | None:
    """The empty answer to a poll that has seen this already, else None."""
    if wants_part(request) and request.GET.get("seen") == mark:
        return HttpResponse(status=204)
    return None


def memberships_of(user: User) -> list[Membership]:
    """A person's living memberships in every shop, staff first. Needs `as_user`."""
    rows = Membership.unscoped.filter(user=user, ended_at=None).select_related("tenant").order_by("kind", "created_at")
    return sorted(rows, key=lambda row: row.kind != MembershipKind.STAFF)


def choose(session: SessionBase, membership: Membership) -> None:
    """Act under `membership` from the next request on."""
    session[SESSION_KEYS[MembershipKind(membership.kind)]] = str(membership.pk)


def resolve(request: HttpRequest) -> Scope | None:
    """The scope of a signed-in person's request, or None where they are nobody.

    A shop's own host narrows the choice; on the base host the session's choice counts, else the oldest membership.
    The portal prefix sets the audience.
    """
    assert isinstance(request.user, User)
    if request.path.startswith(API_PREFIX):
        return None
    kind = MembershipKind.CONTACT if request.path.startswith(PORTAL_PREFIX) else MembershipKind.STAFF
    here: Tenant | None = getattr(request, "host_tenant", None)
    mine = [row for row in memberships_of(request.user) if here is None or row.tenant_id == here.pk]
    request.memberships = mine  # type: ignore[attr-defined]
    wanted = request.session.get(SESSION_KEYS[kind])
    fitting = sorted((row for row in mine if row.kind == kind), key=lambda row: str(row.pk) != wanted)
    return next((scope for row in fitting if (scope := _act_as(request, row))), None)


def _act_as(request: HttpRequest, membership: Membership) -> Scope | None:
    is_owner = membership.is_staff_member and Role.OWNER in membership.roles
    scope = Scope(membership.tenant_id, Audience.STAFF, user_id=membership.user_id, is_owner=is_owner)
    if membership.kind == MembershipKind.CONTACT:
        identity = identity_of(membership)
        if identity is None:
            return None
        request.identity = identity  # type: ignore[attr-defined]
        scope = Scope(
            membership.tenant_id, Audience.PORTAL, identity.client_id, identity.contact_id, user_id=membership.user_id
        )
    request.membership, request.tenant, request.actor = membership, membership.tenant, membership.as_actor()  # type: ignore[attr-defined]
    return scope


def identity_of(membership: Membership) -> PortalIdentity | None:
    """Whose contact this membership is; None once the contact is archived or unlinked."""
    with enter(system_scope(membership.tenant_id)):
        return next((found for find in PORTAL_IDENTITY if (found := find(membership))), None)
