"""A private word: its writer and the owner read it, nobody and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from clients.models import Complaint
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.search.models import Token
from msp.tenancy.context import enter, system_scope
from tests.world import ShopWorld, World

WORDS = "He shouted at our receptionist"


def written(shop: ShopWorld, **values: Any) -> dict[str, Any]:
    return {"words": WORDS, "about": str(shop.staff["technician"].pk), "form_key": str(uuid4())} | values


@pytest.fixture
def told(world: World) -> World:
    browser = world.north.portal(world.north.one.anna)
    values = written(world.north)
    for _twice in range(2):
        assert browser.post("/portal/private/", values).status_code == 302
    return world


def test_the_owner_reads_and_answers(told: World) -> None:
    north = told.north
    owner, anna = north.browser("owner"), north.portal(north.one.anna)
    assert "Waiting" in anna.get("/portal/private/").content.decode()
    page = owner.get("/complaints/").content.decode()
    assert WORDS in page
    assert "about Technician Northgate" in page
    assert "Read" in anna.get("/portal/private/").content.decode()
    with enter(replace(north.scope(), is_owner=True)):
        address = f"/complaints/{Complaint.objects.get().pk}/answer/"
    assert owner.post(address, {"answer": ""}).status_code == 422
    assert owner.post(address, {"answer": "I spoke with him."}).status_code == 302
    assert "I spoke with him." in anna.get("/portal/private/").content.decode()


def test_nobody_else_reads_it(told: World) -> None:
    north = told.north
    with enter(replace(north.scope(), is_owner=True)):
        address = f"/complaints/{Complaint.objects.get().pk}/answer/"
    for role in ("office_manager", "dispatcher", "technician", "read_only"):
        browser = north.browser(role)
        assert browser.get("/complaints/").status_code == 403
        assert browser.post(address, {"answer": "x"}).status_code == 403
        for page in ("/clients/harbour-north/", "/search/?q=receptionist"):
            assert WORDS not in browser.get(page).content.decode()
    assert WORDS not in north.portal(north.one.ben).get("/portal/private/").content.decode()
    assert told.low.browser("owner").post(address, {"answer": "x"}).status_code == 404
    assert WORDS not in told.low.browser("owner").get("/complaints/").content.decode()


def test_nothing_else_tells_of_it(told: World) -> None:
    north = told.north
    with enter(north.scope()):
        assert list(Entry.objects.values_list("verb", flat=True)) == []
        assert OutgoingMail.objects.count() == 0
        assert not Token.objects.filter(token="receptionist").exists()
        (news,) = Notification.objects.all()
        assert (news.to, str(news.words)) == (north.staff["owner"], "Something waits for you alone.")
        assert Complaint.objects.count() == 0
    with enter(system_scope(north.tenant.pk)):
        assert Complaint.objects.count() == 0
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from clients_complaint")
            assert cursor.fetchone() == (0,)


def test_a_right_given_by_hand_does_not_open_it(told: World) -> None:
    north = told.north
    dispatcher = north.staff["dispatcher"]
    dispatcher.granted = ["complaints.read"]
    with enter(north.scope()):
        dispatcher.save()
    page = north.browser("dispatcher").get("/complaints/").content.decode()
    assert WORDS not in page


def test_every_contact_may_write_without_any_right(world: World) -> None:
    north = world.north
    with enter(north.scope()):
        membership = north.one.anna.membership
        assert membership is not None
        membership.granted = []
        membership.save()
    browser = north.portal(north.one.anna)
    assert "Private word" in browser.get("/portal/").content.decode()
    assert browser.post("/portal/private/", written(north, words="")).status_code == 422
    assert browser.post("/portal/private/", written(north, about="")).status_code == 302
    lost = str(world.low.staff["owner"].pk)
    assert browser.post("/portal/private/", written(north, about=lost)).status_code == 422
    with enter(replace(north.scope(), is_owner=True)):
        assert Complaint.objects.get().about is None
