"""Lines of bank statements, each with what it may pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.choices.paying import BankLineState
from billing.models import BankAccount, BankImport, BankLine, PayerAccount, Receivable
from billing.rules.banking.camt import read_camt
from billing.rules.banking.csv_file import Layout, guessed, heads_of, read_csv
from billing.rules.banking.lines import Line, Unreadable
from billing.rules.banking.matching import OpenItem, Reason, Suggestion, suggestions
from billing.rules.banking.ofx import read_ofx
from clients.models import Client
from msp.tenancy.keyset import Page, page_of

MOST_ITEMS = 5000  # open invoices that lines are compared with
WORDS = {
    Reason.NUMBER: gettext_lazy("the number is in the text"),
    Reason.AMOUNT: gettext_lazy("the amount fits"),
    Reason.SUM: gettext_lazy("they add up to it"),
    Reason.IBAN: gettext_lazy("paid from this account before"),
    Reason.NAME: gettext_lazy("the name fits"),
}


@dataclass(frozen=True)
class Proposal:
    """A suggestion with the words that say why, for the page."""

    suggestion: Suggestion
    client: Client
    reasons: list[str]

    @property
    def value(self) -> str:
        """What its form sends: the client, then the invoices."""
        return ",".join(str(key) for key in (self.client.pk, *(item.invoice_id for item in self.suggestion.items)))

    @property
    def numbers(self) -> str:
        return ", ".join(item.number for item in self.suggestion.items)

    @property
    def owed(self) -> Decimal:
        return sum((item.owed for item in self.suggestion.items), Decimal(0))


@dataclass(frozen=True)
class Row:
    line: BankLine
    proposals: list[Proposal]

    @property
    def best(self) -> Proposal | None:
        return self.proposals[0] if self.proposals else None

    @property
    def is_sure(self) -> bool:
        """Whether it may be confirmed together with others: the best is sure, and none comes near it."""
        return self.best is not None and self.best.suggestion.is_sure


def line_page(state: str, params: Mapping[str, str], size: int = 50) -> tuple[Page[BankLine], list[Row]]:
    """A page of lines in a state, open ones with suggestions. A constant number of queries."""
    rows = BankLine.objects.filter(state=state).select_related("account", "payment__client")
    page = page_of(rows, order=("-booked_on", "-id"), params=params, size=size)
    lines = list(page)
    if state != BankLineState.OPEN:
        return page, [Row(line, []) for line in lines]
    return page, _proposed(lines)


def _proposed(lines: Sequence[BankLine]) -> list[Row]:
    incoming = [line for line in lines if line.amount > 0]
    items = open_items() if incoming else []
    clients = {client.pk: client for client in Client.objects.filter(pk__in={item.client_id for item in items})}
    names = {pk: client.name for pk, client in clients.items()}
    wanted = {line.iban for line in incoming if line.iban}
    ibans = set(PayerAccount.objects.filter(iban__in=wanted).values_list("iban", "client_id")) if wanted else set()
    missing = {client for _iban, client in ibans} - clients.keys()
    clients |= Client.objects.in_bulk(missing) if missing else {}
    found = []
    for line in lines:
        known = line_of(line)
        fitting = suggestions(known, items, names=names, ibans=ibans) if line.amount > 0 else []
        proposals = [
            Proposal(each, clients[each.client_id], [str(WORDS[reason]) for reason in each.reasons]) for each in fitting
        ]
        found.append(Row(line, proposals))
    return found


def line_of(row: BankLine) -> Line:
    return Line(row.booked_on, row.amount, row.currency, row.name, row.iban, row.text)


def open_items() -> list[OpenItem]:
    """Every open invoice, the first due first. One query."""
    rows = Receivable.objects.owing().order_by("due_on", "id")
    found = rows.values_list("invoice_id", "client_id", "invoice__number", "currency", "owed")[:MOST_ITEMS]
    return [OpenItem(key, client, number or "", currency, owed) for key, client, number, currency, owed in found]


def read_lines(content: bytes, account: BankAccount) -> tuple[str, list[Line]]:
    """What kind of file it is, and its lines. Raises Unreadable."""
    begin = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if b"<OFX>" in content[:5000].upper():
        return "ofx", read_ofx(content)
    if begin.startswith(b"<"):
        return "camt", read_camt(content)
    layout = layout_of(account)
    if not layout.is_complete:
        layout = guessed(heads_of(content), content)
        if not layout.is_complete:
            raise Unreadable(_("Say first which column of this account's CSV files is what: Columns, below."))
    return "csv", read_csv(content, layout)


def layout_of(account: BankAccount) -> Layout:
    """How the account's CSV files are read, as it was said."""
    said = account.columns or {}
    return Layout(said.get("columns", {}), said.get("dates", "ymd"), said.get("decimal", "."))


def bank_accounts() -> list[BankAccount]:
    return list(BankAccount.objects.filter(archived_at=None).order_by("name"))


def latest_imports(limit: int = 5) -> list[BankImport]:
    return list(BankImport.objects.select_related("account").order_by("-imported_at", "-id")[:limit])


def open_line_count() -> int:
    """Lines that wait for somebody."""
    return BankLine.objects.filter(state=BankLineState.OPEN).count()


def picked(value: str) -> tuple[UUID, list[UUID]] | None:
    """What Proposal.value says; None for what nobody proposed."""
    try:
        client, *invoices = [UUID(part) for part in value.split(",")]
    except ValueError:
        return None
    return client, invoices
