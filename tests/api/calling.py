"""Short ways to call the API as a program does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from msp.accounts.rules import system_actor
from msp.api.actions import make_token
from msp.api.choices import ApiScope
from msp.api.models import ApiToken
from msp.tenancy.context import enter
from tests.world import ShopWorld

ALL = tuple(ApiScope)


@dataclass
class Program:
    """A program with a token. Cookies that it was given count for nothing."""

    text: str
    token: ApiToken | None = None

    def __post_init__(self) -> None:
        self.browser = Browser(SERVER_NAME="localhost", enforce_csrf_checks=True)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self.text}"} if self.text else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        path = path if path.startswith("/") else f"/api/v1/{path}"
        options: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.browser, method)(path, headers=given, **options)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("post", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("patch", path, body, **headers)


def program(shop: ShopWorld, role: str = "", scopes: Iterable[str] = ALL, days: int = 30) -> Program:
    """A program with a personal token of the member with this role, or without one with a service token."""
    with enter(shop.scope()):
        row, text = make_token(
            actor=system_actor("tests"), now=timezone.now(), member=shop.staff[role] if role else None,
            name=f"Program of {role or 'the shop'}", scopes=scopes, days=days,
        )  # fmt: skip
    return Program(str(text), row)
