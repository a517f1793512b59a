"""The ledger for the accountant: it adds up in every format, and nothing in it runs."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from billing import actions
from billing.models import Books, JournalLine
from billing.rules.exporting import Datev, Entry, Line, datev_file, pairs, quickbooks_rows, quoted, xero_rows
from msp.tenancy.context import enter
from tests.billing.reading import page, post, today  # noqa: F401
from tests.world import World

from .conftest import Office

DAY = date(2026, 11, 23)
amounts = st.decimals(min_value="-9999.99", max_value="9999.99", places=2).filter(bool)
HEAD = Datev(1001, 2002, date(2026, 1, 1), 4, date(2026, 11, 1), date(2026, 11, 30), datetime(2026, 12, 1, tzinfo=UTC))


def entry(*lines: tuple[str, str], number: str = "INV-0042", client: str = "Harbour") -> Entry:
    booked = [Line(code, code, Decimal(amount)) for code, amount in lines]
    return Entry("A1B2", "Invoice", number, client, "EUR", DAY, booked)


@given(st.lists(amounts, min_size=1, max_size=8))
def test_pairs_keep_each_account_and_book_no_more_rows_than_lines(values: list[Decimal]) -> None:
    rest = -sum(values)
    lines = [Line(str(place), "", value) for place, value in enumerate([*values, rest]) if value]
    moved: dict[str, Decimal] = defaultdict(Decimal)
    found = pairs(lines)
    for pair in found:
        assert pair.amount > 0
        moved[pair.debit.code] += pair.amount
        moved[pair.credit.code] -= pair.amount
    assert moved == {line.code: line.amount for line in lines}
    assert len(found) < max(len(lines), 1)


def test_datev_rows_are_amounts_between_two_accounts() -> None:
    issued = entry(("1400", "119.00"), ("8400", "-100.00"), ("1776", "-19.00"), client='Müller; "Söhne"')
    head, columns, *rows = datev_file([issued], HEAD).decode("cp1252").split("\r\n")
    assert head.split(";")[:6] == ['"EXTF"', "700", "21", '"Buchungsstapel"', "13", "20261201000000000"]
    assert head.split(";")[10:16] == ["1001", "2002", "20260101", "4", "20261101", "20261130"]
    assert len(head.split(";")) == 31
    assert len(columns.split(";")) == 14
    said = '"Invoice INV-0042 Müller; ""Söhne"""'
    assert rows == [
        f'100,00;"S";"EUR";;;"";1400;8400;"";2311;"INV-0042";"";;{said}',
        f'19,00;"S";"EUR";;;"";1400;1776;"";2311;"INV-0042";"";;{said}',
        "",
    ]


def test_journals_add_up() -> None:
    issued = entry(("1100", "120.00"), ("4000", "-100.00"), ("2200", "-20.00"))
    quickbooks = list(quickbooks_rows([issued]))
    assert sum(row[5] or 0 for row in quickbooks) == sum(row[6] or 0 for row in quickbooks) == 120  # type: ignore[misc]
    xero = list(xero_rows([issued]))
    assert sum(row[5] for row in xero) == 0  # type: ignore[misc]
    assert {row[0] for row in xero} == {"Invoice INV-0042 Harbour (A1B2)"}


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "=+-@x"])
def test_nothing_runs(text: str) -> None:
    assert not quoted(text, 60).startswith(("=", "+", "-", "@", "\t", "'"))


def test_pages_files_and_closed_books(world: World, office: Office) -> None:
    invoice, now = office.issued(world.north.one), timezone.now()
    with enter(world.north.scope()):
        money_in = {"amount": Decimal(108), "paid_on": now.date(), "method": "card", "reference": "=1+1"}
        actions.record_payment(invoice=invoice, actor=office.actor, now=now, **money_in)
        booked = sum(line.amount for line in JournalLine.objects.filter(amount__gt=0))
    browser = world.north.browser("owner")
    html = page(browser, "/billing/ledger/")
    for shown in ("Receivables", "Card payments under way", "£108.00", "INV-0001"):
        assert shown in html
    chart = {
        f"code_{name}": "" for name in ("receivables", "on_account", "bank", "card", "revenue", "tax", "write_off")
    }
    chart |= {"code_bad_debt": "8100", "code_rounding": "", "code_revenue_20": "4020", "year_begins": "1"}
    assert "Saved." in post(browser, "/settings/billing/accounts/", **chart)
    for system in ("ledger", "quickbooks", "xero", "nonsense"):
        answer = browser.get("/billing/ledger/export/", {"system": system})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert all(not cell.startswith("=") for row in rows for cell in row), system
        if system == "ledger":
            assert sum(Decimal(row[9]) for row in rows[1:] if row[9]) == booked
    refused = browser.get("/billing/ledger/export/", {"system": "datev"}, follow=True).content.decode()
    assert "your accountant&#x27;s two numbers" in refused
    with enter(world.north.scope()):
        Books.objects.update(datev_consultant=1001, datev_client=7)
    days = {"from": f"{now:%Y}-01-01", "to": f"{now:%Y-%m-%d}", "system": "datev"}
    assert browser.get("/billing/ledger/export/", days).content.startswith(b'"EXTF";700')
    assert browser.post("/billing/ledger/close/", {"through": f"{now:%Y-%m-%d}"}).status_code == 422
    assert "Saved." in post(browser, "/billing/ledger/close/", through="2020-12-31")
    assert "Closed through" in page(browser, "/billing/ledger/")
    assert world.north.browser("technician").get("/billing/ledger/").status_code == 403
    assert "INV-0001" not in page(world.low.browser("owner"), "/billing/ledger/")
