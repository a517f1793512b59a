"""What a request costs, measured in the server and told in a header."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from msp.accounts.doors import public, staff
from msp.accounts.requests import StaffRequest

HEADER = "X-Stopwatch"  # milliseconds on the wall, milliseconds of processor, queries, milliseconds in them


class Stopwatch:
    """The outermost middleware. Processor time is this thread's alone; Postgres' own stands in the queries' time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        queries = _Queries()
        wall, processor = time.perf_counter(), time.thread_time()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        spent = (time.perf_counter() - wall) * 1000, (time.thread_time() - processor) * 1000
        response.headers[HEADER] = f"{spent[0]:.3f} {spent[1]:.3f} {queries.number} {queries.seconds * 1000:.3f}"
        return response


class _Queries:
    def __init__(self) -> None:
        self.number, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*query)
        finally:
            self.number += 1
            self.seconds += time.perf_counter() - began


@public("shows what the server costs before any page of ours")
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@staff(None)
def empty_inside(request: StaffRequest) -> HttpResponse:
    """What session, membership and walls cost before a page begins."""
    return HttpResponse()
