from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from msp.audit.models import Entry
from msp.jobs import actions
from msp.jobs.choices import ProcessKind
from msp.jobs.models import Job
from msp.jobs.queries import shop_queues
from msp.mail.models import SignInMail
from msp.tenancy.context import enter
from tests.world import STAFF_ROLES, ShopWorld, World

from .conftest import ACTOR

pytestmark = pytest.mark.django_db
SYSTEM = "/system/"


def job_of(shop: ShopWorld, **fields: Any) -> Job:
    now = timezone.now()
    with enter(shop.scope()):
        actor, key = fields.pop("actor", ACTOR), fields.pop("key", "")
        job = actions.add_job(actor=actor, kind="slow", payload={}, now=now, key=key)
        Job.objects.filter(pk=job.pk).update(**fields)
        return Job.objects.get(pk=job.pk)


def dead(shop: ShopWorld, **fields: Any) -> Job:
    error = f"ValueError: broken at {shop.tenant.slug}"
    return job_of(shop, state="dead", attempts=8, last_error=error, finished_at=timezone.now(), **fields)


def lost_sign_in_mail(state: str, at: datetime) -> None:
    mail = SignInMail(to=["kim@home.example"], subject="x", text="", created_at=at, due_at=at)
    mail.state, mail.finished_at = state, at
    mail.save()


def retry_url(job: Job) -> str:
    return reverse("jobs:retry", kwargs={"queue_name": "jobs", "due_row_id": job.pk})


def test_the_system_page_shows_ones_own_shop_only(world: World) -> None:
    dead(world.north), dead(world.low)
    now = timezone.now()
    actions.beat(kind=ProcessKind.WORKER, host="box-1", process=7, started_at=now, now=now)
    actions.beat(kind=ProcessKind.WORKER, host="box-2", process=7, started_at=now, now=now - timedelta(minutes=5))
    page = world.north.browser("owner").get(SYSTEM)
    html = page.content.decode()
    assert page.status_code == 200
    assert "broken at north" in html
    assert "broken at low" not in html
    (state,) = [s for s in page.context["queues"] if s.queue.name == "jobs"]
    assert (state.waiting, state.failed) == (0, 1)
    assert [(beat.host, alive) for beat, alive in page.context["heartbeats"]] == [("box-1", True), ("box-2", False)]
    assert [(service.name, service.ok) for service in page.context["services"]] == [("Postgres", True), ("Redis", True)]


def test_htmx_gets_the_part_that_changes(world: World) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    html = world.north.browser("office_manager").get(SYSTEM, headers=headers).content.decode()
    assert "<html" not in html
    assert "queues-h" in html


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_only_roles_with_the_right_see_it(world: World, role: str) -> None:
    allowed = role in ("owner", "office_manager")
    job = dead(world.north)
    browser = world.north.browser(role)
    assert browser.get(SYSTEM).status_code == (200 if allowed else 403)
    assert browser.post(retry_url(job)).status_code == (302 if allowed else 403)
    assert world.north.portal(world.north.one.anna).get(SYSTEM).status_code == 404


def test_a_dead_letter_is_tried_again_and_who_did_it_is_kept(world: World) -> None:
    job = dead(world.north)
    assert world.north.browser("owner").post(retry_url(job)).status_code == 302
    with enter(world.north.scope()):
        job.refresh_from_db()
        assert (job.state, job.attempts, job.finished_at) == ("queued", 0, None)
        entry = Entry.objects.get(verb="job.retried")
        assert (entry.subject_id, entry.actor_name) == (job.pk, world.north.staff["owner"].name)
        assert entry.data == {"queue": "Imports, exports and renderings"}
    world.north.browser("owner").post(retry_url(job))
    with enter(world.north.scope()):
        assert Entry.objects.filter(verb="job.retried").count() == 1


def test_another_shops_letter_and_an_unknown_queue_are_not_there(world: World) -> None:
    job, browser = dead(world.low), world.north.browser("owner")
    assert browser.post(retry_url(job)).status_code == 404
    url = reverse("jobs:retry", kwargs={"queue_name": "nothing", "due_row_id": job.pk})
    assert browser.post(url).status_code == 404
    assert browser.get(retry_url(job)).status_code == 405
    with enter(world.low.scope()):
        assert Job.objects.get(pk=job.pk).state == "dead"


def test_a_job_is_watched_by_who_asked_for_it(world: World) -> None:
    asker = world.north.staff["technician"]
    job = job_of(world.north, actor=asker.as_actor(), done=3, total=9)
    url = reverse("jobs:job", kwargs={"job_id": job.pk})
    running = world.north.browser("technician").get(url).content.decode()
    assert "3 of 9" in running
    assert "hx-trigger" in running
    assert world.north.browser("dispatcher").get(url).status_code == 404
    assert world.north.browser("owner").get(url).status_code == 200
    assert world.low.browser("owner").get(url).status_code == 404
    with enter(world.north.scope()):
        Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now())
    assert "hx-trigger" not in world.north.browser("technician").get(url).content.decode()


@pytest.mark.django_db(transaction=True)
def test_healthz_tells_machines_and_names_no_shop(world: World) -> None:
    browser, now = world.north.browser("owner"), timezone.now()
    browser.logout()
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.json()["worker"], answer.json()["database"]) == (503, False, True)
    actions.beat(kind=ProcessKind.WORKER, host="box", process=1, started_at=now, now=now)
    assert browser.get("/healthz").json() == {
        "ok": True, "database": True, "worker": True, "scheduler": False, "longest_wait_seconds": 0,
        "given_up_within_a_day": 0,
    }  # fmt: skip
    lost_sign_in_mail("failed", now)
    assert browser.get("/healthz").json()["given_up_within_a_day"] == 1
    job_of(world.north, due_at=now - timedelta(minutes=6))
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert 360 <= answer.json()["longest_wait_seconds"] < 400
    assert "no-store" in answer["Cache-Control"]


def test_sign_in_mail_that_did_not_go_out_is_counted_for_everybody(world: World) -> None:
    browser, now = world.north.browser("owner"), timezone.now()
    assert "lost-h" not in browser.get(SYSTEM).content.decode()
    for state, hours in (("failed", 1), ("unknown", 2), ("sent", 1), ("failed", 25)):
        lost_sign_in_mail(state, now - timedelta(hours=hours))
    page = browser.get(SYSTEM)
    assert [(queue.name, number) for queue, number in page.context["lost"]] == [("sign_in_mail", 2)]
    assert "kim@home.example" not in page.content.decode()


@pytest.mark.parametrize("letters", [1, 3])
def test_the_page_costs_two_queries_a_queue(world: World, letters: int, django_assert_num_queries: Any) -> None:
    browser = world.north.browser("owner")
    for number in range(letters):
        dead(world.north, key=str(number))
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    with django_assert_num_queries(13 + 2 * len(shop_queues())):  # one for the mailboxes, of which there are none
        assert len(browser.get(SYSTEM, headers=headers).context["letters"]) == letters
