"""The promises page and what people do there; the client's page; the portal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients import actions
from clients.models import Promise
from clients.queries.promise_lists import AskedPromises, kept_rate, kept_rates
from clients.rules import Step
from msp.jobs.actions import work_row
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.world import ShopWorld, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def call(shop: ShopWorld, words: str = "Call about the quote", *, hours: float = 5, **given: Any) -> Promise:
    now = timezone.now()
    values = {
        "subject": shop.one.client,
        "client": shop.one.client,
        "contact": shop.one.anna,
        "owner": shop.staff["technician"],
        "promised_at": now + hours * HOUR,
    } | given
    with enter(shop.scope()):
        if hours > 0:
            return actions.promise_callback(actor=shop.staff["technician"].as_actor(), now=now, words=words, **values)
        past = now + (hours - 1) * HOUR
        promise = actions.promise_callback(actor=shop.staff["technician"].as_actor(), now=past, words=words, **values)
        work_row(queue_name="promises", row=promise, now=now)
        return promise


def fresh(shop: ShopWorld, promise: Promise) -> Promise:
    with enter(shop.scope()):
        return Promise.objects.select_related("owner").get(pk=promise.pk)


def page(world: World, query: str = "", role: str = "technician") -> str:
    answer = world.north.browser(role).get(f"/promises/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_tabs_show_what_is_due_at_risk_broken_kept(world: World) -> None:
    shop = world.north
    call(shop, "far away", hours=50)
    call(shop, "in half an hour", hours=0.5)
    call(shop, "long over", hours=-2)
    kept, cancelled, paused = (call(shop, f"{word} one") for word in ("kept", "cancelled", "paused"))
    actor, now = shop.staff["technician"].as_actor(), timezone.now()
    with enter(shop.scope()):
        actions.keep_promise(actor=actor, now=now, promise=kept)
        actions.cancel_promise(actor=actor, now=now, promise=cancelled, because="solved itself")
        actions.pause_promise(actor=actor, now=now, promise=paused, because="their turn")
    shown = {
        view: [
            words
            for words in ("far away", "half an hour", "long over", "kept one", "cancelled one", "paused one")
            if words in page(world, f"?state={view}")
        ]
        for view in ("due", "risk", "broken", "kept", "cancelled", "paused")
    }
    assert shown == {
        "due": ["far away", "half an hour"],
        "risk": ["half an hour"],
        "broken": ["long over"],
        "kept": ["kept one"],
        "cancelled": ["cancelled one"],
        "paused": ["paused one"],
    }
    html = page(world)
    assert html.index("half an hour") < html.index("far away")
    assert "50 % kept: 1 of 2 in the last 90 days" in html
    assert "solved itself" in page(world, "?state=cancelled")


def test_the_list_costs_the_same_for_one_and_three(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser, part = world.north.browser("technician"), {"HX-Request-Type": "partial"}
    for number in (1, 2, 3):
        call(world.north, f"number {number}")
        if number != 2:
            with django_assert_num_queries(16):
                assert browser.get("/promises/", headers=part).status_code == 200


def test_filters_narrow_by_client_person_and_kind(world: World) -> None:
    shop = world.north
    call(shop, "mine here")
    call(shop, "nobody's", owner=None)
    call(shop, "of the other client", client=shop.two.client, subject=shop.two.client, contact=shop.two.anna)
    assert "of the other client" not in page(world, f"?client={shop.one.client.slug}")
    assert "nobody&#x27;s" in page(world, "?person=nobody")
    assert "mine here" not in page(world, "?person=nobody")
    mine = page(world, f"?person={shop.staff['technician'].pk}")
    assert "mine here" in mine
    assert "nobody&#x27;s" not in mine
    assert "No promise fits" in page(world, "?kind=reply")
    assert "mine here" in page(world, "?person=rubbish&client=unknown&state=what&days=x")


def test_the_csv_has_the_filters_and_no_formula(world: World) -> None:
    call(world.north, "=HYPERLINK(1)")
    call(world.north, "another", owner=None)
    answer = world.north.browser("read_only").get("/promises/export/?person=nobody")
    assert "another" in answer.content.decode()
    assert "HYPERLINK" not in answer.content.decode()
    answer = world.north.browser("read_only").get("/promises/export/")
    assert "'=HYPERLINK(1)" in answer.content.decode()


def test_done_in_one_press_and_taken_back(world: World) -> None:
    shop, promise = world.north, call(world.north)
    browser = shop.browser("technician")
    answer = browser.post(f"/promises/{promise.pk}/keep/", follow=True)
    assert fresh(shop, promise).state == "kept"
    assert f"/promises/{promise.pk}/reopen/" in answer.content.decode()  # the toast's undo
    browser.post(f"/promises/{promise.pk}/reopen/")
    assert fresh(shop, promise).state == "open"


def test_moved_with_a_reason_that_the_client_reads(world: World) -> None:
    shop, promise = world.north, call(world.north)
    browser, later = shop.browser("technician"), timezone.localtime() + timedelta(days=2)
    answer = browser.post(f"/promises/{promise.pk}/move/", {"promised_at": f"{later:%Y-%m-%dT%H:%M}", "because": ""})
    assert answer.status_code == 422
    said = {"promised_at": f"{later:%Y-%m-%dT%H:%M}", "because": "The supplier is late"}
    assert browser.post(f"/promises/{promise.pk}/move/", said).status_code == 302
    moved = fresh(shop, promise)
    assert moved.promised_at == later.replace(second=0, microsecond=0)
    assert [stage.name for stage in moved.stages_ahead] == ["day", "hour", "due"]
    with enter(shop.scope()):
        assert "The supplier is late" in OutgoingMail.objects.get().text
    said["promised_at"] = "2020-01-01T10:00"
    answer = browser.post(f"/promises/{promise.pk}/move/", said, follow=True)
    assert "That time has passed already." in answer.content.decode()


def test_cancelled_handed_over_and_explained(world: World) -> None:
    shop, browser = world.north, world.north.browser("technician")
    promise, broken = call(shop), call(shop, hours=-2)
    browser.post(f"/promises/{promise.pk}/reassign/", {"owner": shop.staff["dispatcher"].pk})
    assert fresh(shop, promise).owner == shop.staff["dispatcher"]
    with enter(shop.scope()):
        assert "handed you a promise" in Notification.objects.get(to=shop.staff["dispatcher"]).words
    assert browser.post(f"/promises/{promise.pk}/reassign/", {"owner": shop.one.anna.membership_id}).status_code == 422
    assert browser.post(f"/promises/{promise.pk}/cancel/", {}).status_code == 422
    browser.post(f"/promises/{promise.pk}/cancel/", {"because": "not wanted"})
    assert fresh(shop, promise).ended_because == "not wanted"
    browser.post(f"/promises/{broken.pk}/explain/", {"because": "the van broke down"})
    assert "the van broke down" in page(world, "?state=broken")


def test_a_promise_made_from_the_clients_page(world: World) -> None:
    shop, browser = world.north, world.north.browser("technician")
    address = f"/clients/{shop.one.client.slug}/promises/"
    assert browser.get(f"{address}new/").status_code == 200
    when = timezone.localtime() + timedelta(days=1)
    said = {"words": "Ring about the server", "promised_at": f"{when:%Y-%m-%dT%H:%M}", "contact": shop.one.anna.pk}
    assert browser.post(f"{address}new/", said | {"contact": shop.two.anna.pk}).status_code == 422
    assert browser.post(f"{address}new/", said | {"promised_at": "2020-01-01T10:00"}).status_code == 422
    assert browser.post(f"{address}new/", said).status_code == 302
    panel = browser.get(address).content.decode()
    assert "Ring about the server" in panel
    assert "New promise" in panel


def test_what_the_product_keeps_is_not_kept_by_hand(world: World) -> None:
    shop, browser = world.north, world.north.browser("technician")
    with enter(shop.scope()):
        promise = actions.make_promise(
            actor=shop.staff["technician"].as_actor(),
            now=timezone.now(),
            kind="sla.reply",
            subject=shop.one.client,
            client=shop.one.client,
            promised_at=timezone.now() + HOUR,
            working=[Step("%(n)s hours for urgent matters", timezone.now(), 60, {"n": 1})],
        )
    assert browser.post(f"/promises/{promise.pk}/keep/").status_code == 404
    assert browser.post(f"/promises/{promise.pk}/move/", {}).status_code == 404
    detail = browser.get(f"/promises/{promise.pk}/").content.decode()
    assert "1 hours for urgent matters" in detail
    assert "1:00" in browser.get(f"/promises/{promise.pk}/working/").content.decode()


def test_rights_and_walls(world: World) -> None:
    promise = call(world.north)
    reader, stranger = world.north.browser("read_only"), world.low.browser("owner")
    assert reader.get(f"/promises/{promise.pk}/").status_code == 200
    assert reader.post(f"/promises/{promise.pk}/keep/").status_code == 403
    assert stranger.get(f"/promises/{promise.pk}/").status_code == 404
    assert stranger.post(f"/promises/{promise.pk}/keep/").status_code == 404
    assert world.north.portal(world.north.one.anna).get("/promises/").status_code == 404


def test_the_kept_rate_and_the_numbers_behind_it(world: World) -> None:
    shop, now = world.north, timezone.now()
    actor = shop.staff["technician"].as_actor()
    call(shop, "never", hours=-1)
    late, kept, excused = call(shop, "late", hours=-1), call(shop, "kept"), call(shop, "excused", hours=-1)
    other = call(shop, "other", client=shop.two.client, subject=shop.two.client, contact=None, owner=None)
    with enter(shop.scope()):
        for promise in (late, kept, other):
            actions.keep_promise(actor=actor, now=timezone.now(), promise=promise)
        actions.exclude_promise(actor=actor, now=now, promise=excused, because="a flood")
        period: Any = {"since": now - timedelta(days=90), "until": now + HOUR, "asked": AskedPromises()}
        rate = kept_rate(**period)
        assert (rate.kept, rate.late, rate.never, rate.excluded, rate.percent) == (2, 1, 1, 1, 50)
        assert [(r.name, r.percent) for r in kept_rates("client", **period)] == [
            (shop.one.client.name, 100 / 3),
            (shop.two.client.name, 100),
        ]
        assert [r.key for r in kept_rates("owner", **period)] == [str(shop.staff["technician"].pk), "nobody"]
        assert [r.key for r in kept_rates("kind", **period)] == ["callback"]
    assert "By person" in shop.browser("owner").get("/promises/kept-rate/").content.decode()
    html = shop.browser("technician").get("/promises/kept-rate/?days=30").content.decode()
    assert "By person" not in html
    assert "Call back" in html


def test_the_owner_lands_on_promises(world: World) -> None:
    assert world.north.browser("owner").get("/")["Location"] == "/promises/"


def test_the_portal_says_what_we_owe_and_keeps_confidential_matters_apart(world: World) -> None:
    shop = world.north
    call(shop, "Call about the quote")
    call(shop, "Late already", hours=-2)
    call(shop, "About the dismissal", confidential=True)
    call(shop, "The other client's", client=shop.two.client, subject=shop.two.client, contact=shop.two.anna)
    with enter(shop.scope()):
        actions.make_promise(
            actor=shop.staff["owner"].as_actor(),
            now=timezone.now(),
            kind="inside.only",
            subject=shop.one.client,
            client=shop.one.client,
            promised_at=timezone.now() + HOUR,
            words="Bill them",
        )
    anna = shop.portal(shop.one.anna).get("/portal/").content.decode()
    ben = shop.portal(shop.one.ben).get("/portal/").content.decode()
    words = ("What we promised you", "about the quote", "was due", "dismissal", "other client", "Bill them")
    assert [w in anna for w in words] == [True, True, True, True, False, False]
    assert [w in ben for w in words] == [True, True, True, False, False, False]
