from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from msp.files.actions import store_file
from msp.files.choices import Visibility
from msp.jobs.actions.claims import claim
from msp.jobs.actions.running import run
from msp.jobs.registry import QUEUES
from msp.mail.actions import mark_as_sent, send_again
from msp.mail.actions.decisions import NotPossible
from msp.mail.documents import render_mail
from msp.mail.models import MailSettings, OutgoingMail
from msp.mail.queries import sender_of_shop
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import ACTOR, SmtpServer, fresh, send, write

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = QUEUES["mail"].lease


def state(world: World, mail: OutgoingMail) -> tuple[str, int, str]:
    row = fresh(world.north, mail)
    return row.state, row.attempts, row.last_error


def test_a_message_arrives_once_with_everything_it_says(
    world: World, smtp: SmtpServer, settings: Settings, tmp_path: Path
) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    with enter(world.north.scope()):
        file = store_file(
            actor=ACTOR, name="Rechnung Nº 7.pdf", content=b"%PDF-1.7 invented", content_type="application/pdf",
            client_id=None, visibility=Visibility.PUBLIC, now=NOW,
        )  # fmt: skip
        html = render_mail("mail/test", {"name": "Anna"}, "en").html
    mail = write(
        world.north, html=html, cc=["ben@harbour.example"], attachments=[file], in_reply_to="<1@x>", references="<1@x>"
    )
    assert send() == 1
    assert send(NOW + timedelta(days=1)) == 0
    row = fresh(world.north, mail)
    assert (row.state, row.reply, row.refused, row.finished_at) == ("sent", "250 taken as 4711", {}, NOW)
    ((recipients, message),) = smtp.got
    assert recipients == ["anna@harbour.example", "ben@harbour.example"]
    assert message["From"] == "Northgate <post@mainstay.example>"
    assert message["Reply-To"] == "help@north.example"
    assert message["Subject"] == "Your printer"
    assert message["Message-ID"] == mail.message_id == f"<{mail.pk}@localhost>"
    assert (message["In-Reply-To"], message["References"]) == ("<1@x>", "<1@x>")
    assert message["Auto-Submitted"] == "auto-replied"  # RFC 3834: it answers something
    text, shown = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert shown is not None
    assert text.get_content().splitlines() == ["It prints again.", ".", "Really."]
    assert "Northgate" in shown.get_content()
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Rechnung Nº 7.pdf", b"%PDF-1.7 invented")


def test_a_temporary_no_is_tried_again_later_with_the_same_message_id(world: World, smtp: SmtpServer) -> None:
    mail = write(world.north)
    smtp.data = "451 come back later"
    send()
    row = fresh(world.north, mail)
    assert (row.state, row.attempts, row.last_error) == ("queued", 1, "NotNow: 451 come back later")
    assert row.due_at == NOW + timedelta(seconds=30)
    smtp.data = ""
    assert send(row.due_at) == 1
    assert state(world, mail) == ("sent", 2, "")
    assert smtp.message()["Message-ID"] == mail.message_id


def test_a_server_that_is_gone_is_tried_again(world: World, smtp: SmtpServer, settings: Settings) -> None:
    settings.MAIL_PORT = 1
    mail = write(world.north)
    send()
    assert state(world, mail) == ("queued", 1, "NotNow: ConnectionRefusedError: [Errno 111] Connection refused")


@pytest.mark.parametrize("step", ["mail", "data"])
def test_a_final_no_stops_and_shows(world: World, smtp: SmtpServer, step: str) -> None:
    setattr(smtp, step, "550 we know nobody of that name")
    mail = write(world.north)
    send()
    assert state(world, mail) == ("failed", 1, "550 we know nobody of that name")
    assert send(NOW + timedelta(days=9)) == 0
    assert smtp.got == []


def test_one_refused_recipient_does_not_keep_the_others_waiting(world: World, smtp: SmtpServer) -> None:
    smtp.rcpt["gone@harbour.example"] = "550 gone"
    mail = write(world.north, to=["gone@harbour.example", "anna@harbour.example"])
    send()
    row = fresh(world.north, mail)
    assert (row.state, row.refused) == ("sent", {"gone@harbour.example": "550 gone"})
    assert smtp.got[0][0] == ["anna@harbour.example"]


