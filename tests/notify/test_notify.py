"""Notifications: merged while unread, mailed while unread, read by who they are for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from pytest_django import DjangoAssertNumQueries

from msp.accounts.models import Membership
from msp.accounts.rules import system_actor
from msp.jobs.actions import run_queue, work_row
from msp.mail.models import OutgoingMail
from msp.notify import actions
from msp.notify.models import Desk, Notification, PagerMessage
from msp.notify.rules import Page, mail_at
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld, World

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(world: World) -> Iterator[ShopWorld]:
    with enter(world.north.scope()):
        yield world.north


def tell(
    shop: ShopWorld, words: Any = "Call Anna back", *, now: datetime = NOW, role: str = "technician", **given: Any
) -> Any:
    values = {"key": "calls", "url": "/today/", "words": words} | given
    return actions.notify(to=shop.staff[role], now=now, **values)


def unread(shop: ShopWorld, role: str = "technician") -> int:
    return Membership.objects.get(pk=shop.staff[role].pk).unread


def work(shop: ShopWorld, at: datetime, role: str = "technician") -> Desk:
    desk = Desk.objects.get(member=shop.staff[role])
    work_row(queue_name="news", row=desk, now=at)
    return Desk.objects.get(pk=desk.pk)


def test_what_comes_under_the_same_key_while_unread_is_one(shop: ShopWorld) -> None:
    first = tell(shop)
    again = tell(shop, "Call Anna and Ben back", now=NOW + MINUTE, urgent=True)
    assert (again.pk, again.times, again.words, again.urgent) == (first.pk, 2, "Call Anna and Ben back", True)
    assert tell(shop, now=NOW + 2 * MINUTE).urgent  # it was, and is unread
    assert unread(shop) == 1
    actions.read(now=NOW + 3 * MINUTE, notification=first)
    assert unread(shop) == 0
    actions.read(now=NOW + 4 * MINUTE, notification=first)
    assert unread(shop) == 0
    assert tell(shop, now=NOW + 5 * MINUTE).pk != first.pk
    assert (unread(shop), Notification.objects.count()) == (1, 2)


def test_people_and_keys_are_apart_and_words_are_said_for_the_reader(shop: ShopWorld) -> None:
    tell(shop)
    tell(shop, gettext_lazy("Yes"), key="others")
    tell(shop, lambda: "made up late", role="dispatcher")
    assert (unread(shop), unread(shop, "dispatcher"), unread(shop, "owner")) == (2, 1, 0)


def test_who_left_and_clients_contacts_are_told_nothing(shop: ShopWorld) -> None:
    Membership.objects.filter(pk=shop.staff["technician"].pk).update(ended_at=NOW)
    shop.staff["technician"].refresh_from_db()
    assert tell(shop) is None
    contact = Membership.objects.get(pk=shop.one.anna.membership_id)
    assert actions.notify(to=contact, now=NOW, words="x", url="/", key="x") is None
    assert not Notification.objects.exists()


def test_reading_all_leaves_what_came_meanwhile(shop: ShopWorld) -> None:
    tell(shop), tell(shop, key="two"), tell(shop, key="three", now=NOW + MINUTE)
    assert actions.read_all(now=NOW + 2 * MINUTE, member=shop.staff["technician"], until=NOW) == 2
    assert unread(shop) == 1


def test_urgent_news_leave_together_in_a_minute_and_once(shop: ShopWorld) -> None:
    tell(shop, "later is fine")
    tell(shop, "a promise breaks", key="a", urgent=True, now=NOW + MINUTE)
    tell(shop, "another one does", key="b", urgent=True, now=NOW + MINUTE)
    desk = Desk.objects.get()
    assert (desk.state, desk.due_at) == ("queued", NOW + 2 * MINUTE)
    assert work(shop, NOW + 2 * MINUTE).state == "resting"
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.automatic) == ([shop.staff["technician"].user.email], True)
    assert [words in mail.text for words in ("later is fine", "a promise breaks", "another one does")] == [True] * 3
    assert "3 things for you" in mail.subject
    work(shop, NOW + 3 * MINUTE)
    assert OutgoingMail.objects.count() == 1
    tell(shop, "again", key="a", urgent=True, now=NOW + 5 * MINUTE)
    work(shop, NOW + 6 * MINUTE)
    assert OutgoingMail.objects.count() == 2


def test_what_was_read_before_the_morning_is_not_mailed(shop: ShopWorld) -> None:
    actions.read(now=NOW + MINUTE, notification=tell(shop))
    work(shop, NOW + timedelta(days=1))
    assert not OutgoingMail.objects.exists()


def test_a_person_chooses_what_comes_by_mail(shop: ShopWorld) -> None:
    member = shop.staff["technician"]
    tell(shop, urgent=True)
    desk = actions.choose_mail(actor=member.as_actor(), now=NOW, member=member, by_mail="none")
    assert desk.state == "resting"
    tell(shop, urgent=True)
    assert Desk.objects.get().state == "resting"
    actions.choose_mail(actor=member.as_actor(), now=NOW, member=member, by_mail="digest")
    tell(shop, urgent=True)
    assert Desk.objects.get().due_at == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def test_the_morning_is_the_shops(shop: ShopWorld) -> None:
    late = datetime(2026, 6, 1, 22, tzinfo=UTC)
    assert mail_at("digest", urgent=True, now=late, zone="Europe/London") == datetime(2026, 6, 2, 6, 30, tzinfo=UTC)
    assert mail_at("urgent", urgent=False, now=late, zone="Asia/Tokyo") == datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    assert mail_at("none", urgent=True, now=late, zone="Asia/Tokyo") is None


def test_the_page_shows_ones_own_at_a_constant_price(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shop, browser = world.north, world.north.browser("read_only")  # whose navigation counts nothing
    for number in (1, 2, 3):
        with enter(shop.scope()):
            tell(shop, f"<b>number {number}</b>", key=str(number), now=NOW + number * MINUTE, role="read_only")
            tell(shop, "not yours", key=str(number), role="owner")
        if number != 2:
            with django_assert_num_queries(13):
                page = browser.get("/notifications/")
    html = page.content.decode()
    assert "&lt;b&gt;number 3" in html
    assert "not yours" not in html
    assert "3 unread notifications" in html


def test_opening_reads_it_and_goes_where_it_happened(world: World) -> None:
    shop = world.north
    with enter(shop.scope()):
        mine, theirs = tell(shop), tell(shop, role="owner")
    browser = shop.browser("technician")
    answer = browser.post(f"/notifications/{mine.pk}/read/")
    assert (answer.status_code, answer["Location"]) == (302, "/today/")
    assert browser.post(f"/notifications/{theirs.pk}/read/").status_code == 404
    assert world.low.browser("owner").post(f"/notifications/{theirs.pk}/read/").status_code == 404
    with enter(shop.scope()):
        assert (unread(shop), unread(shop, "owner")) == (0, 1)
    owner = shop.browser("owner")
    assert owner.post("/notifications/read/", {"until": "2026-11-24T00:00:00+00:00"}).status_code == 302
    assert owner.post("/notifications/mail/", {"by_mail": "none"}).status_code == 302
    assert owner.post("/notifications/mail/", {"by_mail": "carrier pigeon"}).status_code == 302
    assert b"unread" not in owner.get("/notifications/bell/").content
    with enter(shop.scope()):
        assert Desk.objects.get(member=shop.staff["owner"]).by_mail == "none"


class Pigeon:
    """Flies badly at first."""

    name = "pigeon"
    flights = 0

    def send(self, page: Page) -> str:
        Pigeon.flights += 1
        if Pigeon.flights == 1:
            raise OSError("a hawk")
        return f"to {page.name}, {page.url}"


@pytest.mark.django_db(transaction=True)
def test_pages_are_rows_once_a_key_with_attempts_and_their_sender(world: World, settings: Any) -> None:
    shop, asker = world.north, system_actor("tests")
    with enter(shop.scope()):
        people = [shop.staff["technician"], shop.staff["owner"]]
        for _ in range(2):
            actions.page(actor=asker, to=people[:1], now=NOW, words="Server down", url="/today/", key="t1")
    run_queue(queue_name="pages", clock=lambda: NOW)
    settings.PAGER = f"{__name__}.Pigeon"
    with enter(shop.scope()):
        actions.page(actor=asker, to=people[1:], now=NOW, words="Server down", url="/today/", key="t1")
    run_queue(queue_name="pages", clock=lambda: NOW)
    with enter(shop.scope()):
        technician, owner = PagerMessage.objects.order_by("created_at", "id")
        assert (technician.state, technician.sent_by) == ("done", "log only")
        assert (owner.state, owner.attempts, owner.last_error) == ("queued", 1, "OSError: a hawk")
    run_queue(queue_name="pages", clock=lambda: NOW + MINUTE)
    with enter(shop.scope()):
        owner.refresh_from_db()
        assert (owner.state, owner.sent_by, owner.attempts) == ("done", "pigeon", 2)
        assert owner.answer == "to Owner Northgate, http://localhost:8000/today/"
    html = shop.browser("owner").get("/pager/").content.decode()
    assert "sent by: pigeon" in html
    assert "2 tries" in html
    assert shop.browser("technician").get("/pager/").status_code == 403
