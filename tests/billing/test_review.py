"""The facts that the checks look at."""

from __future__ import annotations

import pytest

from billing.models import ClientTerms
from billing.queries.review import review
from clients.models import Contact
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office


@pytest.mark.parametrize("written", ["anna@orchard.example", "Anna@Orchard.Example"])
def test_a_recipient_of_another_client_is_found_however_it_is_written(
    world: World, office: Office, written: str
) -> None:
    north = world.north
    office.solved(north.one, 60)
    invoice = office.draft(north.one)
    with enter(north.scope()):
        Contact.objects.filter(pk=north.two.anna.pk).update(email=written)
        ClientTerms.objects.create(client=north.one.client, invoice_email="anna@ORCHARD.example")
        (found,) = review([invoice], NOW)[0].report.errors
        assert (found.check, found.why) == ("own_recipient", "anna@orchard.example")
