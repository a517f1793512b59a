"""Promises and invoices by the API."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice
from clients.models import Promise
from msp.tenancy.context import enter
from tests.api.calling import program
from tests.e2e.stage import set_the_stage
from tests.world import World

QUERIES_OF_PROMISES = 11
QUERIES_OF_INVOICES = 12


@pytest.fixture
def day(world: World) -> World:
    set_the_stage(world.north)
    return world


def test_promises_by_what_they_wait_for(day: World) -> None:
    north, tech = day.north, program(day.north, "technician")
    with enter(north.scope()):
        due = [
            str(pk)
            for pk in Promise.objects.filter(state="open").order_by("promised_at", "id").values_list("pk", flat=True)
        ]
    assert [row["id"] for row in tech.get("promises/").json()["items"]] == due
    assert {row["state"] for row in tech.get("promises/?view=kept").json()["items"]} == {"kept"}
    one = tech.get(f"promises/{due[0]}/").json()
    assert (one["client"]["id"], one["owner"]["name"]) == (str(north.one.client.pk), "Technician Northgate")
    assert [row["id"] for row in tech.get(f"promises/?subject={one['subject_id']}&view=due").json()["items"]] != []
    assert tech.get(f"promises/?client={day.low.one.client.pk}").status_code == 409
    assert program(day.low, "owner").get(f"promises/{due[0]}/").status_code == 404


def test_invoices_with_what_is_owed(day: World) -> None:
    north, office = day.north, program(day.north, "office_manager")
    with enter(north.scope()):
        invoice = Invoice.objects.issued().get()
    (row,) = office.get("invoices/?view=open").json()["items"]
    assert (row["number"], row["total"], row["paid"]) == (invoice.number, f"{invoice.total:.4f}", "20.0000")
    whole = office.get(f"invoices/{invoice.pk}/").json()
    assert whole == row | {"lines": whole["lines"]}
    assert sum(float(line["amount"]) for line in whole["lines"]) == float(invoice.net)
    assert office.get("invoices/?view=paid").json()["items"] == []
    assert program(north, "technician").get("invoices/").json()["code"] == "not_allowed"
    assert program(day.low, "owner").get(f"invoices/{invoice.pk}/").status_code == 404


def test_lists_ask_as_much_for_many_as_for_one(day: World) -> None:
    owner = program(day.north, "owner")
    owner.get("clients/")
    for address, wanted in (("promises/", QUERIES_OF_PROMISES), ("invoices/", QUERIES_OF_INVOICES)):
        for limit in (1, 3):
            with CaptureQueriesContext(connection) as queries:
                owner.get(f"{address}?limit={limit}")
            assert (address, len(queries)) == (address, wanted)
