"""Who a transaction acts for, and what a portal contact may read: pure values, no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from django.db.models import Q


class NoTenant(RuntimeError):
    """Tenant data was touched before a shop was said."""


class WrongTenant(RuntimeError):
    """A row of one shop was about to be written while another shop is set."""


class WrongClient(RuntimeError):
    """A row of one client was about to be written for another."""


class ClosedToPortal(RuntimeError):
    """A portal request touched a table that is not opened to clients, or tried to write."""


class Audience(StrEnum):
    """The value of Postgres' `app.audience` setting."""

    STAFF = "staff"
    SYSTEM = "system"
    PORTAL = "portal"


@dataclass(frozen=True)
class Scope:
    """One shop and one audience. With `client_id`, every table that has a client is narrowed to it."""

    tenant_id: int
    audience: Audience
    client_id: UUID | None = None
    contact_id: UUID | None = None
    user_id: UUID | None = None
    is_owner: bool = False  # a staff scope of the shop's owner: it may read what is private

    def __post_init__(self) -> None:
        if self.audience is Audience.PORTAL and (self.client_id is None or self.contact_id is None):
            raise ValueError("a portal scope names its client and its contact")


@dataclass(frozen=True)
class PortalRule:
    """Which rows of a table a portal contact may read; it may write none.

    `sql` becomes the table's policy, `q` the manager's filter: the same rule said to each lock. Both None: closed.
    """

    name: str
    sql: str | None
    q: Callable[[Scope], Q] | None
    columns: tuple[str, ...] = ()

    CLOSED: ClassVar[PortalRule]
    SHARED: ClassVar[PortalRule]
    OWN: ClassVar[PortalRule]
    BY_CLIENT: ClassVar[PortalRule]
    BY_CLIENT_PUBLIC: ClassVar[PortalRule]
    BY_CONTACT: ClassVar[PortalRule]


# A scalar sub-select is evaluated once per statement; the bare function would run for every row.
CLIENT_SQL = "(select nullif(current_setting('app.client_id', true), '')::uuid)"
OWNER_SQL = "(select current_setting('app.is_owner', true)) = 'yes'"
CONTACT_SQL = "(select nullif(current_setting('app.contact_id', true), '')::uuid)"

PortalRule.CLOSED = PortalRule("closed", None, None)
PortalRule.SHARED = PortalRule("shared", "true", lambda _scope: Q())
PortalRule.OWN = PortalRule("own", f"id = {CLIENT_SQL}", lambda scope: Q(pk=scope.client_id))
PortalRule.BY_CLIENT = PortalRule(
    "by_client", f"client_id = {CLIENT_SQL}", lambda scope: Q(client_id=scope.client_id), ("client_id",)
)
PortalRule.BY_CLIENT_PUBLIC = PortalRule(
    "by_client_public",
    f"client_id = {CLIENT_SQL} and visibility = 'public'",
    lambda scope: Q(client_id=scope.client_id, visibility="public"),
    ("client_id", "visibility"),
)
PortalRule.BY_CONTACT = PortalRule(
    "by_contact",
    f"client_id = {CLIENT_SQL} and contact_id = {CONTACT_SQL}",
    lambda scope: Q(client_id=scope.client_id, contact_id=scope.contact_id),
    ("client_id", "contact_id"),
)
