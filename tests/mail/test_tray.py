"""The pages of incoming mail and of mailboxes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from msp.audit.models import Entry
from msp.mail.choices import IncomingState, MailboxKind
from msp.mail.models import InboundAddress, InboundMessage, Mailbox, MailboxPoll
from msp.tenancy.context import enter
from msp.tenancy.secretbox import unseal
from tests.mail.incoming import make_mailbox
from tests.world import NOW, ShopWorld, World

HTML = '<p>Look: <img src="cid:logo@x" alt=""></p>'


def incoming(shop: ShopWorld, number: int = 1, **values: Any) -> InboundMessage:
    with enter(shop.scope()):
        mailbox = Mailbox.objects.first()
    mailbox = mailbox or make_mailbox(shop)
    given = {
        "mailbox": mailbox, "door": "smtp", "received_at": NOW, "due_at": NOW, "raw": b"From: anna\r\n\r\nwords", "size": 19,
        "sha256": "0" * 64, "dedupe_key": str(number), "subject": f"Printer {number}", "from_address": "anna@harbour.example",
        "state": IncomingState.FAILED, "finished_at": NOW, "last_error": "It could not be read.", "text": "words", "html": HTML,
    } | values  # fmt: skip
    with enter(shop.scope()):
        return InboundMessage.objects.create(**given)


def page(browser: Browser, name: str, message: InboundMessage) -> Any:
    return browser.get(reverse(f"mail:{name}", kwargs={"inbound_message_id": message.pk}))


def post(browser: Browser, name: str, message: InboundMessage, **data: str) -> Any:
    return browser.post(reverse(f"mail:{name}", kwargs={"inbound_message_id": message.pk}), data)


def fresh(shop: ShopWorld, message: InboundMessage) -> InboundMessage:
    with enter(shop.scope()):
        return InboundMessage.objects.get(pk=message.pk)


def test_the_tray_shows_what_came_in_and_what_needs_a_person(world: World) -> None:
    incoming(world.north, 1)
    incoming(world.north, 2, state=IncomingState.HANDLED, outcome="#4182", url="/tickets/4182/", last_error="")
    browser = world.north.browser("technician")
    everything, failed = browser.get("/mail/in/"), browser.get("/mail/in/?state=failed")
    assert [b"Printer 1" in everything.content, b"Printer 2" in everything.content] == [True, True]
    assert b'href="/tickets/4182/"' in everything.content
    assert [b"Printer 1" in failed.content, b"Printer 2" in failed.content] == [True, False]
    found = browser.get("/mail/in/?q=printer+2").content
    assert (b"Printer 1" in found, b"Printer 2" in found) == (False, True)


@pytest.mark.parametrize("number", [1, 3])
def test_the_tray_asks_as_often_for_three_as_for_one(world: World, number: int) -> None:
    for key in range(number):
        incoming(world.north, key)
    browser = world.north.browser("technician")
    with CaptureQueriesContext(connection) as asked:
        browser.get("/mail/in/")
    # the page with its mailboxes, whether there is a mailbox, the navigation's count
    assert sum('"mail_' in query["sql"] for query in asked) == 3


def test_the_message_its_html_and_its_bytes(world: World) -> None:
    message, browser = incoming(world.north), world.north.browser("technician")
    assert b"It could not be read." in page(browser, "tray-message", message).content
    shown = page(browser, "tray-html", message)
    assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert b"".join(shown.streaming_content).endswith(b'<p>Look: <img  alt=""></p>')
    raw = page(browser, "tray-raw", message)
    assert (raw.content, raw["Content-Type"]) == (b"From: anna\r\n\r\nwords", "text/plain")
    assert raw["Content-Disposition"].startswith("attachment")


def test_a_person_lets_it_be_read_again_or_puts_it_aside(world: World) -> None:
    browser = world.north.browser("technician")
    one, two = incoming(world.north, 1), incoming(world.north, 2)
    post(browser, "tray-retry", one)
    post(browser, "tray-ignore", two, why="Spam")
    again, aside = fresh(world.north, one), fresh(world.north, two)
    assert (again.state, again.attempts, again.last_error, again.finished_at) == ("received", 0, "", None)
    assert (aside.state, aside.outcome) == ("ignored", "Spam")
    with enter(world.north.scope()):
        assert list(Entry.objects.order_by("id").values_list("verb", flat=True))[-2:] == [
            "mail.read_again",
            "mail.ignored",
        ]
    post(browser, "tray-ignore", fresh(world.north, incoming(world.north, 3, state=IncomingState.HANDLED)))


@pytest.mark.parametrize("name", ["tray-message", "tray-html", "tray-raw"])
def test_another_shops_mail_is_not_there(world: World, name: str) -> None:
    message = incoming(world.north)
    assert page(world.low.browser("owner"), name, message).status_code == 404
    assert page(world.north.browser("office_manager"), name, message).status_code == 403
    assert page(world.north.portal(world.north.one.anna), name, message).status_code == 404


# --- mailboxes ---

IMAP = {
    "address": "help@north.example", "is_active": "on", "is_main": "on", "host": "imap.north.example", "port": "993",
    "security": "tls", "user": "help", "sign_in": "password", "password": "four words", "folder": "INBOX", "after": "seen",
}  # fmt: skip


def boxes(shop: ShopWorld) -> list[Mailbox]:
    with enter(shop.scope()):
        return list(Mailbox.objects.order_by("created_at"))


def test_a_fetched_mailbox_is_set_up_with_its_password_sealed(world: World) -> None:
    browser = world.north.browser("owner")
    answer = browser.post("/settings/mailboxes/new/imap/", IMAP)
    (mailbox,) = boxes(world.north)
    assert answer["Location"] == f"/settings/mailboxes/{mailbox.pk}/"
    assert "four words" not in mailbox.password_sealed
    assert unseal(mailbox.password_sealed, place=mailbox.place_of("password")) == "four words"
    with enter(world.north.scope()):
        assert MailboxPoll.objects.count() == 1
    answer = browser.post(answer["Location"], IMAP | {"password": "", "folder": "Support"})
    (mailbox,) = boxes(world.north)
    assert answer.status_code == 302
    assert (mailbox.folder, unseal(mailbox.password_sealed, place=mailbox.place_of("password"))) == (
        "Support",
        "four words",
    )


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"host": "127.0.0.1"}, "host"),
        ({"port": "25"}, "port"),
        ({"password": ""}, "password"),
        ({"after": "move"}, "move_to"),
        ({"sign_in": "oauth2"}, "token_url"),
        ({"address": "help+x@north.example"}, "address"),
    ],
)
def test_what_cannot_work_is_told_beside_the_field(world: World, given: dict[str, str], wrong: str) -> None:
    answer = world.north.browser("owner").post("/settings/mailboxes/new/imap/", IMAP | given)
    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    assert boxes(world.north) == []


def test_a_forwarding_mailbox_gets_an_address_of_ours(world: World, settings: Settings) -> None:
    settings.MAIL_IN_DOMAIN = "in.mainstay.example"
    browser = world.north.browser("owner")
    answer = browser.post("/settings/mailboxes/new/forward/", {"address": "help@north.example", "is_active": "on"})
    address = InboundAddress.objects.get()
    assert address.address.endswith("@in.mainstay.example")
    assert address.address.encode() in browser.get(answer["Location"]).content


def test_the_secret_address_is_shown_once(world: World) -> None:
    mailbox = make_mailbox(world.north, MailboxKind.HTTP)
    browser = world.north.browser("owner")
    made = browser.post(f"/settings/mailboxes/{mailbox.pk}/hook")
    assert f"/hooks/mail/{world.north.tenant.pk}.{mailbox.pk.hex}.".encode() in made.content
    assert b"/hooks/mail/" not in browser.get(f"/settings/mailboxes/{mailbox.pk}/").content


def test_testing_now_makes_it_due(world: World) -> None:
    browser = world.north.browser("owner")
    browser.post("/settings/mailboxes/new/imap/", IMAP)
    (mailbox,) = boxes(world.north)
    with enter(world.north.scope()):
        Mailbox.objects.update(state="failing", last_error="no")
    assert browser.post(f"/settings/mailboxes/{mailbox.pk}/try").status_code == 302
    assert b"Not tried yet" in browser.get(f"/settings/mailboxes/{mailbox.pk}/state").content


def test_mailboxes_are_for_who_changes_settings(world: World) -> None:
    mailbox = make_mailbox(world.north)
    for path in ("/settings/mailboxes/", f"/settings/mailboxes/{mailbox.pk}/", "/settings/mailboxes/new/imap/"):
        assert world.north.browser("technician").get(path).status_code == 403
    assert world.low.browser("owner").get(f"/settings/mailboxes/{mailbox.pk}/").status_code == 404
    assert world.north.browser("owner").get("/settings/mailboxes/").status_code == 200
    assert world.north.browser("owner").get("/system/").status_code == 200
