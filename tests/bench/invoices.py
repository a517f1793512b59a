"""`./mainstay bench invoices`: a month end of 5,000 clients: drafted, numbered without a gap, rendered.

usage: ./mainstay bench invoices [--clients 5000] [--tickets 2] [--workers 2] [--writers 8] [--pdfs 200]

Drafts come from as many processes as there are workers, numbers from writers that are rolled back now and then. Rendering is
compared with bare WeasyPrint on the same page, one after the other, so that both see the same machine. The exit code says whether a
client was left out or drafted twice, and whether the numbers have a gap.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import django
from django.db import connections

from msp.launch.paths import ROOT

SETTINGS = "msp.settings"
PART = "from tests.bench import invoices; invoices.part()"
TASK, SHARE = "BENCH_TASK", "BENCH_SHARE"
ROLLED_BACK = 13  # every so many numbers are taken and given back
MIB = 1024


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
    django.setup()
    began = time.monotonic()
    tenant_id = load(options)
    say(
        f"{options.clients:,} clients with {options.tickets} jobs each are there after {time.monotonic() - began:.0f} s"
    )
    problems = [*drafting(options, tenant_id), *issuing(options, tenant_id)]
    rendering(options, tenant_id)
    for problem in problems:
        say(f"WRONG: {problem}")
    return 1 if problems else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./mainstay bench invoices", description=__doc__)
    parser.add_argument("--clients", type=int, default=5_000)
    parser.add_argument("--tickets", type=int, default=2, help="solved jobs a client, of one hour each")
    parser.add_argument("--workers", type=int, default=2, help="processes that draft and render")
    parser.add_argument("--writers", type=int, default=8, help="processes that give numbers")
    parser.add_argument("--pdfs", type=int, default=200)
    return parser.parse_args(arguments)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  it prints figures


# --- rows ---


def load(options: argparse.Namespace) -> int:
    """One shop, its clients with a contact who gets invoices, and last month's solved jobs with time on them."""
    from django.utils import timezone  # noqa: PLC0415  Django is set up by now

    from billing.models import BillingSettings  # noqa: PLC0415
    from msp.accounts.models import Membership, ShopSettings, User  # noqa: PLC0415
    from msp.tenancy.context import enter, system_scope  # noqa: PLC0415
    from msp.tenancy.models import Tenant  # noqa: PLC0415

    tenant = Tenant.objects.create(slug="big", name="Big")
    with enter(system_scope(tenant.pk)):
        ShopSettings.objects.create(legal_name="Big Ltd", address="12 Quay Street", tax_id="GB 123 4567 89")
        BillingSettings.objects.create(hourly_rate=Decimal(90), tax_rate=Decimal(20), undo_minutes=0)
        user = User.objects.create(email="tech@big.example")
        member = Membership.objects.create(user=user, name="Tom Person", roles=["technician"])
        _clients(options, member, timezone.now().replace(day=1) - timedelta(days=3))
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")
    return tenant.pk


def _clients(options: argparse.Namespace, member: Any, solved_at: datetime) -> None:
    from clients.models import Client, Contact  # noqa: PLC0415
    from tickets.models import Ticket, TimeEntry  # noqa: PLC0415

    place = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
    names = range(options.clients)
    clients = Client.objects.bulk_create(
        (Client(name=f"Client {n}", slug=f"client-{n}", address=f"{n} High Street", **place) for n in names), 1000
    )
    people = [
        Contact(client=c, name=f"Anna {n}", email=f"anna@client{n}.example", gets_invoices=True, language="en")
        for n, c in enumerate(clients)
    ]
    Contact.objects.bulk_create(people, 1000)
    about = {"status": "solved", "solved_at": solved_at, "created_at": solved_at, "queue_at": solved_at}
    jobs = [
        Ticket(number=n * options.tickets + t + 1, client=c, subject=f"Printer {t} does not print", **about)
        for n, c in enumerate(clients)
        for t in range(options.tickets)
    ]
    Ticket.objects.bulk_create(jobs, 1000)
    work = [
        TimeEntry(
            ticket=job, client_id=job.client_id, member=member, minutes=60, note="Replaced the driver and tried it",
            started_at=solved_at - timedelta(hours=2 * n), finished_at=solved_at, created_at=solved_at,
        )
        for n, job in enumerate(jobs)
    ]  # fmt: skip
    TimeEntry.objects.bulk_create(work, 1000)


