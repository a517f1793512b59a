from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from msp.audit.models import Entry
from msp.files.actions import store_file
from msp.files.choices import Visibility
from msp.mail.actions.queueing import queue_sign_in_mail
from msp.mail.models import MailSettings, OutgoingMail, SignInMail
from msp.tenancy.context import enter
from msp.tenancy.secretbox import unseal
from tests.world import NOW, STAFF_ROLES, ShopWorld, World

from .conftest import ACTOR, write

pytestmark = pytest.mark.django_db
OUTBOX, SETTINGS = "/mail/", "/settings/mail/"


def in_state(shop: ShopWorld, state: str, key: str = "one", **given: Any) -> OutgoingMail:
    mail = write(shop, key, **given)
    finished = None if state in ("queued", "sending") else NOW
    with enter(shop.scope()):
        OutgoingMail.objects.filter(pk=mail.pk).update(state=state, finished_at=finished)
        return OutgoingMail.objects.get(pk=mail.pk)


def url(name: str, mail: OutgoingMail, **kwargs: Any) -> str:
    return reverse(f"mail:{name}", kwargs={"mail_id": mail.pk, **kwargs})


def listed(page: Any) -> list[str]:
    return [mail.subject for mail in page.context["page"]]


def test_the_outbox_lists_ones_own_shop_by_state_and_words(world: World) -> None:
    for state in ("queued", "sent", "failed", "unknown"):
        in_state(world.north, state, state, subject=f"A {state} one", to=[f"{state}@harbour.example"])
    in_state(world.low, "sent", subject="Of another shop")
    browser = world.north.browser("owner")
    assert sorted(listed(browser.get(OUTBOX))) == ["A failed one", "A queued one", "A sent one", "A unknown one"]
    assert sorted(listed(browser.get(OUTBOX, {"state": "wrong"}))) == ["A failed one", "A unknown one"]
    assert listed(browser.get(OUTBOX, {"state": "sent"})) == ["A sent one"]
    assert listed(browser.get(OUTBOX, {"q": "FAILED@harbour"})) == ["A failed one"]
    assert listed(browser.get(OUTBOX, {"q": "queued one"})) == ["A queued one"]
    assert listed(browser.get(OUTBOX, {"q": "nothing"})) == []
    assert len(listed(browser.get(OUTBOX, {"state": "nonsense"}))) == 4


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_outbox_twice_for_one_and_three(world: World, number: int) -> None:
    for key in range(number):
        in_state(world.north, "sent", str(key))
    browser = world.north.browser("owner")
    with CaptureQueriesContext(connection) as asked:
        assert len(listed(browser.get(OUTBOX))) == number
    assert sum('"mail_' in query["sql"] for query in asked) == 3  # the page, its settings, the navigation's counts


def test_long_lists_have_pages(world: World) -> None:
    for key in range(51):
        write(world.north, str(key), subject=f"Number {key}")
    browser = world.north.browser("owner")
    first = browser.get(OUTBOX)
    second = browser.get(OUTBOX + first.context["page"].next)
    assert (len(listed(first)), len(listed(second))) == (50, 1)
    assert len({*listed(first), *listed(second)}) == 51


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_roles_with_the_right_read_mail(world: World, role: str) -> None:
    mail, browser = in_state(world.north, "failed", html="<p>Hello</p>"), world.north.browser(role)
    reads = role in ("owner", "office_manager")
    for path in (OUTBOX, url("message", mail), url("html", mail)):
        assert browser.get(path).status_code == (200 if reads else 403)
    assert browser.post(url("cancel", mail)).status_code == (302 if reads else 403)
    assert browser.get(SETTINGS).status_code == (200 if role == "owner" else 403)


def test_another_shops_message_is_not_there(world: World) -> None:
    mail, browser = in_state(world.low, "unknown", html="<p>Hello</p>"), world.north.browser("owner")
    for path in (url("message", mail), url("html", mail)):
        assert browser.get(path).status_code == 404
    for name in ("send-again", "mark-as-sent", "cancel"):
        assert browser.post(url(name, mail)).status_code == 404
    assert world.north.portal(world.north.one.anna).get(OUTBOX).status_code == 404
    with enter(world.low.scope()):
        assert OutgoingMail.objects.get().state == "unknown"


@pytest.mark.parametrize(
    ("state", "name", "after", "verb"),
    [
        ("failed", "send-again", "queued", "mail.sent_again"),
        ("unknown", "send-again", "queued", "mail.sent_again"),
        ("captured", "send-again", "queued", "mail.sent_again"),
        ("unknown", "mark-as-sent", "sent", "mail.marked_sent"),
        ("queued", "cancel", "cancelled", "mail.cancelled"),
        ("failed", "cancel", "cancelled", "mail.cancelled"),
    ],
)
def test_a_person_decides_and_is_remembered(world: World, state: str, name: str, after: str, verb: str) -> None:
    mail, browser = in_state(world.north, state), world.north.browser("owner")
    assert browser.post(url(name, mail)).status_code == 302
    assert browser.post(url(name, mail)).status_code == 302  # the second click finds that it has moved on
    with enter(world.north.scope()):
        row, entry = OutgoingMail.objects.get(), Entry.objects.get()
    assert (row.state, row.message_id) == (after, mail.message_id)
    assert (entry.verb, entry.subject_id, entry.actor_name) == (verb, mail.pk, "Owner Northgate")
    assert entry.data == {"subject": "Your printer", "to": "anna@harbour.example"}


