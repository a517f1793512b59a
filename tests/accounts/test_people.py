"""Roles, the end of a membership, switching, and what holds at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from msp.accounts.actions import LastOwner, change_roles, end_membership
from msp.accounts.choices import MembershipKind, Role
from msp.accounts.models import Membership, User
from msp.accounts.rules import system_actor
from msp.tenancy.context import enter, system_scope
from tests.world import ShopWorld, World, signed_in

from .conftest import PASSWORD, acts, with_password


def person_url(membership: Membership) -> str:
    return f"/settings/people/{membership.pk}/"


def reread(shop: ShopWorld, membership: Membership) -> Membership:
    with enter(shop.scope()):
        return Membership.objects.get(pk=membership.pk)


def test_the_owner_changes_roles_and_they_hold_at_the_next_request(world: World) -> None:
    technician = world.north.staff["technician"]
    browser = signed_in(technician)
    assert browser.get("/settings/people/").status_code == 403
    answer = world.north.browser("owner").post(person_url(technician), {"roles": ["owner", "technician"]})
    assert answer["Location"] == "/settings/people/"
    assert reread(world.north, technician).roles == ["owner", "technician"]
    assert browser.get("/settings/people/").status_code == 200
    world.north.browser("owner").post(person_url(technician), {"roles": ["read_only"]})
    assert browser.get("/settings/people/").status_code == 403
    assert acts(world.north, "membership.roles_changed") == [
        ("Owner Northgate", {"name": technician.name, "before": "Technician", "after": "Owner, Technician"}),
        ("Owner Northgate", {"name": technician.name, "before": "Owner, Technician", "after": "Read only"}),
    ]


def test_the_end_is_at_once_and_touches_no_sign_in(world: World) -> None:
    technician = with_password(world.north.staff["technician"])
    browser = signed_in(technician)
    before = User.objects.filter(pk=technician.user_id).values().get()
    assert browser.get("/search/").status_code == 200
    world.north.browser("owner").post(f"{person_url(technician)}end/")
    assert browser.get("/search/").status_code == 404
    assert browser.get("/").status_code == 403  # a page that says so
    assert User.objects.filter(pk=technician.user_id).values().get() == before
    assert acts(world.north, "membership.ended") == [("Owner Northgate", {"name": technician.name})]
    again = Browser(SERVER_NAME="localhost")
    again.post("/account/login/", {"login": "technician@north.example", "password": PASSWORD})
    assert again.session.get("_auth_user_id") == str(technician.user_id)
    assert again.get("/search/").status_code == 404


def test_the_last_owner_stays(world: World) -> None:
    owner = world.north.staff["owner"]
    browser = world.north.browser("owner")
    assert browser.post(person_url(owner), {"roles": ["technician"]}).status_code == 422
    assert browser.post(f"{person_url(owner)}end/")["Location"] == person_url(owner)
    kept = reread(world.north, owner)
    assert (kept.roles, kept.ended_at) == (["owner"], None)
    assert acts(world.north, "membership.roles_changed") == acts(world.north, "membership.ended") == []


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_end_each_other_at_once_leave_one(world: World) -> None:
    tenant, now = world.north.tenant, timezone.now()
    pair = [world.north.staff["owner"], world.north.staff["technician"]]
    with enter(system_scope(tenant.pk)):
        change_roles(actor=system_actor("test"), now=now, membership=pair[1], roles=[Role.OWNER])
    refused: list[str] = []
    together = threading.Barrier(2)

    def end(membership: Membership) -> None:
        together.wait()
        try:
            with enter(system_scope(tenant.pk)):
                end_membership(actor=system_actor("test"), now=now, membership=membership)
        except LastOwner:
            refused.append(membership.name)
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=(membership,)) for membership in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with enter(system_scope(tenant.pk)):
        owners = Membership.objects.filter(roles__contains=["owner"], ended_at=None).count()
    assert (owners, len(refused)) == (1, 1)


def test_who_manages_people_without_being_an_owner_makes_none(world: World) -> None:
    manager, technician = world.north.staff["office_manager"], world.north.staff["technician"]
    with enter(world.north.scope()):
        Membership.objects.filter(pk=manager.pk).update(granted=["people.manage"])
    browser = world.north.browser("office_manager")
    assert browser.post(person_url(manager), {"roles": ["owner"]}).status_code == 422
    assert browser.post(person_url(world.north.staff["owner"]), {"roles": ["technician"]}).status_code == 422
    browser.post(f"{person_url(world.north.staff['owner'])}end/")
    assert reread(world.north, world.north.staff["owner"]).ended_at is None
    assert browser.post(person_url(technician), {"roles": ["dispatcher"]}).status_code == 302


def test_another_shops_people_do_not_exist(world: World) -> None:
    stranger = world.low.staff["technician"]
    browser = world.north.browser("owner")
    assert browser.get(person_url(stranger)).status_code == 404
    assert browser.post(person_url(stranger), {"roles": ["owner"]}).status_code == 404
    assert browser.post(f"{person_url(stranger)}end/").status_code == 404
    assert browser.post(f"/switch/{stranger.pk}/").status_code == 404


def test_a_contact_is_nobody_among_the_staff(world: World) -> None:
    contact = world.north.portal(world.north.one.anna)
    assert contact.get("/settings/people/").status_code == 404
    with enter(world.north.scope()):
        membership = Membership.objects.get(pk=world.north.one.anna.membership_id)
    assert world.north.browser("owner").get(person_url(membership)).status_code == 404


def both(world: World) -> tuple[Membership, Membership]:
    """North's technician, who also works at low."""
    here = world.north.staff["technician"]
    with enter(world.low.scope()):
        there = Membership.objects.create(user_id=here.user_id, name="T. at Lowmoor", roles=[Role.READ_ONLY])
    return here, there


