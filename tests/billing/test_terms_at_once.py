"""The first two to write a client's terms, or the shop's settings, at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from billing.actions import change_client_terms, change_settings
from billing.models import BillingSettings, ClientTerms
from clients.models import Client
from msp.tenancy.context import enter
from tests.world import NOW, World


@pytest.mark.django_db(transaction=True)
def test_the_first_two_to_write_terms_at_once_leave_one_row(world: World) -> None:
    gate, actor = Barrier(4), world.north.staff["owner"].as_actor()

    def write(number: int) -> None:
        try:
            with enter(world.north.scope()):
                gate.wait(10)
                client = Client.objects.get(pk=world.north.one.client.pk)
                change_client_terms(client=client, values={"po_number": f"PO {number}"}, actor=actor, now=NOW)
                change_settings(values={"footer": str(number)}, actor=actor, now=NOW)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with enter(world.north.scope()):
        assert (ClientTerms.objects.count(), BillingSettings.objects.count()) == (1, 1)
