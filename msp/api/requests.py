"""Who calls the API."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework.request import Request

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.tenancy.context import staff_scope
from msp.tenancy.scope import Scope

from .choices import ApiScope
from .models import ApiToken
from .rules import widened


@dataclass(frozen=True)
class Caller:
    """A living token, whose it is, and the language its errors are told in. `member` None: the shop's own."""

    token: ApiToken
    language: str

    @property
    def member(self) -> Membership | None:
        member: Membership | None = self.token.member
        return member

    @property
    def actor(self) -> Actor:
        return self.token.as_actor()

    @property
    def scopes(self) -> frozenset[ApiScope]:
        return widened(self.token.scopes)

    def scope(self) -> Scope:
        """As the shop's staff see it, never as its owner does: what is private stays so."""
        return staff_scope(self.token.tenant_id)


class ApiRequest(Request):
    """A request of a program; its endpoint has checked the scope and the right behind it."""

    auth: Caller
