"""Fetched mailboxes, against a real Dovecot."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import DatabaseError
from django.utils import timezone
from pytest_django import Settings

from msp.jobs.actions import run_queue
from msp.mail.actions import add_mailbox, change_mailbox
from msp.mail.actions.folder import Folder, quoted
from msp.mail.choices import MailboxKind
from msp.mail.models import InboundMessage, Mailbox, MailboxPoll
from msp.tenancy.context import enter
from tests.mail import dovecot
from tests.mail.dovecot import Dovecot
from tests.mail.incoming import ACTOR, mail, work
from tests.world import ShopWorld, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def base() -> Iterator[Path]:
    """Dovecot puts sockets deep below it, and a socket's path has room for a hundred letters."""
    with tempfile.TemporaryDirectory(prefix="dove") as short:
        yield Path(short)


@pytest.fixture
def server(base: Path, settings: Settings) -> Iterator[Dovecot]:
    settings.MAIL_PRIVATE_HOSTS = True
    with dovecot.running(base) as running:
        yield running


def fetched(shop: ShopWorld, server: Dovecot, sealed: dict[str, str] | None = None, **values: Any) -> Mailbox:
    given = {"address": "help@north.example", "host": "127.0.0.1", "port": server.port, "security": "none"}
    given |= {"user": server.user, "folder": "INBOX"} | values
    with enter(shop.scope()):
        return add_mailbox(
            actor=ACTOR,
            kind=MailboxKind.IMAP,
            values=given,
            sealed=sealed or {"password": server.password},
            now=timezone.now(),
        )


def look(at: datetime | None = None) -> None:
    """Look into every mailbox that is due, and into those that are not by coming late."""
    later = at or timezone.now() + timedelta(days=1)
    MailboxPoll.unscoped.using("owner").update(due_at=later)
    run_queue(queue_name="mail_poll", clock=lambda: later, budget=0)


def kept(shop: ShopWorld) -> list[InboundMessage]:
    with enter(shop.scope()):
        return list(InboundMessage.objects.order_by("received_at", "pk"))


def fresh(shop: ShopWorld, mailbox: Mailbox) -> Mailbox:
    with enter(shop.scope()):
        return Mailbox.objects.get(pk=mailbox.pk)


def test_it_begins_behind_what_lies_there_and_then_takes_what_comes(world: World, server: Dovecot) -> None:
    server.append(mail(subject="old"))
    mailbox = fetched(world.north, server)
    look()
    assert kept(world.north) == []
    raw = mail(subject="new", text="Grüße\n")
    server.append(raw)
    for _ in range(3):
        look()
    (message,) = kept(world.north)
    assert (bytes(message.raw or b""), message.door) == (raw, "imap")
    assert [r"\Seen" in flags for flags in server.flags()] == [False, True]
    row = fresh(world.north, mailbox)
    assert (row.state, row.last_error, row.last_uid) == ("works", "", 2)


def test_it_can_take_what_lies_there_already(world: World, server: Dovecot) -> None:
    for number in range(3):
        server.append(mail(subject=f"old {number}"))
    fetched(world.north, server, takes_old=True)
    look()
    assert len(kept(world.north)) == 3


def test_taken_mail_is_moved_to_a_folder_that_it_makes(world: World, server: Dovecot) -> None:
    fetched(world.north, server, after="move", move_to="Erledigt & gut größer")
    look()
    server.append(mail())
    look()
    look()
    assert server.flags() == []
    assert len(server.flags(quoted("Erledigt & gut größer"))) == 1
    assert len(kept(world.north)) == 1


def test_left_alone_it_stays_unread(world: World, server: Dovecot) -> None:
    fetched(world.north, server, after="leave")
    look()
    server.append(mail())
    look()
    assert [r"\Seen" in flags for flags in server.flags()] == [False]
    assert len(kept(world.north)) == 1


