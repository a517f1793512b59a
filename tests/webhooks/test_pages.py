"""The webhooks' pages: by whoever may change settings, of one's own shop only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from msp.audit.models import Entry
from msp.tenancy.context import enter
from msp.webhooks import actions
from msp.webhooks.models import Delivery, Endpoint
from tests.webhooks.conftest import ACTOR, EVENTS, listen, secrets_at, tried
from tests.world import NOW, STAFF_ROLES, ShopWorld, World

pytestmark = pytest.mark.django_db
LIST, NEW = "/settings/webhooks/", "/settings/webhooks/new/"
URL = "https://hooks.example/in?team=1"
GOOD = {"name": "Chat", "url": URL, "events": EVENTS[:2]}


def url(name: str, row: Endpoint | Delivery) -> str:
    return reverse(f"webhooks:{name}", args=[row.pk])


def post(browser: Browser, name: str, row: Endpoint | Delivery, data: Any = None) -> Any:
    return browser.post(url(name, row), data or {}, follow=True)


def only(shop: ShopWorld) -> Endpoint:
    with enter(shop.scope()):
        return Endpoint.objects.get()


def test_an_endpoint_is_set_up_changed_paused_and_deleted(world: World) -> None:
    browser, shop = world.north.browser("owner"), world.north
    assert "No webhook yet" in browser.get(LIST).content.decode()
    page = browser.post(NEW, GOOD, follow=True)
    endpoint = only(shop)
    assert page.redirect_chain == [(endpoint.get_absolute_url(), 302)]
    assert (endpoint.name, endpoint.url, endpoint.events) == ("Chat", URL, EVENTS[:2])
    assert "Nothing sent yet" in page.content.decode()
    post(browser, "change", endpoint, GOOD | {"name": "Wall", "events": EVENTS[2:]})
    assert (only(shop).name, only(shop).events) == ("Wall", EVENTS[2:])
    assert "Wall" in browser.get(LIST).content.decode()
    assert "held back" in post(browser, "pause", endpoint).content.decode()
    assert only(shop).is_paused
    post(browser, "test", endpoint)
    with enter(shop.scope()):
        assert not Delivery.objects.exists()
    post(browser, "resume", endpoint)
    assert not only(shop).is_paused
    assert "webhook.test" in post(browser, "test", endpoint).content.decode()
    page = post(browser, "delete", endpoint)
    assert "Wall is deleted." in page.content.decode()
    with enter(shop.scope()):
        assert (Endpoint.objects.count(), Delivery.objects.count()) == (0, 0)
        verbs = Entry.objects.filter(verb__startswith="webhook.").order_by("at", "id").values_list("verb", flat=True)
        assert [verb.removeprefix("webhook.") for verb in verbs] == [
            "added", "changed", "paused", "resumed", "tested", "deleted",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://hooks.example/", "It must begin with https://."),
        ("ftp://hooks.example/", "It must begin with https://."),
        ("https://", "Enter a valid URL."),
        ("https://hooks.example:x/", "This is no address."),
        ("https://127.0.0.1/", "private network"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
        ("https://localhost/", "private network"),
        ("https://us:secret@hooks.example/", "Leave the password out"),
        ("", "This field is required."),
    ],
)
def test_an_address_that_could_not_work_is_refused_at_once(world: World, address: str, said: str) -> None:
    page = world.north.browser("owner").post(NEW, GOOD | {"url": address})
    assert page.status_code == 422
    assert said in page.content.decode()


def test_an_installation_may_allow_its_own_network(world: World, settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_HOSTS = True
    world.north.browser("owner").post(NEW, GOOD | {"url": "http://127.0.0.1:9000/"})
    assert only(world.north).url == "http://127.0.0.1:9000/"


def test_the_secret_is_shown_on_demand_and_replaced_with_an_overlap(world: World) -> None:
    browser, endpoint = world.north.browser("owner"), listen(world.north, URL)
    (secret,) = secrets_at(world.north, endpoint)
    assert secret not in browser.get(endpoint.get_absolute_url()).content.decode()
    assert secret in post(browser, "secret", endpoint).content.decode()
    page = post(browser, "rotate", endpoint).content.decode()
    assert "The old secret signs beside the new one" in page
    assert only(world.north).secret_sealed != endpoint.secret_sealed
    assert "The old secret signs beside" not in post(browser, "end-old", endpoint).content.decode()


def test_a_secret_that_cannot_be_read_any_more_can_be_replaced(world: World) -> None:
    browser, endpoint = world.north.browser("owner"), listen(world.north, URL)
    with enter(world.north.scope()):
        Endpoint.objects.update(secret_sealed="gone.AAAA")
    assert "Make a new one" in post(browser, "secret", endpoint).content.decode()


def test_deliveries_are_listed_by_state_shown_and_sent_again(world: World) -> None:
    browser, endpoint = world.north.browser("owner"), listen(world.north, URL)
    failed, waiting = tried(world.north, endpoint), tried(world.north, endpoint)
    with enter(world.north.scope()):
        said = {"state": "failed", "finished_at": NOW, "last_error": "It answered 500.", "answer": "<b>Oops</b>"}
        Delivery.objects.filter(pk=failed.pk).update(**said, status=500, milliseconds=12, attempts=17)
    listed = browser.get(endpoint.get_absolute_url(), {"state": "failed"}).context["page"].rows
    assert [row.pk for row in listed] == [failed.pk]
    assert len(browser.get(endpoint.get_absolute_url(), {"state": "nonsense"}).context["page"].rows) == 2
    page = browser.get(failed.get_absolute_url()).content.decode()
    assert "It answered 500." in page
    assert "&lt;b&gt;Oops&lt;/b&gt;" in page
    assert "every 2s" not in page
    page = browser.get(waiting.get_absolute_url()).content.decode()
    assert ("every 2s" in page, "Send again" in page) == (True, False)
    assert "still waits" in post(browser, "replay", waiting).content.decode()
    again = post(browser, "replay", failed).context["delivery"]
    assert (again.event_id, again.replayed_by) == (failed.event_id, world.north.staff["owner"].name)
    assert "1 delivery goes out again." in post(browser, "replay-failed", endpoint).content.decode()
    with enter(world.north.scope()):
        actions.pause_endpoint(actor=ACTOR, now=NOW, endpoint=endpoint)
    assert "paused" in post(browser, "replay-failed", endpoint).content.decode()


def asked(browser: Browser, at: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(at)
    return len([each for each in queries if "webhooks_" in each["sql"]])


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_need_the_same_queries_for_one_and_three(world: World, number: int) -> None:
    endpoints = [listen(world.north, URL, name=f"No {each}") for each in range(number)]
    for _ in range(number):
        tried(world.north, endpoints[0])
    browser = world.north.browser("owner")
    assert (asked(browser, LIST), asked(browser, endpoints[0].get_absolute_url())) == (1, 2)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_who_may_change_settings_sees_them(world: World, role: str) -> None:
    browser, endpoint = world.north.browser(role), listen(world.north, URL)
    expected = 200 if role == "owner" else 403
    statuses = {browser.get(at).status_code for at in (LIST, NEW, endpoint.get_absolute_url(), url("change", endpoint))}
    assert statuses == {expected}


def test_another_shops_are_not_there(world: World) -> None:
    browser, endpoint = world.north.browser("owner"), listen(world.low, URL)
    row = tried(world.low, endpoint)
    assert {browser.get(at).status_code for at in (endpoint.get_absolute_url(), row.get_absolute_url())} == {404}
    names = ("secret", "rotate", "end-old", "test", "pause", "resume", "replay-failed", "delete")
    assert {browser.post(url(name, endpoint)).status_code for name in names} == {404}
    assert browser.post(url("replay", row)).status_code == 404
    with enter(world.low.scope()):
        assert Endpoint.objects.get().paused_at is None