@pytest.fixture
def dripping(settings: Settings) -> Iterator[None]:
    """A server that says one letter after the other and never comes to an end; all mail goes there."""
    listening, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        while not over.is_set():
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                while not over.wait(0.05):
                    connection.sendall(b"2")

    threading.Thread(target=drip, daemon=True).start()
    settings.MAIL_CAPTURE, settings.MAIL_HOST, settings.MAIL_SECURITY = False, "127.0.0.1", "none"
    settings.MAIL_PORT = listening.getsockname()[1]
    yield
    over.set()
    listening.close()


def test_a_server_that_never_ends_is_cut_off_and_rests(
    world: World, dripping: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msp.mail.actions.smtp.PATIENCE", 0.5)
    monkeypatch.setattr("msp.mail.actions.resting.SLOW", 0.1)
    first, second = write(world.north), write(world.low, key="another")
    assert send() == 2
    assert state(world, first) == ("queued", 1, "NotNow: not done after 1 s")
    other = fresh(world.low, second)
    assert (other.attempts, other.last_error) == (1, "NotNow: not done after 1 s")


def test_a_shop_cannot_make_us_knock_inside_our_own_network(world: World, smtp: SmtpServer, settings: Settings) -> None:
    settings.MAIL_PRIVATE_HOSTS = False
    with enter(world.north.scope()):
        MailSettings.objects.create(
            own_server=True, from_address="d@north.example", host="localhost", port=smtp.port, security="none"
        )
    theirs, ours = write(world.north), write(world.low)
    send()
    assert state(world, theirs)[0] == "queued"
    assert "localhost lies in a private network" in state(world, theirs)[2]
    assert fresh(world.low, ours).state == "sent"  # who runs the installation named that server


def test_a_slow_server_of_one_shop_lets_other_shops_mail_go_first(
    world: World, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with enter(world.north.scope()):
        MailSettings.objects.create(
            own_server=True, from_address="d@north.example", host="127.0.0.1", port=smtp.port, security="none"
        )
    monkeypatch.setattr("msp.mail.actions.resting.SLOW", 0)
    monkeypatch.setattr("msp.mail.actions.resting.RESTS", 10_000)
    mails = [write(world.north, key=str(number)) for number in range(3)]
    other = write(world.low)
    assert send() == 4
    rows = [fresh(world.north, mail) for mail in mails]
    assert [row.state for row in rows] == ["sent", "queued", "queued"]
    assert {(row.attempts, row.last_error) for row in rows[1:]} == {(0, "127.0.0.1 is slow; other mail goes first.")}
    assert all(row.due_at > NOW for row in rows[1:])
    assert fresh(world.low, other).state == "sent"
    monkeypatch.setattr("msp.mail.actions.resting.SLOW", 5)
    send(max(row.due_at for row in rows))
    assert [fresh(world.north, mail).state for mail in mails] == ["sent"] * 3


def test_a_recipient_refused_for_now_delays_all_but_not_for_ever(world: World, smtp: SmtpServer) -> None:
    smtp.rcpt["full@harbour.example"] = "452 mailbox full"
    mail = write(world.north, to=["full@harbour.example", "anna@harbour.example"])
    send()
    assert state(world, mail) == ("queued", 1, "NotNow: 452 mailbox full")
    with enter(world.north.scope()):
        OutgoingMail.objects.filter(pk=mail.pk).update(attempts=QUEUES["mail"].max_attempts - 1, due_at=NOW)
    send()
    row = fresh(world.north, mail)
    assert (row.state, row.refused) == ("sent", {"full@harbour.example": "452 mailbox full"})


def test_nobody_left_to_receive_is_a_failure(world: World, smtp: SmtpServer) -> None:
    smtp.rcpt["anna@harbour.example"] = "550 gone"
    mail = write(world.north)
    send()
    assert state(world, mail) == ("failed", 1, "550 gone")


def test_a_domain_with_umlauts_goes_out_in_ascii(world: World, smtp: SmtpServer) -> None:
    mail = write(world.north, to=["anna@zahnärzte.example"])
    send()
    assert state(world, mail)[0] == "sent"
    assert smtp.got[0][0] == ["anna@xn--zahnrzte-3za.example"]
    assert smtp.message()["To"] == "anna@xn--zahnrzte-3za.example"


def test_a_cut_after_the_last_byte_is_for_a_person_to_decide_and_repeated_once(world: World, smtp: SmtpServer) -> None:
    smtp.cut = True
    mail = write(world.north)
    send()
    row = fresh(world.north, mail)
    assert (row.state, len(smtp.got)) == ("unknown", 1)
    assert send(NOW + timedelta(days=9)) == 0
    with enter(world.north.scope()):
        send_again(actor=ACTOR, mail=row, now=NOW)
    send()
    row = fresh(world.north, mail)
    assert (row.state, row.repeats, len(smtp.got)) == ("unknown", 1, 2)
    assert {message["Message-ID"] for _, message in smtp.got} == {mail.message_id}
    with enter(world.north.scope()):
        with pytest.raises(NotPossible):
            send_again(actor=ACTOR, mail=row, now=NOW)
        assert mark_as_sent(actor=ACTOR, mail=row, now=NOW).state == "sent"


def test_a_worker_lost_while_handing_over_leaves_a_question_not_a_second_mail(world: World, smtp: SmtpServer) -> None:
    mail = write(world.north)
    claim(queue=QUEUES["mail"], now=NOW)
    with enter(world.north.scope()):
        OutgoingMail.objects.filter(pk=mail.pk).update(state="sending")
    assert send(NOW + LEASE) == 1
    assert state(world, mail)[0] == "unknown"
    assert smtp.got == []


def test_the_last_worker_of_many_lost_ones_leaves_a_question_too(world: World, smtp: SmtpServer) -> None:
    mail = write(world.north)
    with enter(world.north.scope()):
        OutgoingMail.objects.filter(pk=mail.pk).update(state="sending", attempts=QUEUES["mail"].max_attempts)
    assert send() == 1
    assert (state(world, mail)[0], smtp.got) == ("unknown", [])


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [("200 fine", "sent"), ("252 perhaps", "sent"), ("hello", "unknown"), ("354 go on", "unknown")],
)
def test_only_a_clear_no_after_the_last_byte_is_a_no(world: World, smtp: SmtpServer, answer: str, becomes: str) -> None:
    smtp.data = answer
    mail = write(world.north)
    send()
    row = fresh(world.north, mail)
    assert (row.state, row.attempts) == (becomes, 1)


def test_a_worker_that_lost_its_lease_stops_before_the_last_byte(
    world: World, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = write(world.north)
    (slow,) = claim(queue=QUEUES["mail"], now=NOW)

    def meanwhile(*parts: Any) -> list[Any]:
        with enter(world.north.scope()):
            OutgoingMail.objects.filter(pk=mail.pk).update(lease_until=NOW + timedelta(hours=1))
        return []

    monkeypatch.setattr("msp.mail.actions.sending.bytes_of", lambda *parts: b"Subject: x\r\n\r\nx" + bytes(meanwhile()))
    run(slow, lambda: NOW)
    assert smtp.got == []
    assert state(world, mail)[0] == "queued"


def test_without_a_server_messages_are_kept(world: World) -> None:
    mail = write(world.north)
    send()
    assert state(world, mail)[0] == "captured"


def test_a_shop_sends_through_its_own_server_in_its_own_name(
    world: World, smtp: SmtpServer, settings: Settings
) -> None:
    settings.MAIL_HOST = "nowhere.invalid"
    with enter(world.north.scope()):
        MailSettings.objects.create(
            from_name="Northgate Helpdesk", reply_to="desk@north.example", own_server=True,
            from_address="desk@north.example", host="127.0.0.1", port=smtp.port, security="none",
        )  # fmt: skip
    write(world.north)
    send()
    assert smtp.message()["From"] == "Northgate Helpdesk <desk@north.example>"
    assert smtp.message()["Reply-To"] == "desk@north.example"
    with enter(world.low.scope()):
        assert sender_of_shop().address == "post@mainstay.example"


def test_a_shops_own_server_never_carries_what_lets_somebody_in(
    world: World, smtp: SmtpServer, settings: Settings
) -> None:
    with enter(world.north.scope()):
        MailSettings.objects.create(
            own_server=True, from_address="desk@north.example", host="nowhere.invalid", port=25, security="none"
        )
    write(world.north, secret=True)
    send()
    assert smtp.message()["From"] == "Northgate <post@mainstay.example>"


def test_a_persons_message_is_not_marked_automatic(world: World, smtp: SmtpServer) -> None:
    write(world.north, automatic=False)
    send()
    assert smtp.message()["Auto-Submitted"] is None


def test_mail_held_back_waits(world: World, smtp: SmtpServer) -> None:
    write(world.north, due_at=timezone.now() + timedelta(days=9000))
    assert send() == 0
