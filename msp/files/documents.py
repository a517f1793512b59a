"""Giving files out: checked against their recorded hash, and never as something that could run in our origin; and tables."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from .rules import FileDamaged, TooManyRows, is_shown

CHUNK = 256 * 1024  # bytes
MOST_ROWS = 20_000  # of one table: some 2 MB in memory
# Chromium shows no PDF in a sandboxed document; its viewer runs what a PDF brings outside our origin.
_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"

# A spreadsheet runs what begins like this; a client named "=HYPERLINK(…)" must stay a name.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as Windows-1252

Cell = str | Promise | int | Decimal | date | datetime | None


class Kept(Protocol):
    """A stored file, or what a worker remembers of one outside its transaction."""

    @property
    def path(self) -> str: ...

    @property
    def sha256(self) -> str: ...


class Named(Kept, Protocol):
    """What giving bytes out needs to know of them."""

    @property
    def name(self) -> str: ...

    @property
    def content_type(self) -> str: ...

    @property
    def size(self) -> int: ...


def content_of(file: Kept) -> bytes:
    """All bytes of a file. Slow: not for a transaction. Raises FileDamaged, and OSError when the storage lost it."""
    return b"".join(_verified(file.path, file.sha256))


def response_of(file: Named, *, inline: bool = False) -> StreamingHttpResponse:
    """Send a file that the caller has checked the right to. `inline` shows the types that are safe to show.

    The body is read after the request's transaction has ended.
    """
    shown = inline and is_shown(file.content_type)
    disposition = content_disposition_header(not shown, file.name)
    headers = {
        "Content-Type": file.content_type,
        "Content-Disposition": disposition or "attachment",
        "Content-Length": str(file.size),
        "Content-Encoding": "identity",  # compressing would drop the length, by which a cut download shows
        "Content-Security-Policy": _PDF_POLICY if shown and file.content_type == "application/pdf" else _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    response = StreamingHttpResponse(_verified(file.path, file.sha256), headers=headers)
    response.reads_no_rows = True  # type: ignore[attr-defined]  # the tenancy middleware asks
    return response


def table_response(name: str, heads: Iterable[Cell], rows: Iterable[Iterable[Cell]]) -> HttpResponse:
    """A table for spreadsheets, as a file `name`.csv: comma-separated, no text of it a formula.

    Times stand in the page's zone as 2026-11-23 14:05, days as 2026-11-23, amounts with a point, nothing as nothing.
    Raises TooManyRows above MOST_ROWS: half a list that looks whole is worse than none.
    """
    out = io.StringIO(_BYTE_ORDER_MARK)
    out.seek(0, io.SEEK_END)
    table = csv.writer(out)
    table.writerow(map(_plain, heads))
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise TooManyRows
        table.writerow(map(_plain, row))
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.csv")
    headers = {"Content-Disposition": str(disposition)}
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def table_or_refusal(
    request: HttpRequest, list_name: str, name: str, heads: Iterable[Cell], rows: Iterable[Iterable[Cell]]
) -> HttpResponse:
    """As `table_response`, for a list with filters that may be too long: then back to it, with words that say what helps.

    `list_name` is the list's URL name. Callers read MOST_ROWS + 1 rows at most.
    """
    try:
        return table_response(name, heads, rows)
    except TooManyRows:
        words = _("These are more than %(number)s rows. Narrow the list by its filters, then download it again.")
        messages.error(request, words % {"number": MOST_ROWS})
        return redirect(f"{reverse(list_name)}?{request.GET.urlencode()}")


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
    text = str(cell)
    return f"'{text}" if isinstance(cell, str | Promise) and text.startswith(_FORMULA_STARTS) else text


def _verified(path: str, sha256: str) -> Iterator[bytes]:
    """The bytes in pieces. The last is held back until the hash is right, so that nobody gets a whole wrong file."""
    digest, held = hashlib.sha256(), b""
    with default_storage.open(path) as source:
        while piece := source.read(CHUNK):
            digest.update(piece)
            if held:
                yield held
            held = piece
    if digest.hexdigest() != sha256:
        raise FileDamaged(f"{path} is not what was stored")
    if held:
        yield held
