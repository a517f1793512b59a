"""What every page pays before it does anything of its own."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from tests.world import World

# Whose session, who, "whose rows may I read", their memberships, the scope, the shop's settings (gate, zone, colour).
STAFF = ["django_session", "accounts_user", "set_config", "accounts_membership", "set_config", "accounts_shopsettings"]


def overhead(browser: Browser, path: str) -> list[str]:
    """The tables and settings that a request asks for, in order."""
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    asked = [query["sql"] for query in queries if query["sql"] not in {"BEGIN", "COMMIT"}]
    return ["set_config" if "set_config" in sql else sql.partition('FROM "')[2].partition('"')[0] for sql in asked]


@pytest.mark.django_db(transaction=True)
def test_a_staff_request_costs_six_queries(world: World) -> None:
    assert overhead(world.north.browser("technician"), "/search/palette") == STAFF


@pytest.mark.django_db(transaction=True)
def test_a_required_second_factor_costs_one_more(world: World) -> None:
    technician = world.north.staff["technician"]
    technician.user.authenticator_set.create(type="webauthn", data={})
    browser = world.north.browser("technician")
    world.north.browser("owner").post("/settings/security/", {"staff_mfa_required": "on"})
    assert overhead(browser, "/search/palette") == [*STAFF, "mfa_authenticator"]
