"""What a request costs, measured in the server and told in a header."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from msp.accounts.doors import public, staff
from msp.accounts.requests import StaffRequest

HEADER = "X-Stopwatch"  # milliseconds on the wall, of this thread's processor, of Postgres' processor; queries


class Stopwatch:
    """The outermost middleware. On a busy machine the wall clock tells of the neighbours; processor time does not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        count = _Count()
        wall, own, postgres = time.perf_counter(), time.thread_time(), _postgres()
        with connection.execute_wrapper(count):
            response = self.get_response(request)
        wall, own, postgres = time.perf_counter() - wall, time.thread_time() - own, _postgres() - postgres
        response.headers[HEADER] = f"{wall * 1000:.3f} {own * 1000:.3f} {postgres * 1000:.3f} {count.queries}"
        return response


class _Count:
    queries = 0

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        self.queries += 1
        return execute(*query)


def _postgres() -> float:
    """Seconds that the connection's backend has run so far; 0 where it is no process of this machine (Linux only)."""
    if connection.connection is None:
        return 0.0
    pid = connection.connection.info.backend_pid
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


@public("shows what the server costs before any page of ours")
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@staff(None)
def empty_inside(request: StaffRequest) -> HttpResponse:
    """What session, membership and walls cost before a page begins."""
    return HttpResponse()
