"""What tickets and promises tell: in the act's transaction, to whoever asked, without what is confidential."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clients.actions import (
    cancel_promise,
    keep_promise,
    make_promise,
    move_promise,
    pause_promise,
    promise_callback,
    resume_promise,
    send_complaint,
)
from clients.actions.sweeping import SweepPromises
from clients.models import Promise
from clients.rules import Stage
from msp.jobs.actions import work_row
from msp.jobs.actions.together import settle_together
from msp.tenancy.context import enter, on_behalf
from msp.webhooks import actions
from msp.webhooks.models import Delivery
from msp.webhooks.registry import EVENTS
from msp.webhooks.rules import VERSION
from tests.tickets.making import make_ticket
from tests.webhooks.conftest import ACTOR, listen
from tests.world import NOW, ShopWorld, World
from tickets.actions import (
    add_note,
    assign_ticket,
    change_priority,
    change_status,
    open_ticket,
    reply_as_contact,
    reply_publicly,
    take_back_note,
    take_back_reply,
)
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
URL = "https://hooks.example/"
ALL = list(EVENTS)


@pytest.fixture
def shop(world: World) -> Iterator[ShopWorld]:
    with enter(world.north.scope()):
        yield world.north


def told(event: str = "") -> list[dict[str, Any]]:
    rows = Delivery.objects.filter(event__startswith=event).exclude(state="cancelled").order_by("created_at", "id")
    return [json.loads(row.body) for row in rows]


def names(event: str = "ticket") -> list[str]:
    return [said["type"] for said in told(event)]


def ticket_in(shop: ShopWorld, **given: Any) -> Ticket:
    return make_ticket(shop, **given)


def test_a_new_ticket_is_told_to_each_endpoint_that_asked_and_to_no_other_shop(world: World, shop: ShopWorld) -> None:
    listen(shop, URL, events=["ticket.created"]), listen(shop, URL, events=["ticket.created", "ticket.solved"])
    listen(shop, URL, events=["ticket.solved"]), listen(world.low, URL, events=ALL)
    ticket = ticket_in(shop)
    one, two = told()
    assert one == two  # the same event, with the same id
    assert (one["type"], one["version"], one["timestamp"]) == ("ticket.created", VERSION, "2026-11-23T13:38:00Z")
    data = one["data"]
    assert {name: data[name] for name in ("id", "number", "subject", "status", "body", "body_is_whole")} == {
        "id": str(ticket.pk), "number": ticket.number, "subject": "Printer jams", "status": "new",
        "body": "It jams on every second page.", "body_is_whole": True,
    }  # fmt: skip
    assert data["url"].startswith("http")
    assert data["url"].endswith(ticket.get_absolute_url())
    assert data["client"] == {"id": str(shop.one.client.pk), "name": shop.one.client.name}
    with enter(world.low.scope()):
        assert told() == []


def test_a_shop_without_endpoints_pays_one_small_query_for_a_whole_act(shop: ShopWorld) -> None:
    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as queries, enter(shop.scope()):
            author = shop.staff["technician"]
            given = {"client": shop.one.client, "contact": shop.one.anna, "subject": "Printer jams", "body": "It does."}
            ticket = open_ticket(actor=author.as_actor(), now=NOW, author=author, **given)
            reply_publicly(
                actor=author.as_actor(), now=NOW, ticket=ticket, author=author, body="Look.", to=shop.one.anna
            )
        return [each["sql"] for each in queries if "webhooks_" in each["sql"]]

    (only,) = asked()
    assert 'FROM "webhooks_endpoint"' in only
    assert not Delivery.objects.exists()


def test_what_is_rolled_back_was_never_told(shop: ShopWorld) -> None:
    listen(shop, URL)
    with enter(shop.scope()):
        ticket_in(shop)
        assert Delivery.objects.exists()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_changes_of_one_act_are_one_event(shop: ShopWorld) -> None:
    ticket, author = ticket_in(shop), shop.staff["technician"]
    listen(shop, URL)
    actor, now = author.as_actor(), NOW + MINUTE
    assign_ticket(actor=actor, now=now, ticket=ticket, assignee=author)
    change_priority(actor=actor, now=now, ticket=ticket, priority=1)
    change_status(actor=actor, now=now + MINUTE, ticket=ticket, status="solved")
    first, second = told("ticket.changed")
    assert first["data"]["changed"] == ["assignee", "priority"]
    assert (first["data"]["assignee"]["name"], first["data"]["priority"]) == (author.name, 1)
    assert (second["data"]["changed"], second["data"]["status"]) == (["status", "confirmed_at"], "solved")
    (solved,) = told("ticket.solved")
    assert solved["data"]["solved_at"] == "2026-11-23T13:40:00Z"


def test_a_reply_leaves_when_it_cannot_be_undone_and_a_note_at_once(shop: ShopWorld) -> None:
    ticket, author = ticket_in(shop), shop.staff["technician"]
    listen(shop, URL, events=["ticket.message"])
    given = {"actor": author.as_actor(), "ticket": ticket, "author": author}
    reply = reply_publicly(**given, now=NOW, body="Is it the tray?", to=shop.one.anna)
    note = add_note(**given, now=NOW + MINUTE, body="Old printer")
    reply_as_contact(
        actor=ACTOR, now=NOW + 2 * MINUTE, ticket=ticket, contact=shop.one.anna, body="It is, and here is the rest"
    )
    heard = [(m["data"]["visibility"], m["data"]["by"], m["data"]["body"]) for m in told()]
    assert heard == [
        ("public", "staff", "Is it the tray?"),
        ("internal", "staff", "Old printer"),
        ("public", "contact", "It is, and here is the rest"),
    ]
    leaves = dict(Delivery.objects.values_list("subject_id", "due_at"))
    assert (leaves[reply.pk], leaves[note.pk]) == (reply.visible_at, NOW + MINUTE)
    take_back_reply(actor=ACTOR, now=NOW + timedelta(seconds=5), message=reply)
    take_back_note(actor=ACTOR, now=NOW + MINUTE, message=note)
    assert [m["data"]["by"] for m in told()] == ["contact"]


def test_of_a_confidential_ticket_nothing_but_its_existence_is_told(shop: ShopWorld) -> None:
    listen(shop, URL, events=ALL)
    with enter(shop.portal_scope(shop.one.anna)), on_behalf():
        ticket = open_ticket(
            actor=ACTOR, now=NOW, client=shop.one.client, contact=shop.one.anna, subject="About my pay",
            body="It is too low", confidential=True,
        )  # fmt: skip
    author = shop.staff["technician"]
    reply_publicly(
        actor=author.as_actor(), now=NOW + MINUTE, ticket=ticket, author=author, body="I see: pay", to=shop.one.anna
    )
    promise_callback(
        actor=ACTOR, now=NOW, subject=ticket, client=shop.one.client, promised_at=NOW + HOUR, contact=shop.one.anna,
        words="Ring about the pay", confidential=True,
    )  # fmt: skip
    change_status(actor=author.as_actor(), now=NOW + 2 * MINUTE, ticket=ticket, status="solved")
    assert {"ticket.created", "ticket.message", "ticket.changed", "ticket.solved", "promise.made"} <= set(names(""))
    everything = json.dumps(told())
    assert not [words for words in ("pay", "low", shop.one.anna.name) if words in everything]
    assert all(said["data"].get("number", ticket.number) == ticket.number for said in told())


def test_a_private_word_to_the_owner_is_told_to_nobody(shop: ShopWorld) -> None:
    listen(shop, URL, events=ALL)
    with enter(shop.portal_scope(shop.one.anna)), on_behalf():
        send_complaint(now=NOW, contact=shop.one.anna, words="He shouts", form_key=shop.one.anna.pk)
    assert told() == []


def promised(shop: ShopWorld, **given: Any) -> Promise:
    values = {
        "kind": "reply", "subject": shop.one.asset, "client": shop.one.client, "owner": shop.staff["technician"],
        "promised_at": NOW + 8 * HOUR, "stages": [Stage("most", NOW + 6 * HOUR)], "words": "Ring back",
    }  # fmt: skip
    return make_promise(actor=ACTOR, now=NOW, **values | given)


def test_the_life_of_a_promise_is_told(shop: ShopWorld) -> None:
    listen(shop, URL, events=ALL)
    promise, to = promised(shop), NOW + 9 * HOUR
    move_promise(actor=ACTOR, now=NOW + MINUTE, promise=promise, promised_at=to, because="busy", tell=False)
    pause_promise(actor=ACTOR, now=NOW + 2 * MINUTE, promise=promise, because="they think")
    resume_promise(actor=ACTOR, now=NOW + 3 * MINUTE, promise=promise, promised_at=to)
    keep_promise(actor=ACTOR, now=NOW + 4 * MINUTE, promise=promise)
    cancel_promise(actor=ACTOR, now=NOW + 5 * MINUTE, promise=promised(shop, ordinal=2), because="no need")
    made, _second, moved, *_rest, kept, cancelled = told("promise")
    assert names("promise") == [
        *("promise.made", "promise.made", "promise.moved", "promise.paused", "promise.resumed", "promise.kept"),
        "promise.cancelled",
    ]
    assert (made["data"]["words"], made["data"]["owner"]["name"]) == ("Ring back", shop.staff["technician"].name)
    assert made["data"]["subject"] == {"kind": "clients.asset", "id": str(shop.one.asset.pk)}
    assert (moved["data"]["was_promised_at"], moved["data"]["promised_at"]) == (
        "2026-11-23T21:38:00Z",
        "2026-11-23T22:38:00Z",
    )
    assert (kept["data"]["state"], kept["data"]["kept_at"]) == ("kept", "2026-11-23T13:42:00Z")
    assert cancelled["data"]["state"] == "cancelled"


def test_the_sweep_tells_of_risk_and_of_broken_ones(shop: ShopWorld) -> None:
    listen(shop, URL, events=["promise.at_risk", "promise.broken", "promise.kept"])
    promise = promised(shop)
    work_row(queue_name="promises", row=promise, now=NOW + 6 * HOUR)
    work_row(queue_name="promises", row=promise, now=NOW + 8 * HOUR)
    risk, broken = told()
    assert (risk["type"], risk["data"]["stage"], risk["data"]["state"]) == ("promise.at_risk", "most", "open")
    assert (broken["type"], broken["data"]["broken_at"]) == ("promise.broken", "2026-11-23T21:38:00Z")
    keep_promise(actor=ACTOR, now=NOW + 9 * HOUR, promise=promise)
    late = promised(shop, ordinal=2)
    keep_promise(actor=ACTOR, now=NOW + 9 * HOUR, promise=late)  # before the sweep came by
    assert names("promise")[2:] == ["promise.kept", "promise.broken", "promise.kept"]


def test_a_sweep_asks_once_for_many_promises(shop: ShopWorld) -> None:
    rows = [promised(shop, ordinal=number) for number in range(1, 6)]
    with CaptureQueriesContext(connection) as queries, enter(shop.scope()):
        settle_together(SweepPromises(), rows, NOW + 8 * HOUR)
    assert len([each for each in queries if "webhooks_" in each["sql"]]) == 1


def test_a_paused_endpoint_is_told_nothing_and_hears_again_when_it_goes_on(shop: ShopWorld) -> None:
    endpoint = listen(shop, URL)
    actions.pause_endpoint(actor=ACTOR, now=NOW, endpoint=endpoint)
    ticket_in(shop)
    assert told() == []
    actions.resume_endpoint(actor=ACTOR, now=NOW, endpoint=endpoint)
    ticket_in(shop)
    assert names() == ["ticket.created"]


def test_a_long_text_is_cut_and_says_so(shop: ShopWorld) -> None:
    listen(shop, URL)
    ticket = ticket_in(shop, body="x" * 10_001)
    (said,) = told("ticket.created")
    assert (len(said["data"]["body"]), said["data"]["body_is_whole"]) == (10_000, False)
    assert len(Message.objects.get(ticket=ticket).body) == 10_001


def test_an_event_that_nobody_offered_is_a_mistake(shop: ShopWorld) -> None:
    with pytest.raises(KeyError):
        actions.announce(event="ticket.exploded", subject_id=shop.one.asset.pk, now=NOW, data=dict)
