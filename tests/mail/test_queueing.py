from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import get_connection, send_mail
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from msp.accounts.rules import Letter
from msp.accounts.signals import letter_written
from msp.audit.models import Entry
from msp.jobs.actions import run_queue
from msp.mail.actions import cancel_mail, keep_past, mark_as_sent, send_again
from msp.mail.actions.cleaning import forget_secrets
from msp.mail.actions.decisions import NotPossible
from msp.mail.actions.queueing import queue_sign_in_mail
from msp.mail.models import OutgoingMail, SignInMail
from msp.tenancy.context import enter
from msp.tenancy.scope import ClosedToPortal
from tests.world import NOW, ShopWorld, World

from .conftest import ACTOR, SmtpServer, fresh, send, write


@pytest.mark.django_db
def test_the_same_purpose_is_one_message(world: World) -> None:
    first = write(world.north)
    assert write(world.north, subject="Again").pk == first.pk
    assert write(world.low).pk != first.pk
    with enter(world.north.scope()):
        assert list(OutgoingMail.objects.values_list("subject", "state")) == [("Your printer", "queued")]


@pytest.mark.django_db
def test_the_past_of_an_import_is_kept_and_mails_nobody(world: World) -> None:
    old = write(world.north, "reply:1", due_at=NOW - timedelta(days=2))
    letter = write(world.north, "invitation:1", due_at=NOW - timedelta(days=3), secret=True)
    new, elsewhere = write(world.north, "reply:2"), write(world.low, due_at=NOW - timedelta(days=2))
    with enter(world.north.scope()):
        assert keep_past(actor=ACTOR, now=NOW) == 2
        entry = Entry.objects.get(verb="mail.past_kept")
        assert (entry.actor_name, entry.data) == ("tests", {"number": 2})
    kept = fresh(world.north, old)
    assert (kept.state, kept.finished_at, kept.text != "") == ("captured", NOW - timedelta(days=2), True)
    assert fresh(world.north, letter).text == ""
    assert fresh(world.north, new).state == fresh(world.low, elsewhere).state == "queued"


@pytest.mark.django_db(transaction=True)
def test_many_callers_at_once_make_one_message(world: World) -> None:
    made = []

    def ask() -> None:
        made.append(write(world.north).pk)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("to", [[], ["nobody"], ["a@b.example\r\nBcc: c@d.example"]])
def test_bad_addresses_are_refused(world: World, to: list[str]) -> None:
    with pytest.raises(ValidationError):
        write(world.north, to=to)


@pytest.mark.django_db
def test_a_subject_is_one_line(world: World) -> None:
    assert write(world.north, subject="Printer\r\nBcc: a@b.example ").subject == "Printer Bcc: a@b.example"


@pytest.mark.django_db
def test_the_outbox_is_closed_to_clients(world: World) -> None:
    write(world.north, client_id=world.north.one.client.pk)
    with enter(world.north.portal_scope(world.north.one.anna)), pytest.raises(ClosedToPortal):
        OutgoingMail.objects.count()


