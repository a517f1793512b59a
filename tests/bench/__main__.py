"""`./mainstay bench`: what pages cost in a shop of 1,000, 10,000 and 100,000 tickets, on the web server that `up` runs.

usage: ./mainstay bench [--sizes 1000,10000,100000] [--requests 40] [--pages WORD] [--small 3]
       ./mainstay bench promises …                      see tests/bench/promises.py
       ./mainstay bench invoices …                      see tests/bench/invoices.py
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg2
from psycopg2 import sql

from msp.launch.paths import ROOT
from msp.launch.ports import answers, reserve_port
from msp.launch.supervisor import programs
from tests.bench import invoices, promises

SETTINGS = "tests.bench.settings"
START_SECONDS = 60.0
OTHERS = {"promises": promises, "invoices": invoices}


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] and arguments[0] in OTHERS:
        empty_database(os.environ["DATABASE_OWNER_URL"])
        return OTHERS[arguments[0]].main(arguments[1:])
    options = parse(arguments)
    sizes = sorted(int(size) for size in options.sizes.split(","))
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS}
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    empty_database(environment["DATABASE_OWNER_URL"])
    for command in (("migrate", "--verbosity", "0"), ("collectstatic", "--noinput", "--verbosity", "0")):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    django.setup()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
    with web_server(environment) as port:
        from tests.bench.report import table  # noqa: PLC0415  needs Django

        print(table(measured(sizes, options, port), sizes))
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./mainstay bench", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000", help="tickets in the shop, separated by commas")
    parser.add_argument("--requests", type=int, default=40, help="requests a page and size")
    parser.add_argument("--small", type=int, default=3, help="other shops of 300 tickets on the same tables")
    parser.add_argument("--pages", default="", help="only pages whose name contains this")
    return parser.parse_args(arguments)


def empty_database(url: str) -> None:
    """Drop what an earlier run left. The servers are the bench's own."""
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    server = psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))
    server.autocommit = True  # no database is made inside a transaction
    with server.cursor() as cursor:
        cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    server.close()


@contextmanager
def web_server(environment: dict[str, str]) -> Iterator[int]:
    """The web process of `up`, with the bench's settings."""
    base = Path(environment["MAINSTAY_DATA"])
    port, reservation = reserve_port("127.0.0.1", 8700)
    web = programs(environment, base, "127.0.0.1", port, mail_port=0)[0]  # the door for mail stays shut
    web.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers("127.0.0.1", port):
            if web.exit_code() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no web server: {web.log.read_text()[-3000:]}")
            time.sleep(0.1)
        yield port
    finally:
        web.stop()
        reservation.close()


def measured(sizes: list[int], options: argparse.Namespace, port: int) -> dict[str, list[object]]:
    """Page → its figures at each size. The shop grows between the rounds."""
    from tests.bench import drive, pages, shop  # noqa: PLC0415  they need Django

    for number in range(options.small):
        shop.grow(shop.begin(f"small{number}"), 300)
    big = shop.begin("big")
    found: dict[str, list[object]] = {}
    for size in sizes:
        began = time.monotonic()
        shop.grow(big, size)
        print(f"{size:,} tickets are there after {time.monotonic() - began:.0f} s", flush=True)
        cookies = {"staff": drive.session_of(big.owner), "portal": drive.session_of(big.contact)}
        for page in pages.pages(big):
            if options.pages in page.name:
                found.setdefault(page.name, []).append(drive.visit(port, page, cookies, options.requests))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