def test_one_person_in_two_shops_switches_and_has_in_each_its_own_rights(world: World) -> None:
    here, there = both(world)
    browser = signed_in(here)
    assert browser.get("/search/").wsgi_request.tenant == world.north.tenant
    listed = browser.get("/switch/").context["memberships"]
    assert [row.tenant.name for row, _identity in listed] == ["Northgate", "Lowmoor"]
    assert browser.post(f"/switch/{there.pk}/")["Location"] == "/"
    request = browser.get("/search/").wsgi_request
    assert (request.tenant, request.membership.roles) == (world.low.tenant, ["read_only"])
    assert request.actor.name == "T. at Lowmoor"


def test_a_membership_that_ended_cannot_be_switched_to(world: World) -> None:
    here, there = both(world)
    browser = signed_in(here)
    browser.post(f"/switch/{there.pk}/")
    with enter(world.low.scope()):
        end_membership(actor=system_actor("test"), now=timezone.now(), membership=there)
    assert browser.post(f"/switch/{there.pk}/").status_code == 404
    assert browser.get("/search/").wsgi_request.tenant == world.north.tenant


def test_the_path_decides_between_staff_and_contact(world: World) -> None:
    """A member of staff at low who is also a contact of one of north's clients."""
    with enter(world.north.scope()):
        contact = Membership.objects.get(pk=world.north.one.anna.membership_id)
    with enter(world.low.scope()):
        Membership.objects.create(user_id=contact.user_id, name="Anna at work", roles=[Role.OWNER])
    browser = signed_in(contact)
    staff, portal = browser.get("/search/").wsgi_request, browser.get("/portal/").wsgi_request
    assert (staff.membership.kind, staff.tenant) == (MembershipKind.STAFF, world.low.tenant)
    assert (portal.membership.kind, portal.tenant) == (MembershipKind.CONTACT, world.north.tenant)


def test_a_profile_is_saved_for_the_shop_and_the_person(world: World) -> None:
    form = {
        "name": "Theo T.",
        "phone": "020 7946 0001",
        "signature": "Theo",
        "landing": "",
        "language": "en",
        "theme": "dark",
    }
    answer = world.north.browser("technician").post("/profile/", form)
    assert answer["Location"] == "/profile/"
    member = reread(world.north, world.north.staff["technician"])
    assert (member.name, member.phone, member.signature) == ("Theo T.", "+44 20 7946 0001", "Theo")
    user = User.objects.get(pk=member.user_id)
    assert (user.theme, user.single_keys) == ("dark", False)
    assert acts(world.north, "membership.profile_changed") == [
        ("Technician Northgate", {"fields": ["name", "phone", "signature"]})
    ]


def test_a_contact_chooses_language_and_appearance_only(world: World) -> None:
    browser = world.north.portal(world.north.one.anna)
    assert browser.get("/profile/").status_code == 200
    assert browser.post("/profile/", {"language": "en", "theme": "light", "single_keys": "on"}).status_code == 302
    assert User.objects.get(email=world.north.one.anna.email).theme == "light"


@pytest.mark.parametrize(
    "path", ["/profile/", "/switch/", "/second-factor/", "/settings/", "/start/", "/settings/people/"]
)
def test_strangers_are_sent_to_sign_in(anonymous: Browser, db: None, path: str) -> None:
    assert anonymous.get(path)["Location"] == f"/account/login/?next={path}"
