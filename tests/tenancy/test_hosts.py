"""A host can only narrow."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.world import World, signed_in


@pytest.fixture
def hosts(world: World) -> World:
    for shop in (world.north, world.low):
        shop.tenant.host = f"help.{shop.tenant.slug}.example"
        shop.tenant.save()
    return world


@pytest.mark.parametrize("host", ["evil.example", "help.north.example.evil.example", "north.example", "10.0.0.1"])
def test_a_strangers_host_is_refused(hosts: World, host: str) -> None:
    assert Browser(SERVER_NAME=host).get("/account/login/").status_code == 400


def test_the_base_host_costs_no_query_and_a_shops_host_one(
    hosts: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert Browser(SERVER_NAME="localhost").get("/brand.css").status_code == 200
    with django_assert_num_queries(1):
        assert Browser(SERVER_NAME="help.north.example").get("/brand.css").status_code == 200


def test_a_membership_is_worth_nothing_on_another_shops_host(hosts: World) -> None:
    browser = signed_in(hosts.north.staff["owner"])
    at_home = browser.get("/search/", headers={"host": "help.north.example"})
    elsewhere = browser.get("/search/", headers={"host": "help.low.example"})
    assert (at_home.status_code, elsewhere.status_code) == (200, 404)
    assert hasattr(at_home.wsgi_request, "membership")
    assert not hasattr(elsewhere.wsgi_request, "membership")
    assert elsewhere.wsgi_request.memberships == []


@pytest.mark.parametrize(
    ("domain", "answer"),
    [
        ("help.north.example", 204),
        ("HELP.north.example", 204),
        ("north.example", 404),
        ("localhost", 404),
        ("", 404),
        ("%00", 404),
        ("hélp", 404),
    ],
)
def test_a_certificate_is_fetched_for_shops_hosts_only(hosts: World, domain: str, answer: int) -> None:
    assert Browser(SERVER_NAME="localhost").get(f"/certificates/ask?domain={domain}").status_code == answer
