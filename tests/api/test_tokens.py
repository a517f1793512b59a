"""Who comes in with which token, and what becomes of it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from clients.models import Client
from msp.accounts.actions.people import end_membership
from msp.accounts.models import ShopSettings
from msp.accounts.rules import system_actor
from msp.api.actions import AlreadyMade, delete_old_replays, limits, make_token, revoke_token
from msp.api.models import ApiToken, Replay
from msp.audit.models import Entry
from msp.tenancy.context import enter
from msp.tenancy.ids import new_id
from msp.tenancy.models import Tenant
from tests.api.calling import Program, program
from tests.world import NOW, World, signed_in

ACTOR = system_actor("tests")


def status_and_code(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]  # type: ignore[attr-defined]


def test_a_wrong_token_opens_nothing(world: World) -> None:
    right = program(world.north, "owner")
    shop, row, secret = right.text.split(".")
    low = world.low.tenant.pk
    for text in ("nonsense", f"{shop}.{row}.x{secret}", f"{low}.{row}.{secret}", f"{shop}.{'0' * 32}.{secret}"):
        answer = Program(text).get("clients/")
        assert status_and_code(answer) == (401, "wrong_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert status_and_code(Program("").get("clients/")) == (401, "no_token")
    assert right.get("clients/").status_code == 200


def test_a_session_opens_nothing(world: World) -> None:
    browser = signed_in(world.north.staff["owner"])
    assert status_and_code(browser.get("/api/v1/clients/")) == (401, "no_token")
    answer = browser.get("/api/v1/clients/", headers={"Authorization": f"Bearer {program(world.low, 'owner').text}"})
    assert {row["name"] for row in answer.json()["items"]} == {"Harbour Lowmoor", "Orchard Lowmoor"}


def test_a_token_works_at_its_own_shops_host_only(world: World) -> None:
    Tenant.objects.filter(pk=world.low.tenant.pk).update(host="low.example")
    for shop, status in ((world.low, 200), (world.north, 401)):
        given = {"Authorization": f"Bearer {program(shop, 'owner').text}"}
        answer = Program("").browser.get("/api/v1/clients/", headers=given, SERVER_NAME="low.example")
        assert answer.status_code == status


@pytest.mark.parametrize("end", ["expired", "revoked", "left"])
def test_a_token_ends(world: World, end: str) -> None:
    north, tech = world.north, program(world.north, "technician")
    assert tech.get("clients/").status_code == 200
    with enter(north.scope()):
        if end == "expired":
            ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        elif end == "left":
            end_membership(actor=ACTOR, now=timezone.now(), membership=north.staff["technician"])
    if end == "revoked":
        assert north.browser("owner").post(f"/settings/api/{tech.token.pk}/revoke/").status_code == 302  # type: ignore[union-attr]
    code = "expired_token" if end == "expired" else "revoked_token"
    assert status_and_code(tech.get("clients/")) == (401, code)


def test_rights_are_those_of_the_member_at_that_time(world: World) -> None:
    north, reader = world.north, program(world.north, "read_only")
    assert reader.get("clients/").status_code == 200
    assert status_and_code(reader.post("clients/", {"name": "New"})) == (403, "not_allowed")
    assert status_and_code(program(north, "technician", ["tickets:read"]).get("clients/")) == (403, "missing_scope")
    narrow = program(north, "technician", ["clients:write"])
    assert (narrow.get("clients/").status_code, narrow.post("clients/", {"name": "New"}).status_code) == (200, 201)
    assert program(north, "", ["clients:read"]).get("clients/").status_code == 200


def test_a_required_second_factor_is_required_here(world: World) -> None:
    with enter(world.north.scope()):
        ShopSettings.objects.update(staff_mfa_required=True)
    assert status_and_code(program(world.north, "technician").get("clients/")) == (403, "second_factor")
    assert program(world.north, "").get("clients/").status_code == 200


def test_when_it_was_used_is_remembered_to_the_minute(world: World) -> None:
    tech = program(world.north, "technician")
    tech.get("clients/")
    with enter(world.north.scope()):
        used = ApiToken.objects.get().used_at
        assert used is not None
    tech.get("clients/no-such/")
    with enter(world.north.scope()):
        assert ApiToken.objects.get().used_at == used


def test_too_many_wrong_tokens_of_one_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(limits, "FAILURES", 2)
    assert [Program("wrong").get("clients/").status_code for _ in range(3)] == [401, 401, 429]
    assert Program("wrong").get("clients/").headers["Retry-After"] == "300"
    assert program(world.north, "owner").get("clients/").status_code == 200


def test_every_refusal_is_a_problem_in_json(world: World) -> None:
    tech = program(world.north, "technician")
    for answer, status in (
        (tech.get("no/such/place/"), 404),
        (tech.get("clients/018f0000-0000-7000-8000-000000000000/"), 404),
        (tech.send("delete", "clients/"), 405),
        (tech.browser.post("/api/v1/clients/", {"name": "x"}, headers={"Authorization": f"Bearer {tech.text}"}), 415),
        (tech.browser.post("/api/v1/clients/", "{", content_type="application/json",
                           headers={"Authorization": f"Bearer {tech.text}"}), 400),
        (tech.browser.post("/api/v1/clients/", "[" * 100_000, content_type="application/json",
                           headers={"Authorization": f"Bearer {tech.text}"}), 400),
    ):  # fmt: skip
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["status"] == status
    assert tech.get("clients/", Accept="text/html").headers["Content-Type"] == "application/json"


# --- sent twice ---


def test_a_post_with_a_key_happens_once(world: World) -> None:
    tech = program(world.north, "technician")
    first, again = (tech.post("clients/", {"name": "Once"}, Idempotency_Key="key-00001") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), first.content) == (again.json(), again.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = tech.post("clients/", {"name": "Other"}, Idempotency_Key="key-00001")
    assert status_and_code(other) == (422, "key_reused")
    assert (
        program(world.north, "owner").post("clients/", {"name": "Once"}, Idempotency_Key="key-00001").json()
        != first.json()
    )
    with enter(world.north.scope()):
        assert Client.objects.filter(name="Once").count() == 2
    for unfit in ("short", ""):
        assert status_and_code(tech.post("clients/", {"name": "x"}, Idempotency_Key=unfit)) == (422, "invalid")


def test_a_refused_post_keeps_nothing(world: World) -> None:
    tech = program(world.north, "technician")
    assert tech.post("clients/", {"name": "", "zone": 1}, Idempotency_Key="key-00001").status_code == 422
    assert tech.post("clients/", {"name": "Right"}, Idempotency_Key="key-00001").status_code == 201


def test_keys_are_forgotten(world: World) -> None:
    tech = program(world.north, "technician")
    tech.post("clients/", {"name": "Once"}, Idempotency_Key="key-00001")
    assert delete_old_replays(timezone.now() + timedelta(days=1)) == 0
    assert delete_old_replays(timezone.now() + timedelta(days=3)) == 1
    with enter(world.north.scope()):
        assert not Replay.objects.exists()


# --- pages ---


def test_a_person_makes_a_token_sees_it_once_and_revokes_it(world: World) -> None:
    browser = world.north.browser("technician")
    page = browser.post(
        "/profile/tokens/", {"name": "Reports", "scopes": ["clients:read", "tickets:read"], "days": "30"}
    )
    text = page.context["secret"]
    assert text in page.content.decode()
    assert Program(text).get("clients/").status_code == 200
    again = browser.get("/profile/tokens/")
    assert "Reports" in again.content.decode()
    assert text.split(".")[2] not in again.content.decode()
    with enter(world.north.scope()):
        row = ApiToken.objects.get()
        assert row.secret_hash not in ("", text)
    other = world.north.browser("dispatcher")
    assert other.post(f"/profile/tokens/{row.pk}/revoke/").status_code == 404
    assert browser.post(f"/profile/tokens/{row.pk}/revoke/").status_code == 302
    assert Program(text).get("clients/").status_code == 401
    with enter(world.north.scope()):
        assert list(Entry.objects.filter(verb__startswith="api_token").order_by("at").values_list("verb", flat=True)) == [
            "api_token.made", "api_token.revoked",
        ]  # fmt: skip


def test_a_form_sent_twice_makes_one_token(world: World) -> None:
    browser = world.north.browser("owner")
    for path in ("/profile/tokens/", "/settings/api/"):
        (key,) = re.findall(r'name="form_key" value="([^"]+)"', browser.get(path).content.decode())
        given = {"name": "Reports", "scopes": ["clients:read"], "days": "30", "form_key": key}
        first, second = (browser.post(path, given).context["secret"] for _ in range(2))
        # Who pressed twice sees the second answer only: that text is the one that opens.
        assert [Program(text).get("clients/").status_code for text in (first, second)] == [401, 200]
        again = browser.post(path, given)
        assert (again.status_code, again.context["secret"]) == (422, "")
        assert "shown once only" in again.content.decode()
        assert Program(second).get("clients/").status_code == 200
        assert browser.post(path, given | {"days": "0"}).context["secret"] != ""
    with enter(world.north.scope()):
        kinds = list(ApiToken.objects.order_by("created_at").values_list("kind", flat=True))
        assert kinds == ["personal", "personal", "service", "service"]
        assert Entry.objects.filter(verb="api_token.made").count() == 4


def test_a_page_sent_anew_later_makes_no_token_and_another_person_none_of_it(world: World) -> None:
    north, now = world.north, timezone.now()
    tech, owner = north.staff["technician"], north.staff["owner"]
    key = new_id()
    given = {"name": "Reports", "scopes": ["clients:read"], "days": 0, "form_key": key}
    with enter(north.scope()):
        row, _text = make_token(actor=ACTOR, now=now, member=tech, **given)
        with pytest.raises(AlreadyMade):
            make_token(actor=ACTOR, now=now + timedelta(seconds=11), member=tech, **given)
        other, _text = make_token(actor=ACTOR, now=now, member=owner, **given)
        assert (row.member, other.member, other.form_key) == (tech, owner, None)
        row.refresh_from_db()
        assert row.form_key == key
        revoke_token(actor=ACTOR, now=now, token=row)
        with pytest.raises(AlreadyMade):
            make_token(actor=ACTOR, now=now, member=tech, **given)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_four_times_at_once_makes_one_token(world: World) -> None:
    north, gate, key = world.north, Barrier(4), new_id()

    def make(_number: int) -> UUID:
        try:
            with enter(north.scope()):
                gate.wait(10)
                given = {"name": "Reports", "scopes": ["clients:read"], "days": 30, "form_key": key}
                return make_token(actor=ACTOR, now=NOW, member=None, **given)[0].pk
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(make, range(4)))
    with enter(north.scope()):
        assert made == {ApiToken.objects.get().pk}
        assert Entry.objects.filter(verb="api_token.made").count() == 1


def test_a_token_is_offered_no_more_than_its_member_may(world: World) -> None:
    browser = world.north.browser("read_only")
    assert "clients:write" not in browser.get("/profile/tokens/").content.decode()
    given = {"name": "More", "scopes": ["clients:write"], "days": "30"}
    assert browser.post("/profile/tokens/", given).status_code == 422


def test_service_tokens_are_the_owners(world: World) -> None:
    north = world.north
    given = {"name": "Monitoring", "scopes": ["tickets:write"], "days": "0"}
    page = north.browser("owner").post("/settings/api/", given)
    assert Program(page.context["secret"]).post("clients/", {"name": "x"}).status_code == 403
    assert north.browser("office_manager").get("/settings/api/").status_code == 403
    member = north.staff["technician"]
    with enter(north.scope()):
        member.granted = ["settings.manage"]
        member.save()
    assert north.browser("technician").get("/settings/api/").status_code == 403
    assert north.portal(north.one.anna).get("/profile/tokens/").status_code == 404


def test_the_documentation_is_a_page_of_ours(world: World) -> None:
    browser = world.north.browser("read_only")
    whole = browser.get("/api/docs/").content.decode()
    assert "/api/v1/clients/" in whole
    assert "curl -X POST" in whole
    assert "Add an asset" in whole
    assert "Add a client" in whole
    narrowed = browser.get("/api/docs/?q=equipment+asset").content.decode()
    assert "/api/v1/clients/{client_id}/" not in narrowed
    assert browser.get("/api/v1/schema/").json()["openapi"].startswith("3.1")
