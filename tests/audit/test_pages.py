from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from msp.audit import registry
from msp.audit.actions import record
from msp.audit.models import Entry
from msp.audit.queries import activity_of
from msp.audit.registry import let_read, say, sentence_of
from msp.tenancy.context import enter
from tests.world import NOW, STAFF_ROLES, ShopWorld, World

pytestmark = pytest.mark.django_db
LOG = "/audit/"


def act(shop: ShopWorld, who: str = "owner", verb: str = "client.changed", **given: Any) -> Entry:
    given = {"subject": shop.one.client, "now": NOW, "data": {"name": "Harbour", "was": {}, "now": {}}} | given
    with enter(shop.scope()):
        return record(actor=shop.staff[who].as_actor(), verb=verb, **given)


def listed(page: Any) -> list[Entry]:
    return list(page.context["page"])


def panel_url(shop: ShopWorld, kind: str = "clients.client") -> str:
    return reverse("audit:panel", kwargs={"subject_kind": kind, "subject_id": shop.one.client.pk})


def test_the_log_is_filtered_by_person_act_and_day(world: World) -> None:
    shop = world.north
    old = act(shop, now=datetime(2026, 11, 20, 23, 59, tzinfo=UTC))
    late = act(shop, "technician", now=datetime(2026, 11, 21, 0, 1, tzinfo=UTC))
    job = act(shop, verb="job.retried", data={"queue": "Mail"}, now=NOW)
    act(world.low)
    browser = shop.browser("owner")
    assert listed(browser.get(LOG)) == [job, late, old]
    assert listed(browser.get(LOG, {"who": str(shop.staff["technician"].pk)})) == [late]
    assert listed(browser.get(LOG, {"verb": "job.retried"})) == [job]
    assert listed(browser.get(LOG, {"since": "2026-11-21", "until": "2026-11-21"})) == [late]
    assert listed(browser.get(LOG, {"since": "nonsense", "who": "nobody"})) == [job, late, old]
    assert "Owner Northgate let it be tried again: Mail" in browser.get(LOG).content.decode()


def test_the_log_has_pages_and_asks_for_one_at_a_time(world: World) -> None:
    for minute in range(51):
        act(world.north, now=NOW + timedelta(minutes=minute))
    browser = world.north.browser("owner")
    with CaptureQueriesContext(connection) as asked:
        first = browser.get(LOG)
    assert sum('FROM "audit_entry"' in query["sql"] for query in asked) == 1
    second = browser.get(LOG + first.context["page"].next)
    assert (len(listed(first)), len(listed(second))) == (50, 1)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_the_owner_reads_the_log(world: World, role: str) -> None:
    assert world.north.browser(role).get(LOG).status_code == (200 if role == "owner" else 403)
    assert world.north.portal(world.north.one.anna).get(LOG).status_code == 404


def test_the_panel_of_an_object_is_for_who_may_read_the_object(world: World) -> None:
    shop, entry = world.north, act(world.north)
    answer = shop.browser("technician").get(panel_url(shop))
    assert answer.context["entries"] == [entry]
    assert "Owner Northgate" in answer.content.decode()
    assert shop.browser("technician").get(panel_url(world.low)).status_code == 404
    assert shop.browser("technician").get(panel_url(shop, "nobody.said")).status_code == 404
    assert shop.browser("owner").get(panel_url(shop, "nobody.said")).status_code == 404
    assert shop.browser("owner").get(panel_url(world.low)).status_code == 404
    assert shop.portal(shop.one.anna).get(panel_url(shop)).status_code == 404


def test_the_panel_is_a_fragment_for_htmx_and_a_page_without_it(world: World) -> None:
    act(world.north)
    browser, headers = world.north.browser("technician"), {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert "<html" not in browser.get(panel_url(world.north), headers=headers).content.decode()
    assert "<html" in browser.get(panel_url(world.north)).content.decode()
    assert panel_url(world.north) in browser.get(f"/clients/{world.north.one.client.slug}/").content.decode()


def test_a_kind_of_object_has_one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "READERS", {})
    let_read("clients.client", lambda request, subject_id: None)
    with pytest.raises(ValueError, match="already registered"):
        let_read("clients.client", lambda request, subject_id: None)


def test_the_panel_shows_fifteen_and_leads_on(world: World) -> None:
    for minute in range(16):
        act(world.north, now=NOW + timedelta(minutes=minute))
    act(world.north, subject=world.north.two.client)
    browser = world.north.browser("owner")
    first = browser.get(panel_url(world.north))
    assert len(first.context["entries"]) == 15
    older = browser.get(first.context["older"])
    assert (len(older.context["entries"]), older.context["older"]) == (1, "")


def test_activity_of_an_object_is_newest_first(world: World) -> None:
    first, second = act(world.north), act(world.north, now=NOW + timedelta(seconds=1))
    act(world.north, subject=world.north.two.client)
    with enter(world.north.scope()):
        assert activity_of(world.north.one.client) == [second, first]
        assert activity_of(world.north.one.client, limit=1) == [second]


def test_sentences_escape_on_pages_and_survive_missing_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "SENTENCES", dict(registry.SENTENCES))
    monkeypatch.setattr("msp.audit.actions.recording.SENTENCES", registry.SENTENCES)
    say({"test.named": "%(actor)s named it %(name)s"})
    bold = act(world.north, verb="test.named", data={"name": "<b>x</b> 100%", "actor": "Somebody else"})
    assert sentence_of(bold) == "Owner Northgate named it <b>x</b> 100%"
    assert "named it &lt;b&gt;x&lt;/b&gt; 100%" in world.north.browser("owner").get(LOG).content.decode()
    bare = act(world.north, verb="test.named", data={})
    assert sentence_of(bare) == "Owner Northgate: test.named"
    with pytest.raises(ValueError, match="already registered"):
        say({"test.named": "again"})
    with enter(world.north.scope()), pytest.raises(KeyError):
        record(
            actor=world.north.staff["owner"].as_actor(), verb="test.unknown", subject=world.north.one.client, now=NOW
        )


def test_kinds_of_act_are_offered_as_sentences(world: World) -> None:
    page = world.north.browser("owner").get(LOG).content.decode()
    assert '<option value="ticket.opened">… opened ticket #…</option>' in page
    assert ">ticket: opened<" not in page
