"""What has expired is deleted, once an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from msp.jobs import actions
from msp.jobs.registry import CLEANINGS
from msp.mail.models import SignInMail


@pytest.fixture(autouse=True)
def own_cleanings(db: None) -> Iterator[None]:
    kept = list(CLEANINGS)
    yield
    CLEANINGS[:] = kept


def kept_keys() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select cache_key from cache_entry")
        return {key.removeprefix(":1:") for (key,) in cursor.fetchall()}


def test_expired_limits_are_deleted_and_others_stay() -> None:
    cache.set("short", 1, 60)
    cache.set("long", 1, 7200)
    cache.set("for_ever", 1, None)
    assert actions.clean(timezone.now() + timedelta(minutes=5))
    assert kept_keys() == {"long", "for_ever", "jobs.cleaned"}


def test_only_the_first_of_many_who_ask_within_an_hour_cleans() -> None:
    cleaned: list[datetime] = []
    CLEANINGS[:] = [cleaned.append]
    now = timezone.now()
    assert [actions.clean(now) for _ in range(3)] == [True, False, False]
    assert cleaned == [now]


def test_one_that_fails_leaves_the_others_alone() -> None:
    cleaned: list[datetime] = []

    def broken(now: datetime) -> None:
        raise RuntimeError

    CLEANINGS[:] = [broken, cleaned.append]
    now = timezone.now()
    actions.clean(now)
    assert cleaned == [now]


def test_sessions_that_are_over_and_old_mail_of_no_shop_are_deleted() -> None:
    now = timezone.now()
    for name, over in (("over", now - timedelta(seconds=1)), ("open", now + timedelta(days=1))):
        Session.objects.create(session_key=name, session_data="", expire_date=over)
    for subject, ended in (("old", now - timedelta(days=7)), ("new", now - timedelta(days=6)), ("waits", None)):
        SignInMail.objects.create(
            to=["kim@home.example"], subject=subject, text="", created_at=now, due_at=now, finished_at=ended,
            state="sent" if ended else "queued",
        )  # fmt: skip
    actions.clean(now)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
    assert set(SignInMail.objects.values_list("subject", flat=True)) == {"new", "waits"}
