"""Which statement of account an address asks for."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date

from billing.queries.statements import Statement, TooLong, currencies_of, statement
from clients.models import Client

USUAL = timedelta(days=90)


def asked_for(client: Client, given: QueryDict, today: date) -> Statement:
    """The statement of `from`, `to` and `currency`; the last 90 days in the client's own where they are missing or make no
    sense. A period with too many movements is cut to its last days.
    """
    ends = min(_day(given.get("to", "")) or today, today)
    starts = min(_day(given.get("from", "")) or ends - USUAL, ends)
    asked, known = given.get("currency", ""), currencies_of(client)
    currency = asked if asked in known else known[0]
    while True:
        try:
            return statement(client, currency, starts, ends)
        except TooLong:
            starts = ends - (ends - starts) // 2


def link_to(name: str, found: Statement, *args: str) -> str:
    """The address of just this statement."""
    query = {"from": found.starts, "to": found.ends, "currency": found.currency}
    return f"{reverse(name, args=args)}?{urlencode(query)}"


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
