"""A demo much smaller than the real one, made in the same way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import transaction
from django.test import Client as Browser
from django.test import override_settings

from billing.choices import Status
from billing.models import Dispatch, Invoice, InvoiceLine, Payment, Rendering
from clients.models import Asset, Client, Contact, Site
from msp.accounts.models import Membership, User
from msp.audit.models import Entry
from msp.launch.paths import ROOT
from msp.mail.choices import MailState
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter, staff_scope
from msp.tenancy.models import Tenant
from msp.web.checks import check_demo
from msp.web.demo.logins import demo_logins
from msp.web.demo.office import Office
from msp.web.demo.plans import LOWMOOR, NORTHGATE, PASSWORD
from msp.web.demo.prose import scenarios
from msp.web.demo.seeding import seed_demo
from tests.conventions import stray_writes
from tickets.models import Message, Ticket, TimeEntry, Timer

NOW = datetime(2026, 11, 23, 13, 38, 20, tzinfo=UTC)
SATURDAY_NIGHT = datetime(2026, 11, 21, 23, 50, tzinfo=UTC)
NORTH = NORTHGATE.scaled(clients=10, tickets=24, days=12)
LOW = LOWMOOR.scaled(clients=2, tickets=4, days=5)
FICTION = re.compile(r"\+44 (1632 960\d{3}|7700 900\d{3})")

pytestmark = pytest.mark.django_db


@contextmanager
def shop(slug: str) -> Iterator[None]:
    with enter(staff_scope(Tenant.objects.get(slug=slug).pk)):
        yield


@pytest.fixture
def demo() -> None:
    seed_demo(now=NOW, plans=[NORTH])


@pytest.fixture
def both(demo: None) -> None:
    seed_demo(now=NOW, plans=[NORTH, LOW])


def test_both_shops_are_made_to_plan(both: None) -> None:
    for plan in (NORTH, LOW):
        with shop(plan.slug):
            assert Client.objects.filter(is_unsorted=False).count() == plan.clients
            assert Ticket.objects.count() == plan.tickets
            staff = Membership.objects.filter(kind="staff").values_list("name", "roles")
            assert {(name, frozenset(roles)) for name, roles in staff} == {
                (person.name, frozenset(person.roles)) for person in plan.staff
            }


def test_every_row_was_made_by_an_act_that_left_an_entry(demo: None) -> None:
    with shop("northgate"):
        verbs = Counter(Entry.objects.values_list("verb", flat=True))
        assert verbs["ticket.opened"] == Ticket.objects.count()
        assert verbs["time.logged"] == TimeEntry.objects.count()
        turns = (
            verbs["ticket.opened"] + verbs["ticket.replied"] + verbs["ticket.noted"] + verbs["ticket.client_replied"]
        )
        assert turns == Message.objects.count()
        assert verbs["contact.created"] == Contact.objects.count()
        assert verbs["asset.created"] == Asset.objects.count()
        assert verbs["site.created"] == Site.objects.count()
        assert verbs["invoice.drafted"] == Invoice.objects.count()
        assert verbs["invoice.issued"] == Invoice.objects.filter(status=Status.ISSUED).count() > 0
        assert verbs["payment.recorded"] + verbs["payment.voided"] == Payment.objects.count()
    assert [line for line in stray_writes(ROOT) if "demo" in line] == []


def test_the_past_is_past_and_its_mail_is_kept(demo: None) -> None:
    with shop("northgate"):
        for rows, column in ((Entry, "at"), (Message, "at"), (Ticket, "changed_at")):
            last = rows.objects.order_by(f"-{column}").values_list(column, flat=True).first()
            assert last is not None
            assert NOW - timedelta(hours=6) < last <= NOW
        assert all(entry.ended_at <= entry.created_at <= NOW for entry in TimeEntry.objects.all())
        past = OutgoingMail.objects.filter(due_at__lt=NOW)
        assert set(past.values_list("state", flat=True)) == {MailState.CAPTURED}
        assert past.filter(finished_at=None).count() == 0
        assert past.filter(secret=True).exclude(text="").count() == 0
        issued = Invoice.objects.filter(status=Status.ISSUED)
        assert set(Rendering.objects.values_list("invoice", "state")) == {(row.pk, "queued") for row in issued}
        assert set(Dispatch.objects.values_list("invoice", flat=True)) == {row.pk for row in issued}


def test_nobody_does_two_things_at_once(demo: None) -> None:
    with shop("northgate"):
        for member in Membership.objects.filter(kind="staff"):
            worked = sorted((e.started_at, e.ended_at) for e in TimeEntry.objects.filter(member=member))
            assert all(before[1] <= after[0] for before, after in pairwise(worked))


def test_a_technician_is_at_work_even_on_a_saturday_night() -> None:
    seed_demo(now=SATURDAY_NIGHT, plans=[NORTH])
    with shop("northgate"):
        timer = Timer.objects.get(member__name="Tom Whitfield")
        assert timer.started_at <= SATURDAY_NIGHT
        assert timer.ticket.is_open


def test_every_address_and_number_is_invented(demo: None) -> None:
    addresses = set(User.objects.values_list("email", flat=True))
    with shop("northgate"):
        addresses |= set(Contact.objects.values_list("email", flat=True)) | set(
            Client.objects.exclude(email="").values_list("email", flat=True)
        )
        numbers = {row.phone for row in [*Contact.objects.all(), *Client.objects.all(), *Site.objects.all()]}
        numbers |= {row.mobile for row in Contact.objects.all()}
    assert all(address.endswith(".example") for address in addresses)
    assert all(FICTION.fullmatch(number) for number in numbers - {""})


def words() -> list[Any]:
    with shop("northgate"):
        return [
            list(Ticket.objects.order_by("number").values_list("id", "number", "subject", "status", "created_at")),
            list(Message.objects.order_by("id").values_list("id", "author_name", "body", "at")),
            list(InvoiceLine.objects.order_by("id").values_list("id", "description", "amount")),
            list(Contact.objects.order_by("id").values_list("id", "name", "email")),
            list(Entry.objects.order_by("id").values_list("id", "verb", "actor_name", "at")),
        ]


def test_the_same_seed_tells_the_same_past() -> None:
    told = []
    for seed in ("one", "one", "another"):
        with transaction.atomic():
            seed_demo(now=NOW, plans=[NORTH], seed=seed)
            told.append(words())
            transaction.set_rollback(True)
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_a_second_run_does_nothing(demo: None) -> None:
    before = words()
    assert seed_demo(now=NOW + timedelta(days=1), plans=[NORTH]) == []
    assert words() == before


def test_a_run_that_is_killed_leaves_nothing_and_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(office: Office) -> Iterator[datetime]:
        assert Ticket.objects.exists()
        raise SystemExit
        yield

    monkeypatch.setattr(Office, "last_hours", killed)
    with pytest.raises(SystemExit), transaction.atomic():
        seed_demo(now=NOW, plans=[NORTH])
    assert list(Tenant.objects.all()) == []
    assert list(User.objects.all()) == []
    monkeypatch.undo()
    assert [made.tickets for made in seed_demo(now=NOW, plans=[NORTH])] == [NORTH.tickets]


def test_everybody_named_can_sign_in(both: None, capsys: pytest.CaptureFixture[str]) -> None:
    logins = demo_logins()
    assert [login.role for login in logins][:5] == ["Owner", "Office manager", "Dispatcher", "Technician", "Read only"]
    assert len(logins) == 8
    for login in logins:
        browser = Browser(SERVER_NAME="localhost")
        browser.post("/account/login/", {"login": login.email, "password": PASSWORD})
        start = "/portal/" if login.role.startswith("Portal") else "/search/"
        assert browser.get(start).status_code == 200, login
    verified = EmailAddress.objects.filter(verified=True, primary=True).values_list("email", flat=True)
    assert {login.email for login in logins} <= set(verified)
    call_command("demo_logins")
    printed = capsys.readouterr().out
    assert all(login.email in printed and login.password in printed for login in logins)


@pytest.mark.parametrize(("made", "private", "shown"), [(True, True, True), (True, False, False), (False, True, False)])
def test_the_login_page_shows_them_to_this_machine_alone(demo: None, made: bool, private: bool, shown: bool) -> None:
    with override_settings(DEMO=made, PRIVATE=private):
        page = Browser(SERVER_NAME="localhost").get("/account/login/").content.decode()
    assert ("tom@northgate.example" in page) is shown


def test_where_others_can_come_the_public_passwords_are_refused(demo: None) -> None:
    assert check_demo(None, databases=["default"]) == []
    with override_settings(PRIVATE=False):
        (error,) = check_demo(None, databases=["default"])
        assert error.id == "web.E001"
        for user in User.objects.all():
            user.set_password("known to its own person")
            user.save()
        assert check_demo(None, databases=["default"]) == []


def test_without_a_demo_nobody_is_named() -> None:
    assert demo_logins() == []
    with override_settings(PRIVATE=False):
        assert check_demo(None, databases=["default"]) == []


def test_the_scenarios_are_whole() -> None:
    found = scenarios()
    assert len(found) >= 60
    for scenario in found:
        assert len(scenario.subject) == len(scenario.opening) == 2, scenario.key
        assert bool(scenario.question) == bool(scenario.answer), scenario.key
        assert 1 <= scenario.minutes[0] <= scenario.minutes[1] <= 180, scenario.key
