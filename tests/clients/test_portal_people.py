"""A client's own admin decides what colleagues may do in the portal, as far as they hold it themselves."""

from __future__ import annotations

from clients.models import Contact
from msp.accounts.models import Membership
from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.world import ShopWorld, World


def granted(shop: ShopWorld, contact: Contact) -> list[str]:
    with enter(shop.scope()):
        return sorted(Membership.objects.get(pk=contact.membership_id).granted)


def let(shop: ShopWorld, contact: Contact, *rights: str) -> None:
    with enter(shop.scope()):
        Membership.objects.filter(pk=contact.membership_id).update(granted=list(rights))


def test_rights_are_passed_on_and_taken_away(world: World) -> None:
    north = world.north
    let(north, north.one.anna, "portal.people", "portal.requests")
    let(north, north.one.ben, "portal.invoices")
    anna, path = north.portal(north.one.anna), f"/portal/people/{north.one.ben.pk}/"
    page = anna.get(path).content.decode()
    assert "portal.requests" in page
    assert "portal.invoices" not in page
    assert anna.post(path, {"granted": ["portal.invoices"]}).status_code == 422
    assert anna.post(path, {"granted": ["portal.requests"]}).status_code == 302
    assert granted(north, north.one.ben) == ["portal.invoices", "portal.requests"]
    anna.post(path, {"granted": []})
    assert granted(north, north.one.ben) == ["portal.invoices"]
    with enter(north.scope()):
        entry = Entry.objects.filter(verb="membership.rights_changed").first()
        assert entry is not None
        assert (entry.actor_kind, entry.actor_name) == ("contact", "Anna Harbour")


def test_nobody_changes_their_own_rights(world: World) -> None:
    north = world.north
    let(north, north.one.anna, "portal.people")
    anna, path = north.portal(north.one.anna), f"/portal/people/{north.one.anna.pk}/"
    assert "decided by a colleague" in anna.get(path).content.decode()
    anna.post(path, {"granted": []})
    anna.post(f"{path}end/")
    assert granted(north, north.one.anna) == ["portal.people"]


def test_ending_a_colleagues_access(world: World) -> None:
    north = world.north
    ben = north.portal(north.one.ben)
    assert ben.get("/portal/").status_code == 200
    path = f"/portal/people/{north.one.ben.pk}/"
    assert north.portal(north.one.anna).post(f"{path}end/").status_code == 302
    assert ben.get("/portal/").status_code == 404
    assert "cannot sign in" in north.portal(north.one.anna).get(path).content.decode()


def test_the_right_and_the_walls(world: World) -> None:
    north = world.north
    path = f"/portal/people/{north.one.anna.pk}/"
    for stranger in (north.portal(north.two.anna), world.low.portal(world.low.one.anna)):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}end/").status_code == 404
    let(north, north.one.ben, "portal.requests")
    assert north.portal(north.one.ben).get(path).status_code == 403
    assert north.portal(north.one.ben).post(f"{path}end/").status_code == 403
