"""Deliveries on their way to a real receiver: signed, tried again, given up, sent once more, never into our own network."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from standardwebhooks import Webhook

from msp.audit.models import Entry
from msp.jobs.registry import QUEUES
from msp.notify.models import Notification
from msp.tenancy.context import enter
from msp.webhooks import actions
from msp.webhooks.actions.deliveries import NotPossible, delete_old_deliveries
from msp.webhooks.actions.sending import SendDelivery
from msp.webhooks.models import Delivery, Endpoint
from msp.webhooks.rules import OVERLAP
from tests.webhooks.conftest import ACTOR, Receiver, fresh, listen, secrets_at, send, tried
from tests.world import NOW, ShopWorld, World

pytestmark = pytest.mark.django_db(transaction=True)
GUIDE = Path(__file__).resolve().parents[2] / "docs/guide/webhooks.md"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def _untrusted(reason: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, reason)
    error.verify_message = reason
    return error


def now_of(shop: ShopWorld, endpoint: Endpoint) -> Endpoint:
    with enter(shop.scope()):
        return Endpoint.objects.get(pk=endpoint.pk)


def is_ours(secret: str, headers: dict[str, str], body: bytes, directory: Path) -> bool:
    """What the guide tells people to run says so."""
    command = GUIDE.read_text().partition("```sh\n")[2].partition("```")[0]
    (directory / "body.json").write_bytes(body)
    names = {"ID": "webhook-id", "TIMESTAMP": "webhook-timestamp", "SIGNATURE": "webhook-signature"}
    env = {"PATH": "/usr/bin:/bin:/usr/local/bin", "SECRET": secret} | {
        key: headers[name] for key, name in names.items()
    }
    return subprocess.run(["/bin/sh", "-c", command], cwd=directory, env=env, check=False).returncode == 0


def test_a_delivery_is_signed_as_the_guide_and_the_library_verify(
    world: World, receiver: Receiver, tmp_path: Path
) -> None:
    at = datetime.now(UTC)  # the library turns old ones away
    endpoint = listen(world.north, receiver.url)
    receiver.answer = b"thanks \xff" + b"x" * 5000
    row = tried(world.north, endpoint, at)
    assert send(at) == 1
    (got,), (secret,) = receiver.got, secrets_at(world.north, endpoint)
    said = Webhook(secret).verify(got.body, got.headers)
    assert is_ours(secret, got.headers, got.body, tmp_path)
    assert not is_ours(secret, got.headers, got.body + b" ", tmp_path)
    assert not is_ours("whsec_AAAA", got.headers, got.body, tmp_path)
    assert (said["type"], said["version"], said["id"]) == ("webhook.test", 1, got.headers["webhook-id"])
    row = fresh(world.north, row)
    assert (row.state, row.status, row.attempts, row.last_error) == ("delivered", 204, 1, "")
    assert str(row.event_id) == said["id"]
    assert now_of(world.north, endpoint).state == "works"


def test_only_the_first_kilobyte_of_an_answer_is_kept(world: World, receiver: Receiver) -> None:
    receiver.statuses, receiver.answer = [500], b"\x00\xff" + b"x" * 5000
    row = tried(world.north, listen(world.north, receiver.url))
    send()
    assert fresh(world.north, row).answer == "\ufffd" + "x" * 1022


def test_a_failure_is_tried_again_with_longer_and_longer_waits(world: World, receiver: Receiver) -> None:
    receiver.statuses = [500, 302]
    endpoint = listen(world.north, receiver.url)
    row = tried(world.north, endpoint)
    send()
    row = fresh(world.north, row)
    assert (row.state, row.status, row.last_error) == ("queued", 500, "It answered 500.")
    assert (row.due_at, row.endpoint.failures, row.endpoint.state) == (NOW + 10 * SECOND, 1, "failing")
    assert send(NOW + 9 * SECOND) == 0
    send(NOW + 10 * SECOND)
    row = fresh(world.north, row)
    assert (row.last_error, row.due_at) == ("It answered 302: redirects are not followed.", NOW + 30 * SECOND)
    send(NOW + 30 * SECOND)
    row = fresh(world.north, row)
    assert (row.state, row.attempts, row.endpoint.failures, row.endpoint.failing_since) == ("delivered", 3, 0, None)
    ids = {got.headers["webhook-id"] for got in receiver.got}
    assert (len(receiver.got), len(ids), len({got.body for got in receiver.got})) == (3, 1, 1)
    signed = {got.headers["webhook-timestamp"] for got in receiver.got}
    assert len(signed) == 3


def test_it_gives_up_after_about_a_day_and_can_be_sent_again(world: World, receiver: Receiver) -> None:
    receiver.statuses = [503] * QUEUES["webhooks"].max_attempts
    endpoint = listen(world.north, receiver.url)
    row, at = fresh(world.north, tried(world.north, endpoint)), NOW
    while row.state == "queued":
        at = row.due_at
        send(at)
        row = fresh(world.north, row)
    assert DAY < at - NOW < DAY + 3 * HOUR
    assert (row.state, row.attempts, row.status, row.last_error) == ("failed", 17, 503, "It answered 503.")
    with enter(world.north.scope()):
        again = actions.replay(actor=ACTOR, now=at, delivery=row)
        assert actions.replay_failed(actor=ACTOR, now=at, endpoint=endpoint) == 1
    send(at)
    assert [fresh(world.north, each).state for each in (row, again)] == ["delivered", "delivered"]
    assert len({(got.headers["webhook-id"], got.body) for got in receiver.got}) == 1
    assert fresh(world.north, again).replayed_by == "tests"
    with enter(world.north.scope()):
        verbs = Entry.objects.filter(verb__startswith="webhook.").order_by("at", "id").values_list("verb", flat=True)
        assert list(verbs)[-2:] == ["webhook.replayed", "webhook.replayed_failed"]
        with pytest.raises(NotPossible):
            actions.replay(actor=ACTOR, now=at, delivery=actions.send_test(actor=ACTOR, now=at, endpoint=endpoint))


def test_killed_after_sending_and_before_writing_it_down_it_is_sent_again(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = tried(world.north, listen(world.north, receiver.url))

    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(SendDelivery, "finish", die)
        with pytest.raises(SystemExit):
            send()
    assert (len(receiver.got), fresh(world.north, row).state) == (1, "queued")
    assert send(NOW + SECOND) == 0  # it is still the dead worker's
    assert send(NOW + HOUR) == 1
    assert (len(receiver.got), fresh(world.north, row).state) == (2, "delivered")
    assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_nothing_is_sent_into_our_own_network(world: World, receiver: Receiver, settings: Settings, host: str) -> None:
    settings.WEBHOOK_PRIVATE_HOSTS = False
    row = tried(world.north, listen(world.north, f"https://{host}:{receiver.port}/"))
    send()
    row = fresh(world.north, row)
    assert (row.state, row.attempts, row.status, receiver.got) == ("failed", 1, None, [])
    assert "lies in a private network" in row.last_error


def test_nothing_is_sent_in_clear_either(world: World, receiver: Receiver, settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_HOSTS = False
    row = tried(world.north, listen(world.north, "http://hooks.example/"))
    send()
    assert fresh(world.north, row).last_error == "Only https addresses are asked."


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "The name of its server could not be found."),
        (ConnectionRefusedError(111, "Connection refused"), "Nothing listens at that address."),
        (_untrusted("self-signed certificate"), "Its certificate cannot be trusted: self-signed certificate."),
        (http.client.BadStatusLine("x"), "BadStatusLine: x"),
    ],
)
def test_what_went_wrong_on_the_way_is_said_in_words(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, why: Exception, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise why

    monkeypatch.setattr("msp.webhooks.actions.sending.post", fail)
    row = tried(world.north, listen(world.north, receiver.url))
    send()
    row = fresh(world.north, row)
    assert (row.state, row.last_error, row.endpoint.last_error) == ("queued", words, words)


def test_a_receiver_that_never_ends_is_cut_off(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msp.webhooks.actions.sending.PATIENCE", 1.0)
    receiver.seconds = 3
    row = tried(world.north, listen(world.north, receiver.url))
    send()
    row = fresh(world.north, row)
    assert (row.state, row.status, row.last_error) == ("queued", None, "No answer within 1 seconds.")
    assert 900 < (row.milliseconds or 0) < 2500


def test_a_slow_endpoint_lets_other_shops_go_first(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msp.webhooks.rules.SLOW", 0)
    monkeypatch.setattr("msp.webhooks.rules.RESTS", 10_000)
    receiver.seconds = 0.01
    endpoint = listen(world.north, receiver.url)
    rows = [tried(world.north, endpoint) for _ in range(3)]
    other = tried(world.low, listen(world.low, receiver.url))
    assert send() == 4
    found = [fresh(world.north, row) for row in rows]
    assert [row.state for row in found] == ["delivered", "queued", "queued"]
    assert {(row.attempts, row.last_error) for row in found[1:]} == {(0, "The endpoint is slow; others go first.")}
    assert all(row.due_at > NOW for row in found[1:])
    assert fresh(world.low, other).state == "delivered"


def test_while_an_endpoint_fails_one_delivery_at_a_time_finds_out(world: World, receiver: Receiver) -> None:
    endpoint = listen(world.north, receiver.url)
    with enter(world.north.scope()):
        busy = {"failures": 1, "failing_since": NOW, "last_error": "It answered 500.", "rests_until": NOW + SECOND}
        Endpoint.objects.filter(pk=endpoint.pk).update(**busy)
    row = tried(world.north, endpoint)
    send()
    row = fresh(world.north, row)
    assert (row.attempts, row.last_error) == (1, "The endpoint is failing: It answered 500.")
    assert receiver.got == []
    send(NOW + 10 * SECOND)
    assert fresh(world.north, row).state == "delivered"


def test_an_endpoint_that_fails_for_days_is_paused_and_people_hear_of_it(world: World, receiver: Receiver) -> None:
    receiver.statuses = [500]
    endpoint = listen(world.north, receiver.url)
    with enter(world.north.scope()):
        Endpoint.objects.filter(pk=endpoint.pk).update(failures=9, failing_since=NOW - 3 * DAY, last_error="x")
    row = tried(world.north, endpoint)
    send()
    found = now_of(world.north, endpoint)
    assert (found.state, found.paused_because) == ("paused", "Nothing got through for three days.")
    with enter(world.north.scope()):
        told = Notification.objects.get(to=world.north.staff["owner"])
        assert told.words == "The webhook Chat was paused. Nothing got through for three days."
        assert told.url == endpoint.get_absolute_url()
        assert Entry.objects.filter(verb="webhook.gave_up").count() == 1
    send(NOW + HOUR)
    assert (fresh(world.north, row).state, len(receiver.got)) == ("held", 1)
    with enter(world.north.scope()):
        with pytest.raises(NotPossible):
            actions.send_test(actor=ACTOR, now=NOW, endpoint=found)
        actions.resume_endpoint(actor=ACTOR, now=NOW + DAY, endpoint=found)
    send(NOW + DAY)
    assert (fresh(world.north, row).state, now_of(world.north, endpoint).state) == ("delivered", "works")


def test_gone_is_taken_at_its_word(world: World, receiver: Receiver) -> None:
    receiver.statuses = [410]
    endpoint = listen(world.north, receiver.url)
    tried(world.north, endpoint)
    send()
    assert now_of(world.north, endpoint).paused_because == "It said that it wants no more (410)."


def test_a_replaced_secret_signs_for_a_day_more(world: World, receiver: Receiver, tmp_path: Path) -> None:
    endpoint = listen(world.north, receiver.url)
    (old,) = secrets_at(world.north, endpoint)
    with enter(world.north.scope()):
        actions.rotate_secret(actor=ACTOR, now=NOW, endpoint=endpoint)
    new, still = secrets_at(world.north, endpoint)
    assert (still, old != new) == (old, True)
    tried(world.north, endpoint), send()
    first = receiver.got[0]
    assert [is_ours(secret, first.headers, first.body, tmp_path) for secret in (old, new)] == [True, True]
    assert secrets_at(world.north, endpoint, NOW + OVERLAP) == [new]
    with enter(world.north.scope()):
        actions.end_old_secret(actor=ACTOR, now=NOW, endpoint=endpoint)
        assert actions.show_secret(actor=ACTOR, now=NOW, endpoint=now_of(world.north, endpoint)) == new
        assert Entry.objects.filter(verb="webhook.secret_shown").count() == 1
    assert secrets_at(world.north, endpoint) == [new]


def test_old_deliveries_and_what_signs_no_more_are_deleted(world: World, receiver: Receiver) -> None:
    endpoint = listen(world.north, receiver.url)
    done = tried(world.north, endpoint)
    send()
    waiting = tried(world.north, endpoint)
    with enter(world.north.scope()):
        actions.rotate_secret(actor=ACTOR, now=NOW, endpoint=endpoint)
    assert delete_old_deliveries(NOW + 29 * DAY) == 0
    assert delete_old_deliveries(NOW + 31 * DAY) == 1
    with enter(world.north.scope()):
        assert [row.pk for row in Delivery.objects.all()] == [waiting.pk] != [done.pk]
        assert Endpoint.objects.get().old_secret_sealed == ""
        actions.delete_endpoint(actor=ACTOR, now=NOW, endpoint=endpoint)
        assert (Endpoint.objects.count(), Delivery.objects.count()) == (0, 0)
    assert json.loads(done.body)["data"]["endpoint"] == "Chat"