# --- rounds ---


def drafting(options: argparse.Namespace, tenant_id: int) -> Iterator[str]:
    """The month end, by workers as production has them."""
    from billing.actions import start_run  # noqa: PLC0415
    from msp.accounts.rules import system_actor  # noqa: PLC0415
    from msp.tenancy.context import enter, system_scope  # noqa: PLC0415

    now = datetime.now(UTC)
    with enter(system_scope(tenant_id)):
        start_run(until=now, actor=system_actor("Bench"), now=now)
    took, peaks = crew("draft", options.workers, tenant_id)
    (done,) = ask("select count(*) from billing_invoice where status = 'draft'")[0]
    say(f"drafted: {done:,} in {took:.1f} s by {options.workers} workers, {done / took:.0f} a second, peak {peaks}")
    twice = ask("select count(*) from (select from billing_invoice group by client_id having count(*) > 1) t")[0][0]
    if done != options.clients or twice:
        yield f"{done:,} drafts for {options.clients:,} clients, {twice} clients have two"
    (lines,) = ask("select count(*) from billing_linetime")[0]
    if lines != options.clients * options.tickets:
        yield f"{lines:,} entries are billed of {options.clients * options.tickets:,}"


def issuing(options: argparse.Namespace, tenant_id: int) -> Iterator[str]:
    """All of them numbered by writers that meet at one series row; each writer rolls back now and then and tries again."""
    ask("update billing_invoice set status = 'approved', approved_at = now(), approved_by = 'Bench' returning id")
    took, peaks = crew("issue", options.writers, tenant_id)
    numbers = [row[0] for row in ask("select sequence from billing_invoice where status = 'issued' order by sequence")]
    (tried,) = ask("select next_number - 1 from billing_series where kind = 'invoice'")[0]
    say(
        f"issued: {len(numbers):,} in {took:.1f} s by {options.writers} writers, {len(numbers) / took:.0f} a second, "
        f"1 in {ROLLED_BACK} rolled back first, peak {peaks}"
    )
    if numbers != list(range(1, options.clients + 1)) or tried != options.clients:
        yield f"{len(numbers):,} numbers up to {max(numbers, default=0):,}, the series stands at {tried:,}"


def rendering(options: argparse.Namespace, tenant_id: int) -> None:
    """PDFs one after the other beside bare WeasyPrint on the same page; then the rest by workers."""
    (rows,) = ask("select count(*) from billing_rendering where state = 'queued'")[0]
    wanted, pairs = min(options.pdfs, rows), min(options.pdfs, rows, 40)
    ask("update billing_rendering set due_at = 'infinity' where state = 'queued' returning id")
    ours, bare, again = compared(tenant_id, pairs)
    say(
        f"rendered: {ours[0] / pairs * 1000:.0f} ms a PDF of which {ours[1] / pairs * 1000:.0f} processor, bare WeasyPrint "
        f"{bare[0] / pairs * 1000:.0f} and {bare[1] / pairs * 1000:.0f}: {100 * (ours[1] / bare[1] - 1):+.0f} % of processor, "
        f"{100 * (ours[0] / bare[0] - 1):+.0f} % of time ({pairs} pairs). With our unpacked fonts WeasyPrint alone takes "
        f"{again[1] / pairs * 1000:.0f} of processor: {100 * (ours[1] / again[1] - 1):+.0f} %"
    )
    chosen = f"select id from billing_rendering where state = 'queued' limit {max(0, wanted - pairs)}"
    if rest := len(ask(f"update billing_rendering set due_at = now() where id in ({chosen}) returning id")):
        took, peaks = crew("render", options.workers, tenant_id)
        say(
            f"rendered: {rest:,} in {took:.1f} s by {options.workers} workers, {rest / took:.1f} a second, peak {peaks}"
        )


