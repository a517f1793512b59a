"""Who follows a ticket and hears what is said on it, and the equipment it is about beside the first."""

from __future__ import annotations

import re

import pytest

from clients.models import Asset
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import NOW, World
from tickets import actions
from tickets.models import LinkedAsset, Watcher
from tickets.rules import Refused


def test_staff_who_follow_are_told_what_others_wrote(world: World) -> None:
    north = world.north
    tech, owner = north.staff["technician"], north.staff["owner"]
    ticket = make_ticket(north)
    with enter(north.scope()):
        given = {"actor": tech.as_actor(), "now": NOW, "ticket": ticket}
        for person in (tech, owner, owner):
            actions.watch(**given, person=person)
        assert Watcher.objects.count() == 2
        actions.add_note(**given, author=tech, body="Looked at it")
        told = Notification.objects.get()
        assert (told.to, told.words) == (owner, f"{tech.name} wrote on #1, Printer jams.")
        actions.reply_as_contact(**given, contact=north.one.anna, body="Any news?")
        assert Notification.objects.filter(to=tech).count() == 1
        assert Notification.objects.get(to=owner).times == 2
        actions.unwatch(**given, person=owner)
        assert list(Entry.objects.filter(verb="ticket.unwatched").values_list("data", flat=True)) == [
            {"name": owner.name}
        ]


def test_contacts_who_follow_get_copies_and_others_cannot(world: World) -> None:
    north, tech = world.north, world.north.staff["technician"]
    ticket = make_ticket(north)
    with enter(north.scope()):
        given = {"actor": tech.as_actor(), "now": NOW, "ticket": ticket}
        actions.watch(**given, person=north.one.ben)
        with pytest.raises(Refused, match="belongs to another client"):
            actions.watch(**given, person=north.two.anna)
    page = north.browser("technician").get("/tickets/1/").content.decode()
    assert re.search(rf'name="cc" value="{north.one.ben.pk}"[^>]* checked', page)
    key = re.search(r'name="form_key" value="([^"]+)"', page[page.index('id="composer"') :])
    assert key is not None
    written = {
        "mode": "reply",
        "body": "Soon",
        "to": str(north.one.anna.pk),
        "cc": [str(north.one.ben.pk)],
        "form_key": key[1],
    }
    north.browser("technician").post("/tickets/1/write/", written)
    with enter(north.scope()):
        assert OutgoingMail.objects.get().cc == [north.one.ben.email]


def test_following_is_one_press_with_undo(world: World) -> None:
    north = world.north
    make_ticket(north)
    browser = north.browser("technician")
    page = browser.post("/tickets/1/watch/", follow=True).content.decode()
    assert "Technician Northgate follows this." in page
    undo = re.search(r'data-undo="([^"]+)"', page)
    assert undo is not None
    browser.post(undo[1].replace("&amp;", "&"))
    with enter(north.scope()):
        assert not Watcher.objects.exists()
    assert browser.post("/tickets/1/watch/", {"who": f"c:{north.one.ben.pk}"}).status_code == 302
    assert browser.post("/tickets/1/watch/", {"who": f"c:{north.two.anna.pk}"}).status_code == 404
    assert browser.post("/tickets/1/watch/", {"who": f"m:{world.low.staff['owner'].pk}"}).status_code == 404
    assert browser.post("/tickets/1/watch/", {"who": "m:nobody"}).status_code == 404
    assert north.browser("read_only").post("/tickets/1/watch/").status_code == 403
    assert world.low.browser("owner").post("/tickets/1/watch/").status_code == 404


def test_a_colleague_follows_from_the_portal(world: World) -> None:
    north = world.north
    make_ticket(north)
    ben = north.portal(north.one.ben)
    assert "Follow: get a copy" in ben.get("/portal/requests/1/").content.decode()
    assert "Following" in ben.post("/portal/requests/1/follow/", follow=True).content.decode()
    with enter(north.scope()):
        assert Watcher.objects.get().contact == north.one.ben
    assert "Follow: get a copy" in ben.post("/portal/requests/1/follow/", follow=True).content.decode()
    assert "/follow/" not in north.portal(north.one.anna).get("/portal/requests/1/").content.decode()
    assert north.portal(north.two.anna).post("/portal/requests/1/follow/").status_code == 404


def test_a_ticket_may_be_about_several_things_of_its_client(world: World) -> None:
    north, one = world.north, world.north.one
    ticket = make_ticket(north, asset=one.asset)
    with enter(north.scope()):
        router = Asset.objects.create(client=one.client, name="ROUTER-1", kind="network")
        given = {"actor": north.staff["technician"].as_actor(), "now": NOW, "ticket": ticket}
        with pytest.raises(Refused, match="does not belong to"):
            actions.link_assets(**given, assets=[north.two.asset])
    browser = north.browser("technician")
    about = {"contact": str(one.anna.pk), "site": "", "asset": str(one.asset.pk)}
    both = [str(router.pk), str(one.asset.pk)]
    assert browser.post("/tickets/1/about/", about | {"more": both}).status_code == 302
    with enter(north.scope()):
        assert LinkedAsset.objects.get().asset == router
        assert Entry.objects.filter(verb="ticket.assets_linked").get().data == {"names": "ROUTER-1"}
    assert "ROUTER-1" in browser.get("/tickets/1/").content.decode()
    assert browser.post("/tickets/1/about/", about | {"more": [str(north.two.asset.pk)]}).status_code == 422
    browser.post("/tickets/1/about/", about)
    with enter(north.scope()):
        assert not LinkedAsset.objects.exists()
