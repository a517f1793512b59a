"""Two people at the same moment: real threads on real Postgres."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from clients import actions
from msp.tenancy.context import enter
from tests.world import NOW, World


@pytest.mark.django_db(transaction=True)
def test_two_clients_of_one_name_at_once_get_short_names_of_their_own(world: World) -> None:
    north, gate = world.north, Barrier(4)
    values = {"name": "New", "country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}

    def add(_number: int) -> str:
        try:
            with enter(north.scope()):
                gate.wait(10)
                actor = north.staff["owner"].as_actor()
                return actions.create_client(actor=actor, now=NOW, values=values).slug
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == ["new-2", "new-3", "new-4", "new-5"]