def compared(tenant_id: int, pairs: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds [on the wall, of processor] that `pairs` renderings took as a worker does them, as bare WeasyPrint does with the font
    files as they are, and WeasyPrint's share of ours: the same call with the fonts that we unpack once.
    """
    import weasyprint  # noqa: PLC0415

    from billing.documents.fetching import FONTS, FromMemory  # noqa: PLC0415
    from msp.jobs.actions import run_queue  # noqa: PLC0415

    seen: list[tuple[dict[str, Any], dict[str, Any]]] = []

    bare_html = weasyprint.HTML

    class Seen(bare_html):  # type: ignore[misc]  # WeasyPrint ships no types
        """What our worker gives WeasyPrint, kept to be given to it again."""

        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.given = given

        def write_pdf(self, **options: Any) -> bytes:
            seen.append((self.given, options))
            made: bytes = super().write_pdf(**options)
            return made

    weasyprint.HTML = Seen
    files = {f"mainstay:font/{name}": (ROOT / "static" / "fonts" / file).read_bytes() for name, file in FONTS.items()}
    packed = {"url_fetcher": FromMemory({url: (content, "font/woff2") for url, content in files.items()})}
    ours, bare, again = [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]
    for number in range(pairs + 1):
        due = "update billing_rendering set due_at = now() where id = (select id from billing_rendering where state = 'queued' limit 1)"
        ask(f"{due} returning id")
        warm = number > 0  # the first pays for fonts and imports
        spent(ours, warm, lambda: run_queue(queue_name="renderings", clock=lambda: datetime.now(UTC)))
        given, options = seen.pop()
        for sums, fetcher in ((bare, packed), (again, {})):
            spent(sums, warm, partial(_bare, bare_html, given | fetcher, options))
    weasyprint.HTML = bare_html
    return ours, bare, again


def _bare(page: Any, given: dict[str, Any], options: dict[str, Any]) -> None:
    page(**given).write_pdf(**options)


def spent(sums: list[float], counts: bool, act: Any) -> None:
    wall, own = time.perf_counter(), time.process_time()
    act()
    if counts:
        sums[0] += time.perf_counter() - wall
        sums[1] += time.process_time() - own


# --- processes ---


def crew(task: str, number: int, tenant_id: int) -> tuple[float, str]:
    """Seconds that so many processes took, without their starts, and the peak memory of each."""
    env = os.environ | {TASK: task, "BENCH_TENANT": str(tenant_id)}
    begin = time.monotonic()
    team = [
        subprocess.Popen(
            [sys.executable, "-c", PART],
            cwd=ROOT,
            env=env | {SHARE: f"{place}/{number}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in range(number)
    ]
    said = [worker.communicate()[0].split() for worker in team]
    if any(worker.returncode for worker in team):
        raise RuntimeError(f"a process of “{task}” failed after {time.monotonic() - begin:.0f} s")
    first, last = min(float(line[0]) for line in said), max(float(line[1]) for line in said)
    return last - first, ", ".join(f"{int(line[2]) // MIB} MB" for line in said)


def part() -> None:
    """One process: works, and says when it began and ended and how much memory it took."""
    django.setup()
    began = time.monotonic()
    {"draft": lambda: _work("billing-runs"), "render": lambda: _work("renderings"), "issue": _issue}[os.environ[TASK]]()
    say(f"{began} {time.monotonic()} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")


def _work(queue: str) -> None:
    from msp.jobs.actions import run_queue  # noqa: PLC0415

    while run_queue(queue_name=queue, clock=lambda: datetime.now(UTC)):
        pass


class RolledBack(Exception):
    """Something failed after the number was taken."""


def _issue() -> None:
    from billing.actions import issue_invoice  # noqa: PLC0415
    from billing.models import Invoice  # noqa: PLC0415
    from msp.accounts.rules import system_actor  # noqa: PLC0415
    from msp.tenancy.context import enter, system_scope  # noqa: PLC0415

    place, number = (int(part) for part in os.environ[SHARE].split("/"))
    scope, actor, dice = system_scope(int(os.environ["BENCH_TENANT"])), system_actor("Bench"), random.Random(place)  # noqa: S311
    with enter(scope):
        mine = list(Invoice.objects.filter(status="approved").order_by("id").values_list("pk", flat=True))[
            place::number
        ]
    while mine:
        pk = mine.pop()
        try:
            with enter(scope):
                issue_invoice(invoice=Invoice.objects.get(pk=pk), actor=actor, now=datetime.now(UTC))
                if dice.randrange(ROLLED_BACK) == 0:
                    raise RolledBack
        except RolledBack:
            mine.append(pk)


def ask(question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())
