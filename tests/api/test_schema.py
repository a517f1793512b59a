"""schemathesis over the OpenAPI schema, every check, as every role: no server error, nothing that the schema does not say.

What is generated is sent through the real WSGI application; each request is taken back, so that every one meets the same shop.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from billing.models import Invoice
from clients.models import Promise
from msp.api.actions import limits
from msp.api.adapters import schema as described
from msp.tenancy.context import enter
from tests.api.calling import program
from tests.e2e.stage import set_the_stage
from tests.world import STAFF_ROLES, World
from tickets.models import Ticket

pytestmark = pytest.mark.filterwarnings("ignore")  # of the generators
ROLES = [*STAFF_ROLES, "service", "narrow service", "low"]
# A precondition of its own making (If-Match) is refused, as it should be.
CHECKS = {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "412"]}}
MODES = list(GenerationMode)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A request's begin and end would close the connection that the test's transaction is open on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A shop in the middle of its day, and the ids and numbers by which its rows are called."""
    monkeypatch.setattr(limits, "FAILURES", 10**9)
    set_the_stage(world.north)
    one = world.north.one
    with enter(world.north.scope()):
        promise = Promise.objects.order_by("id").first()
        ticket = Ticket.objects.order_by("number").first()
        invoice = Invoice.objects.issued().first()
    assert promise is not None
    assert ticket is not None
    assert invoice is not None
    return {
        "client": one.client.pk, "client_id": one.client.pk, "site": one.site.pk, "site_id": one.site.pk,
        "contact": one.anna.pk, "contact_id": one.anna.pk, "asset": one.asset.pk, "asset_id": one.asset.pk,
        "promise_id": promise.pk, "invoice_id": invoice.pk, "ticket": ticket.number, "ticket_number": ticket.number,
        "author": world.north.staff["technician"].pk, "member": world.north.staff["technician"].pk,
    }  # fmt: skip


def token_of(world: World, role: str) -> str:
    match role:
        case "service":
            return program(world.north, "").text
        case "narrow service":
            return program(world.north, "", ["tickets:read", "time:write"]).text
        case "low":
            return program(world.low, "owner").text
    return program(world.north, role).text


@functools.cache
def operations() -> list[APIOperation[Any, Any, Any, Any]]:
    """Read once for all roles: what checks a text of 50,000 characters takes a few hundred megabytes, and nobody gives them back."""
    config = SchemathesisConfig.from_dict({"checks": CHECKS})
    found = schemathesis.openapi.from_dict(described(), config=config)
    found.app = get_wsgi_application()
    return [each.ok() for each in found.get_all_operations()]


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_keeps_to_the_schema(
    world: World, shop: dict[str, Any], role: str, scale: Callable[[int, int], int]
) -> None:
    tally, faults = Counter[int](), list[str]()
    headers = {"Authorization": f"Bearer {token_of(world, role)}", "Accept-Encoding": "identity"}
    given: dict[str, Any] = {
        "headers": headers,
        "examples": scale(1, 50),
        "tally": tally,
    }  # examples of each of four ways
    for number, operation in enumerate(operations()):
        for mode, known in ways(number, whole=scale(role == "owner", 1) == 1):
            try:
                drive(operation, mode, shop=shop if known else {}, **given)
            except (Exception, BaseExceptionGroup) as error:
                faults.append(f"{operation.label} {mode} as {role}: {error}")
    print(f"{role}: {tally.total()} requests, {dict(sorted(tally.items()))}")  # noqa: T201
    if faults:
        pytest.fail(f"{len(faults)} breaches\n\n" + "\n\n".join(faults), pytrace=False)
    assert tally[200] + tally[201] > 0


def ways(number: int, *, whole: bool) -> list[tuple[GenerationMode, bool]]:
    """Right and wrong data, about rows that are there and about others; without `whole` one of these by turns."""
    found = [(mode, known) for known in (True, False) for mode in MODES]
    return found if whole else [found[number % 2]]


def drive(
    operation: Any,
    mode: GenerationMode,
    *,
    shop: dict[str, Any],
    headers: dict[str, str],
    examples: int,
    tally: Counter[int],
) -> None:
    """So many requests of an operation; with `shop` about rows that are there."""
    names = {parameter.name for parameter in operation.path_parameters}
    fixed = {name: str(value) for name, value in shop.items() if name in names}
    cases = operation.as_strategy(generation_mode=mode, **({"path_parameters": fixed} if fixed else {}))

    @seed(20261122)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def run(case: Any, data: Any) -> None:
        if mode.is_positive and isinstance(case.body, dict):
            for name in sorted(case.body.keys() & shop.keys()):
                if data.draw(st.booleans()) or name == "client":
                    case.body[name] = shop[name] if name == "ticket" else str(shop[name])
        with transaction.atomic():
            try:
                tally[case.call_and_validate(headers=headers).status_code] += 1
            finally:
                transaction.set_rollback(True)

    run()
