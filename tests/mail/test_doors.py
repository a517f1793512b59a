"""The SMTP and the HTTP door: what is answered with yes is kept, and nothing else."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client as Browser
from pytest_django import Settings

from msp.mail.actions import renew_hook
from msp.mail.choices import MailboxKind
from msp.mail.models import InboundMessage, Mailbox
from msp.tenancy.context import enter
from tests.mail.incoming import ACTOR, Listener, arrive, forward_address, listening, mail, make_mailbox
from tests.world import NOW, ShopWorld, World

pytestmark = pytest.mark.django_db(transaction=True)


def kept(shop: ShopWorld) -> list[InboundMessage]:
    with enter(shop.scope()):
        return list(InboundMessage.objects.order_by("received_at", "pk"))


def hand_over(at: Listener, raw: bytes, *to: str, sender: str = "anna@harbour.example") -> dict[str, Any]:
    with smtplib.SMTP(at.host, at.port, timeout=20) as smtp:
        return smtp.sendmail(sender, list(to), raw)


def test_a_message_is_kept_byte_for_byte_before_it_is_answered_for(world: World) -> None:
    address = forward_address(make_mailbox(world.north))
    raw = mail(text="Grüße\n.\n..dots\n")
    with listening() as door:
        assert hand_over(door, raw, address, sender="anna@harbour.example") == {}
    (message,) = kept(world.north)
    assert (bytes(message.raw or b""), message.size, message.state) == (raw, len(raw), "received")
    assert (message.envelope_from, message.envelope_to, message.door) == ("anna@harbour.example", address, "smtp")
    assert kept(world.low) == []


def test_the_same_message_handed_over_again_is_one(world: World) -> None:
    address = forward_address(make_mailbox(world.north))
    raw = mail()
    with listening() as door:
        for _ in range(3):
            hand_over(door, raw, address)
    assert len(kept(world.north)) == 1


def test_a_device_that_stamps_nothing_may_say_the_same_every_day(world: World) -> None:
    mailbox = make_mailbox(world.north)
    raw = b"From: scanner@harbour.example\r\nSubject: toner low\r\n\r\ntoner low\r\n"
    for hours in (0, 0, 24):
        arrive(mailbox, raw, now=NOW + timedelta(hours=hours))
    assert len(kept(world.north)) == 2


def test_an_addition_to_the_address_finds_the_mailbox_and_strangers_addresses_do_not(world: World) -> None:
    local, _, domain = forward_address(make_mailbox(world.north)).partition("@")
    with listening() as door:
        hand_over(door, mail(), f"{local.upper()}+t1-abc@{domain}")
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            hand_over(door, mail(), "nobody@localhost")
    assert [code for code, _ in refused.value.recipients.values()] == [550]
    assert len(kept(world.north)) == 1


def test_a_mailbox_that_takes_no_mail_is_nobodys_address(world: World) -> None:
    mailbox = make_mailbox(world.north)
    with enter(world.north.scope()):
        Mailbox.objects.filter(pk=mailbox.pk).update(is_active=False)
    with listening() as door, pytest.raises(smtplib.SMTPRecipientsRefused):
        hand_over(door, mail(), forward_address(mailbox))


def test_one_message_for_two_shops_is_kept_for_both(world: World) -> None:
    addresses = [forward_address(make_mailbox(shop)) for shop in (world.north, world.low)]
    with listening() as door:
        hand_over(door, mail(), *addresses)
    assert (len(kept(world.north)), len(kept(world.low))) == (1, 1)


def test_what_cannot_be_kept_is_not_answered_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    address = forward_address(make_mailbox(world.north))

    def fail(**_: object) -> None:
        raise DatabaseError("the disk is full")

    with listening() as door:
        monkeypatch.setattr("msp.mail.adapters.listener.keep_arrival", fail)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            hand_over(door, mail(), address)
        monkeypatch.undo()
        hand_over(door, mail(), address)
    assert refused.value.smtp_code == 451
    assert len(kept(world.north)) == 1


def test_a_message_above_the_limit_is_refused_at_once(world: World, settings: Settings) -> None:
    settings.MAIL_IN_LIMIT = 50_000
    address = forward_address(make_mailbox(world.north))
    with listening() as door, pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as refused:
        hand_over(door, mail(text="x" * 60 + "\n") + b"y\r\n" * 20_000, address)
    assert refused.value.smtp_code == 552
    assert kept(world.north) == []


def test_a_big_message_lies_in_the_storage(world: World) -> None:
    mailbox = make_mailbox(world.north)
    raw = mail(text="A long line of words, again and again.\n" * 10_000)
    message = arrive(mailbox, raw)
    assert (message.raw, message.size) == (None, len(raw))
    assert message.raw_path.startswith(f"{world.north.tenant.pk}/")


def test_lmtp_takes_one_recipient_at_a_time(world: World) -> None:
    addresses = [forward_address(make_mailbox(shop)) for shop in (world.north, world.low)]
    with listening(lmtp=True) as door, smtplib.LMTP(door.host, door.port, timeout=20) as lmtp:
        refused = lmtp.sendmail("anna@harbour.example", addresses, mail())
    assert [code for code, _ in refused.values()] == [452]
    assert (len(kept(world.north)), len(kept(world.low))) == (1, 0)


# --- HTTP ---


def post(path: str, body: bytes, content_type: str = "message/rfc822") -> int:
    browser = Browser(SERVER_NAME="localhost", enforce_csrf_checks=True)
    return browser.post(path, body, content_type=content_type).status_code


def hook(shop: ShopWorld) -> str:
    mailbox = make_mailbox(shop, MailboxKind.HTTP)
    with enter(shop.scope()):
        return f"/hooks/mail/{renew_hook(actor=ACTOR, mailbox=mailbox, now=NOW)}"


def test_a_provider_posts_a_message_to_the_secret_address(world: World) -> None:
    path, raw = hook(world.north), mail()
    assert (post(path, raw), post(path, raw)) == (202, 202)
    (message,) = kept(world.north)
    assert (bytes(message.raw or b""), message.door) == (raw, "http")


def test_only_the_right_secret_opens(world: World) -> None:
    path = hook(world.north)
    shop, row, _secret = path.removeprefix("/hooks/mail/").split(".")
    with enter(world.north.scope()):
        forwarded = make_mailbox(world.north)
    for wrong in (
        f"{shop}.{row}.wrong",
        f"{world.low.tenant.pk}.{row}.{_secret}",
        f"{shop}.{forwarded.pk.hex}.{_secret}",
        "nonsense",
    ):
        assert post(f"/hooks/mail/{wrong}", mail()) == 404
    assert kept(world.north) == []


def test_what_is_no_message_is_told_so(world: World, settings: Settings) -> None:
    path = hook(world.north)
    settings.MAIL_IN_LIMIT = 1000
    assert post(path, b"", "message/rfc822") == 400
    assert post(path, b"x" * 1001) == 413
    assert post(path, b"{}", "application/json") == 415
    assert Browser(SERVER_NAME="localhost").get(path).status_code == 405
    assert kept(world.north) == []
