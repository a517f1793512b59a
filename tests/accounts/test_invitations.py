"""Asking people in: the link, its one use, and what it tells whom."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as Browser
from django.utils import timezone

from msp.accounts.actions import TooManyLetters, invite_person, resend_invitation, withdraw_invitation
from msp.accounts.choices import MembershipKind, PortalCapability, Role
from msp.accounts.models import Invitation, Membership, User
from msp.accounts.registry import ON_ACCEPTED
from msp.accounts.rules import Letter, system_actor
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter, system_scope
from tests.world import NOW, World, signed_in

from .conftest import PASSWORD, acts, with_password

ANSWER = {"name": "Nora New", "password": PASSWORD}


def invited(world: World, email: str = "nora@else.example", **kwargs: Any) -> tuple[Invitation, str]:
    """An invitation to north and the path of its link."""
    with enter(world.north.scope()):
        made = invite_person(
            actor=world.north.staff["owner"].as_actor(),
            now=kwargs.pop("now", timezone.now()),
            email=email,
            name="Nora New",
            **{"roles": [Role.TECHNICIAN]} | kwargs,
        )
    return made.invitation, made.link.removeprefix("http://localhost:8000")


def members(world: World, email: str) -> list[tuple[str, str, list[str]]]:
    with enter(system_scope(world.north.tenant.pk)):
        rows = Membership.objects.filter(user__email=email, ended_at=None)
        return [(row.name, row.kind, row.roles) for row in rows]


def test_the_owner_invites_by_mail_and_only_the_hash_is_kept(world: World, letters: list[Letter]) -> None:
    form = {"name": "Nora New", "email": "Nora@Else.example", "roles": ["technician", "dispatcher"]}
    answer = world.north.browser("owner").post("/settings/people/invite/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/people/")
    with enter(world.north.scope()):
        invitation = Invitation.objects.get()
    kept = (invitation.email, invitation.name, invitation.roles, invitation.kind, invitation.invited_by)
    assert kept == ("nora@else.example", "Nora New", ["technician", "dispatcher"], "staff", "Owner Northgate")
    assert invitation.expires_at - invitation.created_at == timedelta(days=14)
    (letter,) = letters
    assert (letter.tenant_id, letter.to) == (world.north.tenant.pk, "nora@else.example")
    secret = next(line for line in letter.text.splitlines() if "/join/" in line).rstrip("/").rpartition(".")[2]
    assert secret not in str(Invitation.unscoped.values())
    assert acts(world.north, "invitation.sent") == [
        ("Owner Northgate", {"name": "Nora New", "email": "nora@else.example"})
    ]


def test_a_known_address_is_invited_like_a_new_one(world: World, letters: list[Letter]) -> None:
    shapes = []
    for email in ("owner@low.example", "nobody@low.example"):
        form = {"name": "Nora New", "email": email, "roles": ["technician"]}
        answer = world.north.browser("owner").post("/settings/people/invite/", form, follow=True)
        shapes.append((answer.status_code, len(answer.content), len(letters)))
        with enter(world.north.scope()):
            Invitation.objects.all().delete()
        letters.clear()
    # The addresses differ by one letter, which stands in the toast and in the row.
    assert shapes[1] == (shapes[0][0], shapes[0][1] + 2, shapes[0][2])


def test_a_colleague_is_not_invited_twice(world: World, letters: list[Letter]) -> None:
    form = {"name": "Nora", "email": "technician@north.example", "roles": ["technician"]}
    answer = world.north.browser("owner").post("/settings/people/invite/", form)
    assert (answer.status_code, letters) == (422, [])


def test_a_new_person_joins_with_a_password(world: World, anonymous: Browser) -> None:
    invitation, path = invited(world)
    assert anonymous.get(path).status_code == 200
    answer = anonymous.post(path, ANSWER)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(email="nora@else.example")
    assert user.check_password(PASSWORD)
    assert list(user.emailaddress_set.values_list("email", "verified", "primary")) == [(user.email, True, True)]
    assert members(world, user.email) == [("Nora New", "staff", ["technician"])]
    assert acts(world.north, "membership.begun") == [("Nora New", {})]
    with enter(world.north.scope()):
        assert Invitation.objects.get(pk=invitation.pk).accepted_at is not None
    page = anonymous.get("/search/")
    assert (page.status_code, page.wsgi_request.membership.name) == (200, "Nora New")


def test_an_owner_who_joins_begins_with_the_first_steps(world: World, anonymous: Browser) -> None:
    _invitation, path = invited(world, roles=[Role.OWNER])
    assert anonymous.post(path, ANSWER)["Location"] == "/start/"


def test_a_weak_password_is_refused_and_nothing_typed_is_lost(world: World, anonymous: Browser) -> None:
    _invitation, path = invited(world)
    answer = anonymous.post(path, {"name": "Nora N.", "password": "short"})
    assert (answer.status_code, answer.context["form"]["name"].value()) == (422, "Nora N.")
    assert not User.objects.filter(email="nora@else.example").exists()


def test_the_link_works_once(world: World, anonymous: Browser) -> None:
    _invitation, path = invited(world)
    anonymous.post(path, ANSWER)
    second = Browser(SERVER_NAME="localhost").post(path, ANSWER)
    assert second.status_code == 404
    assert len(members(world, "nora@else.example")) == 1


@pytest.mark.parametrize("what", ["old", "wrong secret", "withdrawn", "replaced", "other shop", "nonsense"])
def test_a_link_that_is_not_good_any_more_says_so_and_nothing_else(world: World, what: str) -> None:
    age = timedelta(days=15) if what == "old" else timedelta()
    invitation, path = invited(world, now=timezone.now() - age)
    actor = system_actor("test")
    with enter(world.north.scope()):
        if what == "withdrawn":
            withdraw_invitation(actor=actor, now=timezone.now(), invitation=invitation)
        if what == "replaced":
            resend_invitation(actor=actor, now=timezone.now(), invitation=invitation)
    if what == "wrong secret":
        path = f"{path[:-4]}xyz/"
    if what == "other shop":
        path = path.replace(str(world.north.tenant.pk), str(world.low.tenant.pk))
    if what == "nonsense":
        path = "/join/hello/"
    answer = Browser(SERVER_NAME="localhost").post(path, ANSWER)
    assert answer.status_code == 404
    assert "Northgate" not in answer.content.decode()
    assert not User.objects.filter(email="nora@else.example").exists()


def test_a_known_person_signs_in_first_and_joins_as_themselves(world: World) -> None:
    member = with_password(world.low.staff["technician"])
    _invitation, path = invited(world, "technician@low.example")
    browser = Browser(SERVER_NAME="localhost")
    assert browser.get(path)["Location"] == f"/account/login/?next={path}"
    browser.post("/account/login/", {"login": "technician@low.example", "password": PASSWORD})
    assert browser.get(path).status_code == 200
    assert members(world, "technician@low.example") == []
    assert browser.post(path)["Location"] == "/"
    assert members(world, "technician@low.example") == [("Nora New", "staff", ["technician"])]
    assert User.objects.filter(pk=member.user_id).count() == 1
    assert browser.get("/search/").wsgi_request.tenant == world.north.tenant  # and is there at once


def test_nobody_accepts_for_somebody_else(world: World) -> None:
    _invitation, path = invited(world)
    browser = signed_in(world.low.staff["owner"])
    assert "nora@else.example" in browser.get(path).content.decode()
    browser.post(path, ANSWER)
    assert members(world, "owner@low.example") == []
    assert members(world, "nora@else.example") == []


def test_a_second_invitation_replaces_the_first(world: World, anonymous: Browser) -> None:
    first, path = invited(world)
    invited(world, roles=[Role.DISPATCHER])
    assert anonymous.get(path).status_code == 404
    with enter(world.north.scope()):
        assert Invitation.objects.get(pk=first.pk).withdrawn_at is not None


def test_sending_again_and_withdrawing_are_written_down(world: World, letters: list[Letter]) -> None:
    invitation, _path = invited(world)
    browser = world.north.browser("owner")
    where = f"/settings/people/invitations/{invitation.pk}/"
    assert browser.post(f"{where}resend/").status_code == 302
    assert browser.post(f"{where}withdraw/").status_code == 302
    assert browser.post(f"{where}withdraw/").status_code == 404
    assert len({letter.purpose for letter in letters}) == len(letters) == 2
    data = {"name": "Nora New", "email": "nora@else.example"}
    assert acts(world.north, "invitation.sent_again") == [("Owner Northgate", data)]
    assert acts(world.north, "invitation.withdrawn") == [("Owner Northgate", {"name": "Nora New"})]


def test_a_clients_contact_is_invited_to_the_portal_and_their_app_hears_of_it(world: World, anonymous: Browser) -> None:
    heard: list[tuple[UUID, str]] = []

    def hear(subject_id: UUID, membership: Membership) -> None:
        heard.append((subject_id, membership.name))

    contact = world.north.one.anna
    _invitation, path = invited(
        world, kind=MembershipKind.CONTACT, roles=[], granted=[PortalCapability.REQUESTS], subject_id=contact.pk
    )
    hooks = list(ON_ACCEPTED)
    ON_ACCEPTED[:] = [hear]
    try:
        anonymous.post(path, ANSWER)
    finally:
        ON_ACCEPTED[:] = hooks
    assert heard == [(contact.pk, "Nora New")]
    assert members(world, "nora@else.example") == [("Nora New", "contact", [])]


@pytest.mark.parametrize("role", ["office_manager", "dispatcher", "technician", "read_only"])
def test_who_does_not_manage_people_is_refused(world: World, role: str) -> None:
    invitation, _path = invited(world)
    browser = world.north.browser(role)
    assert browser.get("/settings/people/").status_code == 403
    assert browser.post("/settings/people/invite/", {}).status_code == 403
    assert browser.post(f"/settings/people/invitations/{invitation.pk}/withdraw/").status_code == 403


def test_another_shops_invitation_does_not_exist(world: World) -> None:
    invitation, _path = invited(world)
    where = f"/settings/people/invitations/{invitation.pk}"
    assert world.low.browser("owner").post(f"{where}/withdraw/").status_code == 404
    assert world.low.browser("owner").post(f"{where}/resend/").status_code == 404


def test_an_invitation_may_be_sent_again_after_it_has_expired(world: World, anonymous: Browser) -> None:
    invitation, _path = invited(world, now=NOW - timedelta(days=60))
    with enter(world.north.scope()):
        again = resend_invitation(actor=system_actor("test"), now=timezone.now(), invitation=invitation)
    assert anonymous.get(again.link.removeprefix("http://localhost:8000")).status_code == 200


def test_nobody_floods_one_address_or_the_whole_world(world: World, letters: list[Letter]) -> None:
    now = timezone.now()
    for _ in range(5):
        invited(world, now=now)
    with pytest.raises(TooManyLetters):
        invited(world, "Nora@Else.example", now=now)
    for number in range(35):
        invited(world, f"{number}@else.example", now=now)
    with pytest.raises(TooManyLetters):
        invited(world, "one.more@else.example", now=now)
    assert len(letters) == 40
    invited(world, "one.more@else.example", now=now + timedelta(hours=1, seconds=1))
    invited(world, now=now + timedelta(days=1, seconds=1))
    with enter(world.low.scope()):  # another shop's letters are its own
        invite_person(
            actor=world.low.staff["owner"].as_actor(),
            now=now,
            email="nora@else.example",
            name="Nora",
            roles=[Role.OWNER],
        )


def test_pages_say_that_enough_was_written(world: World) -> None:
    browser, form = world.north.browser("owner"), {"name": "N", "email": "nora@else.example", "roles": ["technician"]}
    for _ in range(5):
        assert browser.post("/settings/people/invite/", form).status_code == 302
    answer = browser.post("/settings/people/invite/", form)
    assert (answer.status_code, "Enough was written to nora@else.example" in answer.content.decode()) == (422, True)
    with enter(world.north.scope()):
        waiting = Invitation.objects.get(withdrawn_at=None)
    said = browser.post(f"/settings/people/invitations/{waiting.pk}/resend/", follow=True).content.decode()
    assert "Enough was written to nora@else.example" in said
    anna = world.north.one.anna
    with enter(world.north.scope()):
        type(anna).objects.filter(pk=world.north.one.ben.pk).update(membership=None, email="nora@else.example")
    colleague = {"name": "Ben", "email": "nora@else.example", "granted": ["portal.requests"], "job_title": ""}
    answer = world.north.portal(anna).post("/portal/people/", colleague)
    assert (answer.status_code, "Enough was written" in answer.content.decode()) == (422, True)


def test_only_our_own_link_in_an_invitation_is_one(world: World) -> None:
    with enter(world.north.scope()):
        made = invite_person(
            actor=world.north.staff["owner"].as_actor(), now=NOW, email="nora@else.example",
            name="<b>www.evil.example</b> https://evil.example/?a=1&b=2", roles=[Role.TECHNICIAN],
        )  # fmt: skip
        html = OutgoingMail.objects.get(to=["nora@else.example"]).html
    assert re.findall(r'href="([^"]*)"', html) == [made.link, "mailto:help@north.example"]
    assert "&lt;b&gt;www.evil.example&lt;/b&gt; https://evil.example/?a=1&amp;b=2" in html