@pytest.mark.parametrize("name", ["send-again", "mark-as-sent", "cancel"])
def test_a_sent_message_is_past_deciding(world: World, name: str) -> None:
    mail = in_state(world.north, "sent")
    page = world.north.browser("owner").post(url(name, mail), follow=True)
    assert [str(message) for message in page.context["messages"]] == [
        "The message has moved on meanwhile. Look at it again."
    ]
    with enter(world.north.scope()):
        assert OutgoingMail.objects.get().state == "sent"
        assert not Entry.objects.exists()


def test_html_is_shown_where_it_can_do_nothing(world: World) -> None:
    mail = in_state(world.north, "sent", html='<p>Hi</p><script>alert(1)</script><img src="cid:logo">')
    browser = world.north.browser("owner")
    shown = browser.get(url("html", mail))
    assert shown.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    page = browser.get(url("message", mail)).content.decode()
    assert (
        f'<iframe class="mail-frame" sandbox title="The message as a mail program shows it" src="{url("html", mail)}">'
        in page
    )
    assert "<script>alert" not in page


def test_an_attachment_comes_with_its_own_message_only(world: World, settings: Settings, tmp_path: Any) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    given: dict[str, Any] = {"client_id": None, "visibility": Visibility.INTERNAL, "now": NOW}
    with enter(world.north.scope()):
        files = [
            store_file(actor=ACTOR, name=name, content=b"%PDF-1.7", content_type="application/pdf", **given)
            for name in ("invoice.pdf", "secret.pdf")
        ]
    mail, browser = in_state(world.north, "sent", attachments=files[:1]), world.north.browser("owner")
    answer = browser.get(url("file", mail, file_id=files[0].pk))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"
    assert "invoice.pdf" in browser.get(url("message", mail)).content.decode()
    assert browser.get(url("file", mail, file_id=files[1].pk)).status_code == 404


def test_a_message_that_lets_somebody_in_is_shown_to_nobody(world: World, settings: Settings) -> None:
    mail = in_state(world.north, "captured", secret=True, text="The code is 123456.", html="<p>123456</p>")
    browser = world.north.browser("owner")
    assert "123456" not in browser.get(url("message", mail)).content.decode()
    assert browser.get(url("html", mail)).status_code == 404
    settings.DEMO = True
    assert "123456" in browser.get(url("message", mail)).content.decode()
    assert "123456" not in browser.get(url("message", mail), headers={"X-Forwarded-For": "::1"}).content.decode()
    settings.PRIVATE = False
    assert "123456" not in browser.get(url("message", mail)).content.decode()


def test_sign_in_mail_is_a_page_of_a_demo_of_ones_own_only(world: World, settings: Settings) -> None:
    mail = queue_sign_in_mail(to=["kim@home.example"], subject="Your code", text="123456", now=NOW)
    SignInMail.objects.update(state="captured", finished_at=NOW)
    browser, one = world.north.browser("owner"), f"/mail/sign-in/{mail.pk}/"
    assert browser.get("/mail/sign-in/").status_code == browser.get(one).status_code == 404
    settings.DEMO = True
    assert listed(browser.get("/mail/sign-in/")) == ["Your code"]
    assert "123456" in browser.get(one).content.decode()
    SignInMail.objects.update(state="sent")
    assert browser.get(one).status_code == 404


OWN = {
    "from_name": "Desk", "reply_to": "desk@north.example", "own_server": "on", "from_address": "desk@north.example",
    "host": "smtp.north.example", "port": "587", "security": "starttls", "user": "desk", "password": "hunter22",
}  # fmt: skip


def test_settings_are_kept_with_the_password_sealed(world: World) -> None:
    browser = world.north.browser("owner")
    assert browser.post(SETTINGS, OWN).status_code == 302
    assert browser.post(SETTINGS, OWN | {"password": "", "from_name": "Help"}).status_code == 302
    with enter(world.north.scope()):
        row = MailSettings.objects.get()
        assert (row.from_name, row.host, row.own_server) == ("Help", "smtp.north.example", True)
        assert "hunter22" not in row.password_sealed
        assert unseal(row.password_sealed, place=row.password_place) == "hunter22"
        first, second = Entry.objects.filter(verb="mail.settings_changed").order_by("id")
        assert (first.data["was"]["host"], first.data["now"]["host"]) == ("", "smtp.north.example")
        assert first.data["password_changed"]
        assert second.data == {"was": {"from_name": "Desk"}, "now": {"from_name": "Help"}, "password_changed": False}
        assert not any("hunter22" in str(entry.data) for entry in Entry.objects.all())
    assert "hunter22" not in browser.get(SETTINGS).content.decode()
    browser.post(SETTINGS, OWN | {"password": "", "from_name": "Help"})
    with enter(world.north.scope()):
        assert Entry.objects.filter(verb="mail.settings_changed").count() == 2  # nothing changed, nothing written
    with enter(world.low.scope()):
        assert not MailSettings.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"host": ""}, "host"),
        ({"from_address": ""}, "from_address"),
        ({"port": "6379"}, "port"),
        ({"host": "smtp north"}, "host"),
        ({"reply_to": "nobody"}, "reply_to"),
    ],
)
def test_settings_that_cannot_work_are_refused(world: World, wrong: dict[str, str], field: str) -> None:
    answer = world.north.browser("owner").post(SETTINGS, OWN | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    with enter(world.north.scope()):
        assert not MailSettings.objects.exists()


def test_a_test_message_goes_to_who_asks(world: World) -> None:
    browser = world.north.browser("owner")
    assert browser.post("/settings/mail/test").status_code == 302
    with enter(world.north.scope()):
        mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (["owner@north.example"], "A test message from Mainstay")
    assert "Owner Northgate" in mail.text
    assert "Northgate" in mail.html
