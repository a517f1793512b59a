"""Asking for help in the portal: by forms of the shop's, for a colleague, in confidence; closing and opening again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Promise
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.models import Attachment, Message, ServiceForm, Ticket, Watcher
from tickets.rules import Refused
from tickets.rules.questions import Question, questions_in, written_out

QUESTIONS = "Who starts? *\n# a remark\nWhen does it begin?\nWhere? | Leeds | York *"


def service(shop: ShopWorld, **values: Any) -> ServiceForm:
    with enter(shop.scope()):
        given = {"name": "New colleague", "intro": "Somebody starts", "questions": QUESTIONS} | values
        return ServiceForm.objects.create(**given)


def asked(**values: Any) -> dict[str, Any]:
    return {"subject": "No sound", "body": "Since today", "form_key": str(uuid4())} | values


# --- forms of the shop's ---


def test_questions_one_a_line() -> None:
    assert questions_in(QUESTIONS) == [
        Question("Who starts?", (), True),
        Question("When does it begin?"),
        Question("Where?", ("Leeds", "York"), True),
    ]


@given(st.text(max_size=300))
def test_any_text_gives_questions(text: str) -> None:
    found = questions_in(text)
    assert len(found) <= 12
    assert all(question.label and "" not in question.choices for question in found)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())), st.text())
def test_every_answer_is_written_out(answers: list[tuple[str, str]], body: str) -> None:
    text = written_out(answers, body)
    assert all(answer in text for _label, answer in answers if answer.strip())
    assert body.strip() in text


def test_a_form_is_chosen_filled_in_and_becomes_a_ticket(world: World) -> None:
    north = world.north
    form = service(north)
    service(world.low, name="Elsewhere")
    browser = north.portal(north.one.anna)
    page = browser.get("/portal/requests/new/").content.decode()
    assert "New colleague" in page
    assert "Elsewhere" not in page
    path = f"/portal/requests/new/?form={form.pk}"
    page = browser.get(path).content.decode()
    assert "Who starts?" in page
    assert 'value="New colleague"' in page
    answer = browser.post(path, asked(body="", q0="", q2="Leeds"))
    assert answer.status_code == 422
    assert browser.post(path, asked(q0="Tom", q2="Paris")).status_code == 422
    assert browser.post(path, asked(subject="New colleague", body="Thank you", q0="Tom", q2="York")).status_code == 302
    with enter(north.scope()):
        assert Message.objects.get().body == "Who starts? Tom\nWhere? York\n\nThank you"


def test_without_forms_and_with_an_old_link_one_writes_freely(world: World) -> None:
    north = world.north
    browser = north.portal(north.one.anna)
    assert "What happens" in browser.get("/portal/requests/new/").content.decode()
    form = service(north)
    for query in ("form=other", f"form={uuid4()}", "form=nonsense"):
        assert "Who starts?" not in browser.get(f"/portal/requests/new/?{query}").content.decode()
    with enter(north.scope()):
        ServiceForm.objects.filter(pk=form.pk).update(archived_at=NOW)
    assert "Who starts?" not in browser.get(f"/portal/requests/new/?form={form.pk}").content.decode()


def test_the_shop_writes_its_forms(world: World) -> None:
    north = world.north
    owner = north.browser("owner")
    values = {"name": "New phone", "intro": "", "subject": "", "questions": "Which? *", "category": "", "position": "1"}
    assert owner.post("/settings/service_forms/new/", values).status_code == 302
    assert "New phone" in owner.get("/settings/service_forms/").content.decode()
    assert north.browser("technician").get("/settings/service_forms/").status_code == 403
    assert "New phone" in north.portal(north.one.anna).get("/portal/requests/new/").content.decode()


# --- for a colleague ---


def test_asking_for_a_colleague_and_hearing_of_it(world: World) -> None:
    north = world.north
    anna = north.portal(north.one.anna)
    assert anna.post("/portal/requests/new/", asked(for_whom=str(north.one.ben.pk))).status_code == 302
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.contact, ticket.site) == (north.one.ben, north.one.site)
        assert Watcher.objects.get().contact == north.one.anna
        assert Message.objects.get().author_name == "Anna Harbour"
    for stranger in (north.two.anna, world.low.one.anna):
        assert anna.post("/portal/requests/new/", asked(for_whom=str(stranger.pk))).status_code == 422


# --- in confidence ---


@pytest.fixture
def secret(world: World) -> World:
    """Ticket 1 is Anna's secret, with an answer and a file."""
    north, now = world.north, timezone.now()
    upload = SimpleUploadedFile("payslip.txt", b"secret", "text/plain")
    answer = north.portal(north.one.anna).post(
        "/portal/requests/new/", asked(subject="My payslip", confidential="on", uploads=upload)
    )
    assert answer.status_code == 302
    with enter(north.scope()):
        tech = north.staff["technician"]
        actions.reply_publicly(
            actor=tech.as_actor(), now=now - timedelta(minutes=1), ticket=Ticket.objects.get(), author=tech,
            body="I keep it to myself.", to=north.one.anna,
        )  # fmt: skip
    return world


