"""`./mainstay bench promises`: what the sweep costs beside a million open promises, and that nothing fires twice.

usage: ./mainstay bench promises [--open 1000000] [--due 10000] [--shops 50] [--workers 4] [--kills 12]

Half of the due ones have come to a warning, half to their deadline; each is about a ticket of its own. The first lot is swept by one
process, the second by several that are killed at random. The exit code says whether anything was lost or fired twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import django
from django.db import connections

from msp.launch.paths import ROOT

SETTINGS = "msp.settings"
STAFF, CLIENTS = 10, 20  # a shop
HOUR = timedelta(hours=1)
WORKER = "from tests.bench.promises import work; work()"
# The bench's second lot is due an hour from now; its workers live then.
AHEAD = "BENCH_SECONDS_AHEAD"

# Open and far off. Values are spread by the row's number.
_FAR = """
insert into clients_promise (id, tenant_id, state, due_at, attempts, last_error, kind, subject_kind, subject_id, ordinal, client_id,
  owner_id, words, shown, confidential, made_at, promised_at, risk_at, stages, round, working, paused_because, moved_because,
  broken_because, excluded_because, ended_because)
select gen_random_uuid(), c.tenant_id, 'open', %(now)s + make_interval(secs => 7200 + n %% 2000000), 0, '', 'callback',
  'clients.client', gen_random_uuid(), 1, c.id, m.ids[1 + n %% cardinality(m.ids)], 'Call about number ' || n, true, false, %(now)s,
  %(now)s + make_interval(secs => 90000 + n %% 2000000), %(now)s + make_interval(secs => 86400 + n %% 2000000),
  jsonb_build_array(jsonb_build_array('hour', %(now)s + make_interval(secs => 7200 + n %% 2000000), true),
                    jsonb_build_array('due', %(now)s + make_interval(secs => 90000 + n %% 2000000), true)),
  0, '[]', '', '', '', '', ''
from generate_series(1, %(number)s) n
join (select id, tenant_id, row_number() over (order by id) - 1 place from clients_client) c on c.place = n %% %(clients)s
join (select tenant_id, array_agg(id) ids from accounts_membership group by tenant_id) m on m.tenant_id = c.tenant_id
"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
    django.setup()
    now = datetime.now(UTC)
    began = time.monotonic()
    load(options, now)
    say(f"{options.open:,} open promises in {options.shops} shops are there after {time.monotonic() - began:.0f} s")
    problems = [*one_process(options, now), *killed_workers(options, now + HOUR)]
    for problem in problems:
        say(f"WRONG: {problem}")
    return 1 if problems else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./mainstay bench promises", description=__doc__)
    parser.add_argument("--open", type=int, default=1_000_000, help="open promises, not due")
    parser.add_argument(
        "--due", type=int, default=10_000, help="due ones, twice: for one process and for killed workers"
    )
    parser.add_argument("--shops", type=int, default=50)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=12)
    return parser.parse_args(arguments)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  it prints figures


# --- rows ---


def load(options: argparse.Namespace, now: datetime) -> None:
    """Shops, people, clients; far promises in one statement; due ones with a ticket each. As the owner role, by COPY."""
    shops = [_shop(number) for number in range(options.shops)]
    with connections["owner"].cursor() as cursor:
        far = {"now": now, "number": options.open, "clients": options.shops * CLIENTS}
        cursor.execute(_FAR, far)
        _due(cursor, shops, options.due, now, start=0)
        _due(cursor, shops, options.due, now + HOUR, start=options.due)
        cursor.execute("vacuum analyze")


def _shop(number: int) -> dict[str, Any]:
    from clients.models import Client  # noqa: PLC0415  Django is set up by now
    from msp.accounts.models import Membership, ShopSettings, User  # noqa: PLC0415
    from msp.tenancy.context import enter, system_scope  # noqa: PLC0415
    from msp.tenancy.models import Tenant  # noqa: PLC0415

    tenant = Tenant.objects.create(slug=f"shop{number}", name=f"Shop {number}")
    place = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
    with enter(system_scope(tenant.pk)):
        ShopSettings.objects.create(legal_name=tenant.name)
        users = User.objects.bulk_create(User(email=f"person{i}@shop{number}.example") for i in range(STAFF))
        people = [Membership(user=user, name=user.email, roles=["technician"]) for user in users]
        clients = [Client(name=f"Client {i}", slug=f"client-{i}", **place) for i in range(CLIENTS)]
        staff, known = Membership.objects.bulk_create(people), Client.objects.bulk_create(clients)
    return {"id": tenant.pk, "staff": [row.pk for row in staff], "clients": [row.pk for row in known]}