@pytest.mark.django_db
def test_a_held_message_can_be_taken_back_until_a_worker_has_it(world: World) -> None:
    mail = write(world.north, due_at=NOW + timedelta(seconds=10))
    with enter(world.north.scope()):
        assert cancel_mail(actor=ACTOR, mail=mail, now=NOW).state == "cancelled"
        entry = Entry.objects.get(verb="mail.cancelled")
        assert (entry.subject_id, entry.data) == (mail.pk, {"subject": "Your printer", "to": "anna@harbour.example"})
        with pytest.raises(NotPossible):
            cancel_mail(actor=ACTOR, mail=mail, now=NOW)
        taken = write(world.north, "another")
        OutgoingMail.objects.filter(pk=taken.pk).update(lease_until=NOW + timedelta(seconds=5))
        with pytest.raises(NotPossible):
            cancel_mail(actor=ACTOR, mail=taken, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_letter_of_a_shop_goes_in_its_name_and_is_wiped(world: World, smtp: SmtpServer) -> None:
    letter = Letter("sign-in:1", world.north.tenant.pk, "kim@north.example", "Your code", "The code is 123456.")
    for _ in range(2):
        letter_written.send(sender=None, letter=letter, now=NOW)
    with enter(world.north.scope()):
        mail = OutgoingMail.objects.get()
        assert (mail.secret, mail.text, "123456" in mail.html) == (True, "The code is 123456.", True)
    send()
    assert smtp.message()["From"] == "Northgate <post@mainstay.example>"
    assert "123456" in smtp.message().as_string()
    mail = fresh(world.north, mail)
    assert (mail.state, mail.text, mail.html) == ("sent", "", "")


@pytest.mark.django_db(transaction=True)
def test_mail_to_somebody_without_a_shop_goes_too_and_is_wiped(world: World, smtp: SmtpServer) -> None:
    letter_written.send(sender=None, letter=Letter("x", None, "kim@home.example", "Your code", "123456"), now=NOW)
    library = get_connection("msp.mail.adapters.OutboxBackend")
    send_mail("Notice", "Your password was changed.", None, ["kim@home.example"], connection=library)
    later = timezone.now() + timedelta(days=5)
    assert run_queue(queue_name="sign_in_mail", clock=lambda: later) == 2
    assert {message["Subject"] for _, message in smtp.got} == {"Your code", "Notice"}
    assert set(SignInMail.objects.values_list("state", "text")) == {("sent", "")}


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_was_kept_can_still_be_sent_until_it_is_too_late(world: World, smtp: SmtpServer) -> None:
    letter = letter_of(world.north, good_until=NOW + timedelta(days=14))
    with override_settings(MAIL_HOST=""):
        send()
    mail = fresh(world.north, letter)
    assert (mail.state, mail.text != "", mail.can_be_sent_again) == ("captured", True, True)
    with enter(world.north.scope()):
        send_again(actor=ACTOR, mail=mail, now=NOW)
    send()
    assert (fresh(world.north, mail).state, fresh(world.north, mail).text) == ("sent", "")
    assert "123456" in smtp.message().as_string()


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_comes_too_late_is_given_up_and_wiped(world: World, smtp: SmtpServer) -> None:
    letter = letter_of(world.north, good_until=NOW + timedelta(minutes=10))
    queue_sign_in_mail(to=["kim@home.example"], subject="x", text="654321", now=NOW, good_until=letter.good_until)
    late = NOW + timedelta(minutes=10)
    assert send(late) == run_queue(queue_name="sign_in_mail", clock=lambda: late) == 1
    mails: list[Any] = [fresh(world.north, letter), SignInMail.objects.get()]
    for mail in mails:
        assert (mail.state, mail.text, mail.html, mail.can_be_sent_again) == ("failed", "", "", False)
        assert mail.last_error == "It would have come too late to be of use."
    assert smtp.got == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["failed", "unknown", "captured"])
def test_sign_in_mail_keeps_no_secret_however_it_ends(world: World, smtp: SmtpServer, state: str) -> None:
    queue_sign_in_mail(to=["kim@home.example"], subject="Your code", text="123456", now=NOW)
    smtp.data, smtp.cut = "550 no" if state == "failed" else "", state == "unknown"
    with override_settings(**{"MAIL_HOST": ""} if state == "captured" else {}):
        run_queue(queue_name="sign_in_mail", clock=lambda: NOW)
    assert list(SignInMail.objects.values_list("state", "text")) == [(state, "")]


@pytest.mark.django_db
def test_a_letter_is_wiped_when_nobody_can_send_it_any_more(world: World) -> None:
    kept, cancelled, arrived, repeated = (letter_of(world.north, key=str(number)) for number in range(4))
    with enter(world.north.scope()):
        OutgoingMail.objects.filter(pk=kept.pk).update(state="failed", finished_at=NOW)
        for mail, repeats in ((arrived, 0), (repeated, 1)):
            OutgoingMail.objects.filter(pk=mail.pk).update(state="unknown", finished_at=NOW, repeats=repeats)
        cancel_mail(actor=ACTOR, mail=cancelled, now=NOW)
        mark_as_sent(actor=ACTOR, mail=arrived, now=NOW)
        repeated = OutgoingMail.objects.get(pk=repeated.pk)
        assert repeated.forget(NOW) == ("text", "html")
    texts = [fresh(world.north, mail).text for mail in (kept, cancelled, arrived)]
    assert texts == ["The code is 123456.", "", ""]
    assert forget_secrets(NOW + timedelta(days=13)) == 0
    assert forget_secrets(NOW + timedelta(days=14)) == 2
    assert fresh(world.north, kept).text == ""


def letter_of(shop: ShopWorld, key: str = "1", good_until: datetime | None = None) -> OutgoingMail:
    """A letter of a shop, waiting to go out."""
    text = "The code is 123456."
    letter = Letter(f"sign-in:{key}", shop.tenant.pk, "kim@north.example", "Your code", text, good_until)
    letter_written.send(sender=None, letter=letter, now=NOW)
    with enter(shop.scope()):
        return OutgoingMail.objects.get(purpose_key=letter.purpose)
