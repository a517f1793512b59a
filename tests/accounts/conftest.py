from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from msp.accounts.models import Membership, User
from msp.accounts.rules import Letter
from msp.accounts.signals import letter_written
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import ShopWorld, World

PASSWORD = "a long enough secret 7"


@pytest.fixture
def letters() -> Iterator[list[Letter]]:
    """The letters written during the test, oldest first."""
    written: list[Letter] = []

    def keep(letter: Letter, **kwargs: Any) -> None:
        written.append(letter)

    letter_written.connect(keep)
    yield written
    letter_written.disconnect(keep)


@pytest.fixture
def anonymous() -> Browser:
    return Browser(SERVER_NAME="localhost")


@pytest.fixture
def owner(world: World) -> Membership:
    """North's owner, with a password and a verified address."""
    return with_password(world.north.staff["owner"])


def with_password(membership: Membership) -> Membership:
    user = User.objects.get(pk=membership.user_id)
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return membership


def code_in(letter: Letter) -> str:
    """The code that stands on a line of its own."""
    return next(line.strip() for line in letter.text.splitlines() if re.fullmatch(r"\s*[0-9A-Z][0-9A-Z-]{4,}\s*", line))


def acts(shop: ShopWorld, verb: str) -> list[tuple[str, dict[str, Any]]]:
    """Who did it and what was kept, of every entry of the shop's activity log with this verb, oldest first."""
    with enter(shop.scope()):
        return [(entry.actor_name, entry.data) for entry in Entry.objects.filter(verb=verb).order_by("at", "id")]