def test_a_crash_before_the_commit_loses_nothing(
    world: World, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = fetched(world.north, server)
    look()
    server.append(mail())

    def crash(**_: object) -> bool:
        raise DatabaseError("the server is gone")

    monkeypatch.setattr("msp.mail.actions.fetching.keep_arrival", crash)
    look()
    assert kept(world.north) == []
    assert fresh(world.north, mailbox).last_error == "the server is gone"
    assert [r"\Seen" in flags for flags in server.flags()] == [False]
    monkeypatch.undo()
    look()
    assert len(kept(world.north)) == 1
    assert fresh(world.north, mailbox).state == "works"


def test_a_crash_after_the_commit_reads_nothing_twice_and_flags_it_later(
    world: World, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched(world.north, server)
    look()
    server.append(mail())

    def crash(folder: Folder, uid: int) -> None:
        raise OSError("the line broke")

    monkeypatch.setattr(Folder, "mark_seen", crash)
    look()
    assert [message.settled_at for message in kept(world.north)] == [None]
    monkeypatch.undo()
    look()
    (message,) = kept(world.north)
    assert message.settled_at is not None
    assert [r"\Seen" in flags for flags in server.flags()] == [True]


def test_a_folder_that_is_numbered_anew_gives_only_what_is_new(world: World, server: Dovecot) -> None:
    server.append(mail(subject="from before us"), date="01-Jan-2026 10:00:00 +0000")
    mailbox = fetched(world.north, server)
    look()
    server.append(mail(subject="first"))
    look()
    was = fresh(world.north, mailbox).uid_validity
    server.append(mail(subject="while nobody looked"))
    server.number_anew()
    for _ in range(3):
        look()
    assert fresh(world.north, mailbox).uid_validity != was
    work(timezone.now() + timedelta(days=2))
    assert [message.subject for message in kept(world.north)] == ["first", "while nobody looked"]
    server.append(mail(subject="after"))
    look()
    assert len(kept(world.north)) == 3


def test_an_emptied_folder_goes_on(world: World, server: Dovecot) -> None:
    fetched(world.north, server)
    look()
    server.append(mail(subject="one"))
    look()
    server.empty()
    look()
    server.append(mail(subject="two"))
    look()
    assert len(kept(world.north)) == 2


def test_what_is_wrong_is_shown_and_mends_itself(world: World, server: Dovecot) -> None:
    mailbox = fetched(world.north, server, sealed={"password": "wrong"})
    look()
    row = fresh(world.north, mailbox)
    assert row.state == "failing"
    assert "uthentication failed" in row.last_error
    with enter(world.north.scope()):
        change_mailbox(actor=ACTOR, mailbox=row, values={}, sealed={"password": server.password}, now=timezone.now())
    look()
    row = fresh(world.north, mailbox)
    assert (row.state, row.last_error) == ("works", "")


def test_a_message_above_the_limit_stays_where_it_is_and_says_so(
    world: World, server: Dovecot, settings: Settings
) -> None:
    fetched(world.north, server)
    look()
    settings.MAIL_IN_LIMIT = 20_000
    server.append(mail(subject="a whole disk", text="x" * 70 + "\n" + "words\n" * 20_000))
    look()
    work(timezone.now() + timedelta(days=2))
    (message,) = kept(world.north)
    assert (message.state, message.subject, message.head_only) == ("failed", "a whole disk", True)
    assert [r"\Seen" in flags for flags in server.flags()] == [False]


def test_private_hosts_are_not_talked_to_unless_the_installation_says_so(
    world: World, server: Dovecot, settings: Settings
) -> None:
    settings.MAIL_PRIVATE_HOSTS = False
    mailbox = fetched(world.north, server)
    look()
    assert "private network" in fresh(world.north, mailbox).last_error


# --- OAuth2 ---


class Provider(BaseHTTPRequestHandler):
    """Gives access tokens for refresh tokens, and tells Dovecot whose an access token is."""

    good: dict[str, str] = {}
    asked: list[dict[str, list[str]]] = []

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        type(self).asked.append(asked)
        if asked.get("refresh_token") == [self.good.get("refresh")]:
            self.answer(200, {"access_token": "access-1", "expires_in": 3600, "refresh_token": "refresh-2"})
        else:
            self.answer(400, {"error": "invalid_grant", "error_description": "The refresh token has expired."})

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token == "access-1":
            self.answer(200, {"email": dovecot.USER, "active": True})
        else:
            self.answer(401, {"error": "invalid_token"})

    def answer(self, status: int, said: dict[str, object]) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[str]:
    web = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    Provider.good, Provider.asked = {"refresh": "refresh-1"}, []
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture
def oauth_server(base: Path, settings: Settings, provider: str) -> Iterator[Dovecot]:
    settings.MAIL_PRIVATE_HOSTS = True
    given = {"introspection_url": f"{provider}/who", "introspection_mode": "auth", "username_attribute": "email"}
    given |= {"active_attribute": "active", "active_value": "true"}
    (base / "oauth2.conf").write_text("".join(f"{name} = {value}\n" for name, value in given.items()))
    passdb = f"passdb {{\n driver = oauth2\n mechanisms = xoauth2\n args = {base}/oauth2.conf\n}}\n"
    with dovecot.running(base, passdb) as running:
        yield running


def test_it_signs_in_with_a_token_and_keeps_the_new_refresh_token(
    world: World, oauth_server: Dovecot, provider: str
) -> None:
    mailbox = fetched(
        world.north, oauth_server, sign_in="oauth2", token_url=f"{provider}/token", oauth_client="us",
        sealed={"refresh_token": "refresh-1", "client_secret": "s"},
    )  # fmt: skip
    look()
    assert fresh(world.north, mailbox).last_error == ""
    oauth_server.append(mail())
    look(timezone.now() + timedelta(days=1, minutes=5))
    assert len(kept(world.north)) == 1
    assert len(Provider.asked) == 1  # the access token is good for an hour
    Provider.good = {"refresh": "refresh-2"}
    look(timezone.now() + timedelta(days=1, hours=3))
    assert fresh(world.north, mailbox).last_error == ""
    assert Provider.asked[-1]["refresh_token"] == ["refresh-2"]


def test_an_ended_refresh_token_says_so(world: World, oauth_server: Dovecot, provider: str) -> None:
    mailbox = fetched(
        world.north, oauth_server, sign_in="oauth2", token_url=f"{provider}/token", oauth_client="us",
        sealed={"refresh_token": "long gone"},
    )  # fmt: skip
    look()
    assert fresh(world.north, mailbox).last_error == "The refresh token has expired."
