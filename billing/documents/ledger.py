"""The ledger as files: plain, and as accountants' programs want it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Books
from billing.rules import exporting, money
from billing.rules.exporting import Datev, Entry
from billing.rules.refusals import Refused
from msp.files.documents import Cell, table_response

MOST_ENTRIES = 20_000
SYSTEMS = {"ledger": gettext_lazy("Plain ledger"), "quickbooks": "QuickBooks", "xero": "Xero", "datev": "DATEV"}


def ledger_heads() -> list[str]:
    heads = (_("Day"), _("Entry"), _("What"), _("Number"), _("Client"), _("Code"), _("Account"), _("Tax rate"))
    return [*heads, _("Currency"), _("Debit"), _("Credit")]


def ledger_rows(entries: Iterable[Entry]) -> Iterator[list[Cell]]:
    """A row a line."""
    for entry in entries:
        about: list[Cell] = [entry.booked_on, entry.key, entry.kind, entry.number, entry.client]
        for line in entry.lines:
            debit, credit = (
                None if amount is None else money.quantise(amount, entry.currency)
                for amount in (line.debit, line.credit)
            )
            yield [*about, line.code, line.account, line.tax_rate, entry.currency, debit, credit]


def ledger_file(
    system: str, entries: Sequence[Entry], *, starts: date, ends: date, books: Books, now: datetime
) -> HttpResponse:
    """The entries of a period for one system. Raises Refused for what its format cannot say, TooManyRows for too many."""
    name = f"{system}-{starts}-{ends}"
    if system == "quickbooks":
        return table_response(name, exporting.QUICKBOOKS_HEADS, exporting.quickbooks_rows(entries))  # type: ignore[arg-type]
    if system == "xero":
        return table_response(name, exporting.XERO_HEADS, exporting.xero_rows(entries))  # type: ignore[arg-type]
    if system == "datev":
        return _datev(entries, starts, ends, books, now)
    return table_response(name, ledger_heads(), ledger_rows(entries))


def _datev(entries: Sequence[Entry], starts: date, ends: date, books: Books, now: datetime) -> HttpResponse:
    if not books.datev_consultant or not books.datev_client:
        raise Refused(_("DATEV's files need your accountant's two numbers: Settings, Accounts."))
    begins = date(starts.year - (starts.month < books.year_begins), books.year_begins, 1)
    if ends >= begins.replace(year=begins.year + 1):
        raise Refused(_("A file for DATEV lies within one business year."))
    codes = {line.code for entry in entries for line in entry.lines}
    if any(not code.isdigit() or not 4 <= len(code) <= 8 for code in codes) or len({len(code) for code in codes}) > 1:
        raise Refused(_("DATEV's accounts are numbers of one length, 4 to 8 digits: Settings, Accounts."))
    digits = len(next(iter(codes), "0000"))
    head = Datev(books.datev_consultant, books.datev_client, begins, digits, starts, ends, now)
    disposition = content_disposition_header(as_attachment=True, filename=f"EXTF_Buchungsstapel_{starts}_{ends}.csv")
    content = exporting.datev_file(entries, head)
    return HttpResponse(
        content, content_type="text/csv; charset=windows-1252", headers={"Content-Disposition": str(disposition)}
    )
