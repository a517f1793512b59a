"""A form sent twice, by a double click or by Back, makes one row; with other words in it, it makes another."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from msp.audit.models import Entry
from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import World
from tickets.models import Ticket, TimeEntry

OPENING = {"subject": "No sound", "body": "Since this morning.", "priority": "3"}
WORK = {"minutes": "15", "note": "Looked at it"}
YESTERDAY = str(timezone.localdate() - timedelta(days=1))


@pytest.mark.parametrize(
    ("page", "post", "values", "other"),
    [
        ("/tickets/new/?client=harbour-north", "/tickets/new/?client=harbour-north", OPENING, {"subject": "No sight"}),
        ("/portal/requests/new/", "/portal/requests/new/", OPENING, {"subject": "No sight"}),
        ("/tickets/1/", "/tickets/1/time/", WORK, {"minutes": "30"}),
        (
            "/time/",
            "/time/",
            WORK | {"ticket": "1", "day": YESTERDAY, "start": "09:00", "work_type": "remote"},
            {"note": "And again"},
        ),
    ],
)
def test_one_form_makes_one_row(
    world: World, page: str, post: str, values: dict[str, Any], other: dict[str, Any]
) -> None:
    north = world.north
    make_ticket(north)
    browser = north.portal(north.one.anna) if page.startswith("/portal/") else north.browser("technician")
    form = re.findall(r'name="form_key" value="([^"]+)"', browser.get(page).content.decode())
    sent = values | {"form_key": form[-1]}
    answers = [browser.post(post, sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    with enter(north.scope()):
        made = Ticket.objects.filter(subject="No sound").count() + TimeEntry.objects.count()
        told = Entry.objects.filter(verb__in=["ticket.opened", "time.logged"]).count()
        assert (made, told) == (1, 2)
    browser.post(post, sent | other)
    with enter(north.scope()):
        assert Ticket.objects.count() + TimeEntry.objects.count() == 3