def test_colleagues_see_nothing_of_it(secret: World) -> None:
    north = secret.north
    ben = north.portal(north.one.ben)
    for path in ("/portal/", "/portal/requests/", "/portal/requests/?view=done"):
        assert "My payslip" not in ben.get(path).content.decode()
    assert ben.get("/portal/requests/1/").status_code == 404
    for part in ("reply", "confirm", "follow", "rate", "close", "reopen"):
        assert ben.post(f"/portal/requests/1/{part}/", asked()).status_code == 404
    with enter(north.scope()):
        file = Attachment.objects.get().pk
    assert ben.get(f"/portal/requests/1/files/{file}/").status_code == 404
    with enter(north.portal_scope(north.one.ben)):
        assert [model.objects.count() for model in (Ticket, Message, Attachment, Promise)] == [0, 0, 0, 0]
        with connection.cursor() as cursor:
            for table in ("tickets_ticket", "tickets_message", "tickets_attachment", "clients_promise"):
                cursor.execute(f"select count(*) from {table}")
                assert cursor.fetchone() == (0,), table


def test_its_owner_and_staff_see_all_of_it(secret: World) -> None:
    north = secret.north
    page = north.portal(north.one.anna).get("/portal/requests/1/").content.decode()
    for shown in ("My payslip", "I keep it to myself.", "payslip.txt", "your colleagues do not see it"):
        assert shown in page
    page = north.browser("technician").get("/tickets/1/").content.decode()
    assert "Confidential: their colleagues do not see it" in page


def test_no_copy_and_no_other_contact(secret: World) -> None:
    north, tech = secret.north, secret.north.staff["technician"]
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        given: dict[str, Any] = {"actor": tech.as_actor(), "now": timezone.now(), "ticket": ticket}
        with pytest.raises(Refused, match="cannot get a copy"):
            actions.reply_publicly(**given, author=tech, body="x", to=north.one.anna, cc=[north.one.ben])
        with pytest.raises(Refused, match="confidential"):
            actions.change_about(**given, contact=north.one.ben, site=ticket.site, asset=None)


def test_a_colleagues_request_is_not_ours_to_hide(world: World) -> None:
    north = world.north
    values = asked(for_whom=str(north.one.ben.pk), confidential="on")
    assert north.portal(north.one.anna).post("/portal/requests/new/", values).status_code == 422


# --- closing and opening again ---


def test_closing_and_opening_again(world: World) -> None:
    north = world.north
    make_ticket(north, now=timezone.now() - timedelta(hours=1))
    browser = north.portal(north.one.anna)
    assert "Not needed any more" in browser.get("/portal/requests/1/").content.decode()
    browser.post("/portal/requests/1/close/")
    with enter(north.scope()):
        ticket = Ticket.objects.get()
        assert (ticket.status, ticket.confirmed_at is None, ticket.client_waiting_since) == ("solved", False, None)
    assert "closed already" in browser.post("/portal/requests/1/close/", follow=True).content.decode()
    browser.post("/portal/requests/1/reopen/")
    with enter(north.scope()):
        assert Ticket.objects.get().status == "in_progress"
    assert north.portal(north.two.anna).post("/portal/requests/1/close/").status_code == 404
