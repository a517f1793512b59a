"""The pages of quotes: the office builds and sends, the client reads and answers, by link and in the portal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from billing.models import EvidenceSheet, Quote, QuoteAnswer, QuoteLine, QuoteLink, QuoteRevision
from clients.models import Contact
from msp.accounts.choices import PortalCapability
from msp.accounts.models import Membership
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from msp.tenancy.managers import TenantManager
from tests.billing.reading import page, post
from tests.world import NOW, World

from .conftest import Office
from .quoting import SHEET, Desk, link_in, render


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


@pytest.fixture(autouse=True)
def same_day() -> object:
    """The pages' clock is the tests'."""
    with patch("django.utils.timezone.now", lambda: NOW):
        yield


FORM = {
    "kind": "hardware",
    "description": "Server",
    "detail": "",
    "quantity": "1",
    "unit": "piece",
    "unit_price": "2000",
    "every": "once",
    "tax_rate": "20",
    "role": "required",
    "group": "",
    "preselected": "on",
}


def test_the_office_builds_proves_and_sends_on_its_pages(world: World, desk: Desk) -> None:
    browser = world.north.browser("office_manager")
    assert "No quote here" in page(browser, "/billing/quotes/")
    client, anna = world.north.one.client, world.north.one.anna
    post(browser, "/billing/quotes/new/", client=str(client.pk), title="A new server")
    with enter(world.north.scope()):
        quote = Quote.objects.get()
    root = f"/billing/quotes/{quote.pk}/"
    assert "No lines yet" in page(browser, root)
    answer = browser.post(f"{root}lines/new/", FORM | {"role": "alternative"})
    assert (answer.status_code, "Say what is chosen from" in answer.content.decode()) == (422, True)
    post(browser, f"{root}lines/new/", **FORM)
    assert "Evidence is missing" in page(browser, root)
    with enter(world.north.scope()):
        line = QuoteLine.objects.get()
    start = page(browser, f"{root}lines/{line.pk}/evidence/")
    assert "2 contacts, 1 device" in start
    post(browser, f"{root}lines/{line.pk}/evidence/", **{k: str(v) for k, v in SHEET.items()} | {"serves": "40"})
    html = page(browser, root)
    assert "Oversized: 166 % spare" in html
    assert "Send…" in html
    assert 'value="2000.00"' in page(browser, f"{root}lines/{line.pk}/edit/")
    assert "Anna Harbour &lt;" in page(browser, f"{root}send/")
    assert "It is sent." in post(browser, f"{root}send/", contacts=[str(anna.pk)])
    html = page(browser, root)
    assert ("PDF is being made" in html, "Add a line" in html) == (True, False)
    assert "40" in page(browser, "/billing/quotes/sizes/")
    assert b"166" in browser.get("/billing/quotes/sizes/export.csv").content
    post(browser, f"{root}revise/")
    post(browser, f"{root}lines/new/", **FORM | {"kind": "service", "description": "Moving day"})
    changes = page(browser, f"{root}changes/2/")
    assert ("Moving day" in changes, "Added" in changes, "Same" in changes) == (True, True, True)
    assert (
        "Q-0001,Harbour Northgate,A new server" in browser.get("/billing/quotes/export.csv?view=all").content.decode()
    )
    assert "withdrawn" in post(browser, f"{root}withdraw/", reason="Sold out")


def test_who_may_what(world: World, desk: Desk) -> None:
    quote = desk.start(world.north.one)
    root = f"/billing/quotes/{quote.pk}/"
    technician, low = world.north.browser("technician"), world.low.browser("owner")
    for path in (
        "/billing/quotes/",
        root,
        f"{root}edit/",
        f"{root}send/",
        "/billing/quotes/sizes/",
        "/settings/quotes/",
    ):
        assert technician.get(path).status_code == 403, path
    for path in (root, f"{root}edit/", f"{root}send/", f"{root}answer/", f"{root}lines/new/"):
        assert low.get(path).status_code == 404, path
    assert world.north.browser("owner").get(f"{root}changes/1/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_for_one_and_three(world: World, desk: Desk, rows: int) -> None:
    for _n in range(rows):
        desk.sent(world.north.one)
    browser = world.north.browser("office_manager")
    page(browser, "/billing/quotes/")
    with CaptureQueriesContext(connection) as asked:
        html = page(browser, "/billing/quotes/")
    assert html.count('id="q0') + html.count('id="q1') >= rows
    assert len(asked) == 14


def choices(desk: Desk, world: World) -> tuple[QuoteRevision, list[QuoteLine]]:
    """A quote with an alternative and an option."""
    either = {"role": "alternative", "group": "Backup"}
    revision = desk.sent(
        world.north.one,
        {},
        {**either, "description": "Small", "unit_price": Decimal(100)},
        {**either, "description": "Large", "unit_price": Decimal(300), "preselected": False},
        {"role": "optional", "description": "Rack", "unit_price": Decimal(50), "preselected": False},
    )
    with enter(world.north.scope()):
        return revision, list(QuoteLine.objects.filter(revision=revision).order_by("position"))


def test_a_contact_chooses_and_accepts_in_the_portal(world: World, desk: Desk) -> None:
    revision, (_move, small, large, rack) = choices(desk, world)
    anna, path = world.north.portal(world.north.one.anna), f"/portal/quotes/{revision.pk}/"
    assert "1 quote waits for your answer." in page(anna, "/portal/")
    assert "Waiting for you" in page(anna, "/portal/quotes/")
    assert "£600.00" in page(anna, path)
    html = page(anna, path, **{"choice-1": str(large.pk), "pick": str(rack.pk)})
    assert "£900.00" in html
    form = {"name": "Anna Harbour", "document": "a" * 64, "choice-1": str(large.pk), "pick": str(rack.pk)}
    stale = anna.post(f"{path}accept/", form | {"agreed": "600.00 0.00 0.00 GBP"})
    assert (stale.status_code, "Look at them once more" in stale.content.decode()) == (422, True)
    both = anna.post(f"{path}accept/", form | {"choice-2": str(small.pk)})
    assert (both.status_code, "Choose one of" in both.content.decode()) == (422, True)
    with enter(world.north.scope()):
        assert not QuoteAnswer.objects.exists()
    assert "You accepted this quote" in post(anna, f"{path}accept/", **form, agreed="900.00 0.00 0.00 GBP")
    with enter(world.north.scope()):
        answer = QuoteAnswer.objects.get()
        assert (answer.total, answer.way, answer.contact_id) == (900, "portal", world.north.one.anna.pk)
        assert Quote.objects.get().net == 750
    office = page(world.north.browser("office_manager"), f"/billing/quotes/{revision.quote_id}/")
    assert ("Draft all of it" in office, answer.document_sha256 in office) == (True, True)
    post(world.north.browser("office_manager"), f"/billing/quotes/{revision.quote_id}/bill/", part="whole")


def test_opening_answers_nothing_and_only_the_first_look_is_kept(world: World, desk: Desk) -> None:
    revision, _lines = choices(desk, world)
    anna, path = world.north.portal(world.north.one.anna), f"/portal/quotes/{revision.pk}/"
    assert [anna.get(f"{path}{act}/").status_code for act in ("accept", "decline", "seen")] == [405, 405, 405]
    page(anna, path)
    with enter(world.north.scope()):
        assert QuoteRevision.objects.get().seen_at is None
    for _n in range(2):
        assert anna.post(f"{path}seen/").status_code == 204
    with enter(world.north.scope()):
        assert QuoteRevision.objects.get().seen_at == NOW


def test_others_neither_read_nor_answer(world: World, desk: Desk) -> None:
    revision, _lines = choices(desk, world)
    draft = desk.start(world.north.one)
    with enter(world.north.scope()):
        draft_revision = QuoteRevision.objects.get(quote=draft)
        member = Membership.objects.get(pk=world.north.one.ben.membership_id)
        member.granted = [PortalCapability.INVOICES]
        member.save(update_fields=["granted"])
    paths = [f"/portal/quotes/{revision.pk}/{end}" for end in ("", "pdf/")]
    two, ben = world.north.portal(world.north.two.anna), world.north.portal(world.north.one.ben)
    for path in paths:
        assert (two.get(path).status_code, ben.get(path).status_code) == (404, 403)
    for act in ("accept", "decline", "seen"):
        assert two.post(f"/portal/quotes/{revision.pk}/{act}/", {"name": "x", "document": "x"}).status_code == 404
    anna = world.north.portal(world.north.one.anna)
    assert anna.get(f"/portal/quotes/{draft_revision.pk}/").status_code == 404
    assert "Q-0002" not in page(anna, "/portal/quotes/")


@pytest.mark.parametrize("lock", ["both", "postgres"])
def test_each_lock_hides_drafts_sheets_and_other_clients(
    world: World, desk: Desk, lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, _theirs, _draft = desk.sent(world.north.one), desk.sent(world.north.two), desk.start(world.north.one)
    if lock == "postgres":
        monkeypatch.setattr(TenantManager, "get_queryset", super(TenantManager, TenantManager).get_queryset)
    with enter(world.north.portal_scope(world.north.one.anna)):
        assert list(QuoteRevision.objects.values_list("pk", flat=True)) == [mine.pk]
        assert set(QuoteLine.objects.values_list("revision", flat=True)) == {mine.pk}
        for model in (Quote, EvidenceSheet, QuoteLink) if lock == "postgres" else ():
            assert not model.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_mailed_link_reads_declines_and_closes(
    world: World, desk: Desk, settings: Settings, tmp_path: Path
) -> None:
    storage = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": storage}
    quote = desk.start(world.north.one)
    desk.send(quote, world.north.one.anna)
    render()
    with enter(world.north.scope()):
        path = link_in(OutgoingMail.objects.get())
        document = QuoteRevision.objects.get().pdf_sha256
    nobody = Browser(SERVER_NAME="localhost")
    html = page(nobody, path)
    assert ("Accept the quote" in html, document in html) == (True, True)
    assert b"".join(nobody.get(f"{path}pdf/").streaming_content).startswith(b"%PDF-")
    assert nobody.get(f"{path}seen/").status_code == 405
    assert nobody.post(f"{path}seen/", {"do": "seen"}).status_code == 204
    for wrong in (path.replace(".", "x", 1), f"{path[:-2]}x/", path.replace("quotes/", "quotes/9")):
        assert nobody.get(wrong).status_code == 404, wrong
    bad = nobody.post(path, {"do": "decline", "name": "Anna", "document": document})
    assert bad.status_code == 422
    post(nobody, path, do="decline", name="Anna", why="price", words="By half", document=document)
    with enter(world.north.scope()):
        answer, link = QuoteAnswer.objects.get(), QuoteLink.objects.get()
        assert (answer.reason, answer.sent_to, answer.way) == (
            "It costs too much: By half",
            world.north.one.anna.email,
            "link",
        )
        assert (answer.recorded_by, link.seen_at) == ("Anna Harbour", NOW)
    assert "You declined this quote" in page(nobody, path)
    with enter(world.north.scope()):
        QuoteLink.objects.update(expires_at=NOW - timedelta(days=1))
    assert "does not work any more" in nobody.get(path).content.decode()
    with enter(world.north.scope()):
        QuoteLink.objects.update(expires_at=NOW + timedelta(days=1))
        Contact.objects.filter(pk=world.north.one.anna.pk).update(archived_at=NOW)
    assert nobody.get(path).status_code == 404