def _due(cursor: Any, shops: list[dict[str, Any]], number: int, at: datetime, start: int) -> None:
    from clients.models import Promise  # noqa: PLC0415
    from tests.bench.copying import copy  # noqa: PLC0415
    from tickets.models import Ticket  # noqa: PLC0415

    tickets, promises = [], []
    for each in range(start, start + number):
        shop = shops[each % len(shops)]
        owner: UUID = shop["staff"][each // len(shops) % STAFF]
        of = {"tenant_id": shop["id"], "client_id": shop["clients"][each % CLIENTS]}
        ticket, promise = _pair(each, owner, at)
        tickets.append(of | ticket)
        promises.append(of | promise)
    copy(cursor, Ticket, tickets)
    copy(cursor, Promise, promises)


def _pair(number: int, owner: UUID, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """A ticket and its promise, which comes to its deadline or to a warning in the second before `at`."""
    from msp.tenancy.ids import new_id  # noqa: PLC0415

    moment = at - timedelta(milliseconds=number % 1000)
    promised = moment if number % 2 else moment + 9 * HOUR
    stages = [["75", (promised - 9 * HOUR).isoformat(), True], ["due", promised.isoformat(), True]][number % 2 :]
    made, subject = at - 24 * HOUR, new_id()
    ticket = {
        "id": subject,
        "number": number + 1,
        "subject": f"Number {number}",
        "queue_at": made,
        "assignee_id": owner,
    }
    about = {"kind": "first_response", "subject_kind": "tickets.ticket", "subject_id": subject, "words": f"#{number}"}
    when = {"made_at": made, "promised_at": promised, "risk_at": promised - 9 * HOUR, "due_at": moment}
    return ticket, about | when | {"owner_id": owner, "stages": stages, "state": "open"}


# --- rounds ---


def one_process(options: argparse.Namespace, now: datetime) -> Iterator[str]:
    """What an idle sweep costs, then 10,000 due ones worked by this process alone."""
    from msp.jobs.actions import run_queue  # noqa: PLC0415

    early = now - HOUR
    say(f"idle sweep: {_median(lambda: run_queue(queue_name='promises', clock=lambda: early)):.2f} ms")
    _timed("one process", options.due, lambda: run_queue(queue_name="promises", clock=lambda: now))
    later = now + timedelta(minutes=1)
    _timed("reminders of it", None, lambda: run_queue(queue_name="reminders", clock=lambda: later))
    say(f"idle sweep just after: {_median(lambda: run_queue(queue_name='promises', clock=lambda: now)):.2f} ms")
    yield from check(options.due)


def _timed(name: str, number: int | None, act: Callable[[], int]) -> None:
    wall, own = time.monotonic(), time.process_time()
    done = act()
    wall, own = time.monotonic() - wall, time.process_time() - own
    say(
        f"{name}: {done:,} rows in {wall:.2f} s, of which {own:.2f} s of this process' processor, {done / wall:,.0f} a second"
    )
    if number is not None and done != number:
        raise RuntimeError(f"{done} were due, not {number}")


def _median(act: Callable[[], object], times: int = 51) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[times // 2]


def killed_workers(options: argparse.Namespace, now: datetime) -> Iterator[str]:
    """The second lot by several workers, which are killed at random and replaced."""
    dice = random.Random(2611)  # noqa: S311
    env = os.environ | {AHEAD: str(HOUR.total_seconds()), "MAINSTAY_LEASE": "3"}
    team = [_hire(env) for _ in range(options.workers)]
    began, killed = time.monotonic(), 0
    try:
        while any(worker.poll() is None for worker in team):
            time.sleep(dice.uniform(0.1, 0.5))
            if killed < options.kills and (busy := [w for w in team if w.poll() is None]) and _begun(options.due):
                victim = dice.choice(busy)
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                team[team.index(victim)] = _hire(env)
                killed += 1
    finally:
        for worker in team:
            worker.kill()
            worker.wait()
    took = time.monotonic() - began
    say(f"{options.workers} workers, {killed} killed: {took:.1f} s, their starts and the leases of the dead included")
    yield from check(2 * options.due)


def _hire(env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=env)


def work() -> None:
    """A worker: sweeps until nothing is due or leased any more."""
    django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from msp.jobs.actions import run_queue  # noqa: PLC0415

    ahead = timedelta(seconds=float(os.environ[AHEAD]))
    while True:
        run_queue(queue_name="promises", clock=lambda: timezone.now() + ahead)
        if not ask("select count(*) from clients_promise where state = 'open' and due_at <= now() + %s", [ahead])[0][0]:
            return
        time.sleep(0.2)


def _begun(done_before: int) -> bool:
    """Whether the workers have come beyond their start."""
    return bool(ask("select count(*) from clients_promisestage")[0][0] > done_before)


def check(due: int) -> Iterator[str]:
    """What is not as it must be after `due` stages have come."""
    expected = {
        "stages that fired": ("select count(*) from clients_promisestage", due),
        "promises broken": ("select count(*) from clients_promise where state = 'broken'", due // 2),
        "entries of the activity log about it": (
            "select count(*) from audit_entry where verb = 'promise.broken'",
            due // 2,
        ),
        "promises with two such entries": (
            "select count(*) from (select from audit_entry where verb = 'promise.broken' group by subject_id having count(*) > 1) t",
            0,
        ),
        "promises with an error": ("select count(*) from clients_promise where last_error <> ''", 0),
    }
    for what, (question, number) in expected.items():
        found = ask(question)[0][0]
        say(f"  {found:,} {what}")
        if found != number:
            yield f"{found:,} {what}, {number:,} expected"


def ask(question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())
