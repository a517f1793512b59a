"""Contacts are invited, join, hold exactly the rights given, and lose them at once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from clients import actions
from clients.models import Client, Contact
from msp.accounts.actions.invitations import InvitationClosed, accept_as_new
from msp.accounts.actions.shops import create_shop
from msp.accounts.choices import PortalCapability
from msp.accounts.models import Invitation, Membership
from msp.accounts.rules import system_actor
from msp.audit.models import Entry
from msp.tenancy.context import enter, system_scope
from tests.world import NOW, ClientWorld, ShopWorld, World, signed_in

MARIE = {"name": "Marie Coyle", "email": "marie@harbour.example", "language": "en"}


@pytest.fixture
def shop(world: World) -> ShopWorld:
    return world.north


@pytest.fixture
def one(shop: ShopWorld) -> ClientWorld:
    return shop.one


@pytest.fixture
def marie(shop: ShopWorld, one: ClientWorld) -> Contact:
    with enter(shop.scope()):
        return actions.add_contact(actor=system_actor("test"), now=NOW, client=one.client, values=MARIE)


def portal_url(contact: Contact, client: Client) -> str:
    return f"/clients/{client.slug}/people/{contact.pk}/portal/"


def verbs(shop: ShopWorld) -> list[str]:
    with enter(shop.scope()):
        return list(Entry.objects.order_by("at", "id").values_list("verb", flat=True))


def test_an_invited_contact_joins_with_the_rights_given(shop: ShopWorld, one: ClientWorld, marie: Contact) -> None:
    answer = shop.browser("technician").post(portal_url(marie, one.client), {"granted": ["portal.requests"]})
    assert answer.status_code == 302
    with enter(shop.scope()):
        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.kind, invitation.subject_id) == (marie.email, "contact", marie.pk)
        member = accept_as_new(now=invitation.created_at, invitation=invitation, name="Marie", password="long-enough-1")
        marie.refresh_from_db()
        assert marie.membership_id == member.pk
        assert member.granted == [PortalCapability.REQUESTS]
    browser = signed_in(member)
    assert browser.get("/portal/").status_code == 200
    assert browser.get("/portal/people/").status_code == 403
    assert {"contact.invited", "invitation.sent", "contact.joined", "membership.begun"} <= set(verbs(shop))


def test_without_an_address_nobody_is_invited(shop: ShopWorld, one: ClientWorld, marie: Contact) -> None:
    with enter(shop.scope()):
        actions.change(actor=system_actor("test"), now=NOW, row=marie, values={"email": ""})
    answer = shop.browser("owner").post(portal_url(marie, one.client), {"granted": ["portal.requests"]})
    assert answer.status_code == 422
    assert "Write down an e-mail address for Marie Coyle first." in answer.content.decode()
    with enter(shop.scope()):
        assert not Invitation.objects.exists()


def test_rights_change_at_the_next_click(shop: ShopWorld, one: ClientWorld) -> None:
    contact = shop.portal(one.anna)
    assert contact.get("/portal/people/").status_code == 200
    shop.browser("owner").post(portal_url(one.anna, one.client), {"granted": ["portal.invoices"]})
    assert contact.get("/portal/people/").status_code == 403
    assert verbs(shop) == ["membership.rights_changed"]


def test_ending_access_ends_it_at_once(shop: ShopWorld, one: ClientWorld) -> None:
    contact = shop.portal(one.anna)
    assert shop.browser("owner").post(portal_url(one.anna, one.client) + "end/").status_code == 302
    assert contact.get("/portal/").status_code == 404
    with enter(shop.scope()):
        assert Contact.objects.get(pk=one.anna.pk).membership_id is None
        assert Membership.objects.get(pk=one.anna.membership_id).ended_at is not None
    assert verbs(shop) == ["membership.ended", "contact.left"]


def invited(shop: ShopWorld, contact: Contact) -> Invitation:
    with enter(shop.scope()):
        granted = [PortalCapability.REQUESTS]
        now = timezone.now()
        return actions.invite_contact(actor=system_actor("test"), now=now, contact=contact, granted=granted).invitation


def open_ones(shop: ShopWorld) -> list[str]:
    with enter(shop.scope()):
        rows = Invitation.objects.filter(withdrawn_at=None, accepted_at=None)
        return list(rows.order_by("created_at").values_list("email", flat=True))


@pytest.mark.parametrize("how", ["button", "address", "archive", "client", "end"])
def test_an_invitation_to_a_wrong_address_is_withdrawn(
    shop: ShopWorld, one: ClientWorld, marie: Contact, how: str
) -> None:
    invited(shop, marie)
    browser, url = shop.browser("owner"), portal_url(marie, one.client)
    assert "Withdraw the invitation" in browser.get(url).content.decode()
    part = url.removesuffix("portal/")
    match how:
        case "button":
            answer = browser.post(f"{url}withdraw/")
            assert (answer.status_code, answer.headers["Location"]) == (302, url)
        case "address":
            browser.post(
                f"{part}edit/", {"name": "Marie Coyle", "email": "marie.coyle@harbour.example", "language": "en"}
            )
        case "archive":
            browser.post(f"{part}archive/")
        case "client":
            browser.post(f"/clients/{one.client.slug}/archive/")
        case "end":
            browser.post(f"{url}end/")
    assert open_ones(shop) == []
    assert verbs(shop).count("invitation.withdrawn") == 1


def test_inviting_at_another_address_closes_the_first_link(shop: ShopWorld, marie: Contact) -> None:
    first = invited(shop, marie)
    with enter(shop.scope()):
        marie.email = "marie@new.example"
        Contact.objects.filter(pk=marie.pk).update(email=marie.email)  # as data of an older version may stand
    invited(shop, marie)
    assert open_ones(shop) == ["marie@new.example"]
    with enter(shop.scope()), pytest.raises(InvitationClosed):
        accept_as_new(now=timezone.now(), invitation=first, name="Marie", password="long-enough-1")


def test_nobody_joins_as_a_contact_that_somebody_else_is(shop: ShopWorld, one: ClientWorld) -> None:
    invitation = invited(shop, one.anna)  # she can sign in already
    with enter(shop.scope()):
        members = Membership.objects.count()
        Invitation.objects.filter(pk=invitation.pk).update(email="stranger@elsewhere.example")
        invitation.refresh_from_db()
        with pytest.raises(InvitationClosed):
            accept_as_new(now=timezone.now(), invitation=invitation, name="Eve", password="long-enough-1")
        assert Membership.objects.count() == members
        assert Contact.objects.get(pk=one.anna.pk).membership_id == one.anna.membership_id


def test_an_archived_contact_is_outside(shop: ShopWorld, one: ClientWorld) -> None:
    contact = shop.portal(one.anna)
    shop.browser("owner").post(f"/clients/{one.client.slug}/people/{one.anna.pk}/archive/")
    assert contact.get("/portal/").status_code == 404


def test_staff_without_the_right_and_other_shops_invite_nobody(world: World, one: ClientWorld) -> None:
    url = portal_url(one.anna, one.client)
    assert world.north.browser("read_only").post(url).status_code == 403
    assert world.low.browser("owner").post(url).status_code == 404
    assert world.north.browser("owner").post(portal_url(one.anna, world.north.two.client)).status_code == 404


def test_a_contact_sees_its_colleagues_and_asks_one_in(shop: ShopWorld, one: ClientWorld) -> None:
    browser = shop.portal(one.anna)
    page = browser.get("/portal/people/").content.decode()
    assert one.ben.email in page
    assert shop.two.anna.email not in page
    wanted = {"name": "Dr Osei", "email": "osei@harbour.example", "granted": ["portal.requests", "portal.people"]}
    assert browser.post("/portal/people/", wanted).status_code == 302
    with enter(shop.scope()):
        contact, invitation = Contact.objects.get(name="Dr Osei"), Invitation.objects.get()
        assert contact.client_id == one.client.pk
        assert (invitation.subject_id, invitation.invited_by) == (contact.pk, one.anna.name)
        assert sorted(invitation.granted) == ["portal.people", "portal.requests"]
        assert Entry.objects.get(verb="contact.created").actor_name == one.anna.name


def test_a_contact_passes_on_no_right_it_does_not_hold(shop: ShopWorld, one: ClientWorld) -> None:
    with enter(shop.scope()):
        Membership.objects.filter(pk=one.anna.membership_id).update(granted=["portal.people"])
    wanted = {"name": "Dr Osei", "email": "osei@harbour.example", "granted": ["portal.invoices"]}
    assert shop.portal(one.anna).post("/portal/people/", wanted).status_code == 422
    with enter(shop.scope()):
        assert not Invitation.objects.exists()


def test_a_new_shop_has_a_client_for_strangers(db: None) -> None:
    shop = create_shop(
        actor=system_actor("test"),
        now=NOW,
        name="Quayside IT",
        slug="quayside",
        owner_email="owner@quayside.example",
        owner_name="Ola",
        country="DE",
        zone="Europe/Berlin",
        currency="EUR",
        language="en",
    )
    with enter(system_scope(shop.tenant.pk)):
        unsorted = Client.objects.get()
        assert (unsorted.is_unsorted, unsorted.zone, unsorted.currency) == (True, "Europe/Berlin", "EUR")
