"""Bank statements: read once, matched by what they say, booked by a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from billing import actions
from billing.models import BankAccount, BankLine, JournalLine, OnAccount, PayerAccount, Payment, Receivable
from billing.rules.banking.camt import read_camt
from billing.rules.banking.csv_file import Layout, guessed, heads_of, number_of, read_csv
from billing.rules.banking.lines import Line, Unreadable, marked
from billing.rules.banking.matching import OpenItem, Reason, suggestions
from billing.rules.banking.ofx import read_ofx
from billing.rules.refusals import Refused
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import Office

DAY = date(2026, 11, 20)
ONE, TWO = UUID(int=1), UUID(int=2)
IBAN = "DE89370400440532013000"

CAMT = b"""<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="GBP">108.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>
 <AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Harbour Ltd</Nm></Pty></Dbtr>
 <DbtrAcct><Id><IBAN>DE89 3704 0044 0532 0130 00</IBAN></Id></DbtrAcct></RltdPties>
 <RmtInf><Ustrd>Invoice inv 0001</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="GBP">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>2026-11-20T10:00:00</DtTm></BookgDt>
 <AcctSvcrRef>B2</AcctSvcrRef><NtryDtls><TxDtls><Amt Ccy="GBP">10.00</Amt></TxDtls><TxDtls><Amt Ccy="GBP">20.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="GBP">9.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="GBP">7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""

OFX = b"""OFXHEADER:100
DATA:OFXSGML
<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>GBP<BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261120120000[0:GMT]<TRNAMT>108.00<FITID>F1<NAME>Harbour &amp; Sons<MEMO>INV-0001</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261121<TRNAMT>-5,25<FITID>F2<NAME>Bank
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"""

GERMAN = (
    "Umsatzanzeige;;;;\n\n"
    "Buchungstag;Auftraggeber / Begünstigter;Verwendungszweck;IBAN;Betrag\n"
    f"20.11.2026;Hafen GmbH;Rechnung INV-0001;{IBAN};1.108,00\n"
    "19.11.2026;Bank;Gebühr;;-4,90\n"
    ";;;Summe;1.103,10\n"
).encode("cp1252")


def test_camt_is_read_entry_by_entry() -> None:
    assert [(line.amount, line.key) for line in read_camt(CAMT)] == [
        (Decimal("108.00"), "B1"),
        (Decimal("10.00"), "B2/1"),
        (Decimal("20.00"), "B2/2"),
        (Decimal("-9.50"), ""),
    ]
    first = read_camt(CAMT)[0]
    assert (first.name, first.iban, first.text, first.booked_on) == ("Harbour Ltd", IBAN, "Invoice inv 0001", DAY)


def test_ofx_is_read_old_and_new() -> None:
    first, second = read_ofx(OFX)
    assert (first.amount, first.name, first.text, first.key) == (108, "Harbour & Sons", "INV-0001", "F1")
    assert (second.amount, second.booked_on, second.currency) == (Decimal("-5.25"), date(2026, 11, 21), "GBP")
    closed = OFX.replace(b"<FITID>F2", b"<FITID>F2</FITID>").replace(b"<TRNAMT>-5,25", b"<TRNAMT>-5.25</TRNAMT>")
    assert read_ofx(closed)[1] == second


def test_csv_columns_are_guessed_and_said() -> None:
    heads = heads_of(GERMAN)
    layout = guessed(heads, GERMAN)
    assert (layout.dates, layout.decimal, layout.columns["name"]) == ("dmy", ",", "Auftraggeber / Begünstigter")
    first, second = read_csv(GERMAN, layout)
    assert (first.amount, first.iban, first.text) == (1108, IBAN, "Rechnung INV-0001")
    assert second.amount == Decimal("-4.90")
    english = b"Date,Paid in,Paid out,Description\n2026-11-20,108.00,,INV-0001\n2026-11-20,,12.00,Fee\n"
    assert [line.amount for line in read_csv(english, guessed(heads_of(english), english))] == [108, -12]
    own = Layout({"booked_on": "When", "amount": "Sum"}, "mdy", ".")
    assert read_csv(b"When,Sum\n11/23/2026,$5.00\n", own)[0].booked_on == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.234,56", ",", "1234.56"),
        ("1,234.56", ".", "1234.56"),
        ("12,00-", ",", "-12.00"),
        ("(5.00)", ".", "-5.00"),
        ("+7", ".", "7"),
    ],
)
def test_numbers_as_banks_write_them(text: str, decimal: str, number: str) -> None:
    assert number_of(text, decimal) == Decimal(number)


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_camt, b"<x/>"),
        (read_camt, b"no xml"),
        (read_camt, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Document>&a;</Document>'),
        (read_camt, CAMT.replace(b">108.00", b">1o8")),
        (read_ofx, b"hello"),
        (read_ofx, OFX.replace(b"20261121", b"2026")),
        (lambda content: read_csv(content, Layout({"booked_on": "A", "amount": "B"})), b"A,B\nyesterday,5\n"),
        (lambda content: read_csv(content, Layout({"booked_on": "A", "amount": "B"})), b"A,B\n2026-11-20,\n"),
        (lambda content: read_csv(content, Layout({"booked_on": "A", "amount": "C"})), b"A,B\n2026-11-20,5\n"),
        (heads_of, b""),
    ],
)
def test_what_is_no_statement_is_said_so(read: object, content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content)  # type: ignore[operator]


@given(st.binary(max_size=300))
def test_any_bytes_are_lines_or_unreadable(content: bytes) -> None:
    for read in (read_camt, read_ofx, lambda some: read_csv(some, guessed(heads_of(some), some))):
        try:
            read(content)
        except Unreadable:
            continue


def test_two_lines_alike_are_two_and_a_file_twice_is_one() -> None:
    twice = [Line(DAY, Decimal(5), text="Coffee"), Line(DAY, Decimal(5), text="Coffee")]
    marks = [mark for mark, _line in marked(twice)]
    assert len(set(marks)) == 2
    assert marks == [mark for mark, _line in marked([*twice, Line(DAY, Decimal(6))])][:2]


def item(number: str, owed: str, client: UUID = ONE) -> OpenItem:
    return OpenItem(UUID(int=hash(number) % 2**64), client, number, "GBP", Decimal(owed))


NAMES = {ONE: "Harbour Trading Ltd", TWO: "Orchard"}
ITEMS = [
    item("INV-0001", "108.00"),
    item("INV-0002", "50.00"),
    item("INV-0003", "108.00", TWO),
    item("INV-10004", "7", TWO),
]


def best(amount: str, text: str = "", name: str = "", iban: str = "", **given: object) -> tuple[UUID, list[str], bool]:
    line = Line(DAY, Decimal(amount), "GBP", name, iban, text)
    found = suggestions(line, ITEMS, names=NAMES, ibans=given.get("ibans", set()))  # type: ignore[arg-type]
    return (
        (found[0].client_id, [each.number for each in found[0].items], found[0].is_sure)
        if found
        else (UUID(int=0), [], False)
    )


def test_matching_weighs_number_amount_account_and_name() -> None:
    assert best("108.00", "inv 0001") == (ONE, ["INV-0001"], True)
    assert best("60.00", "Payment INV/0001") == (ONE, ["INV-0001"], False)  # a part: a person looks at it
    assert best("158.00", "0001 INV-0001 INV-0002") == (ONE, ["INV-0001", "INV-0002"], True)
    assert best("7", "re 10004") == (TWO, ["INV-10004"], True)
    assert best("108.00", name="ORCHARD GMBH") == (TWO, ["INV-0003"], False)
    assert best("158.00", name="Harbour Trading") == (ONE, ["INV-0001", "INV-0002"], False)
    assert best("50.00", iban=IBAN, ibans={(IBAN, ONE)}) == (ONE, ["INV-0002"], False)
    assert best("12.34", iban=IBAN, ibans={(IBAN, TWO)}) == (TWO, [], False)  # theirs, but for what?
    assert best("999.00", "INV-00010 nothing") == (UUID(int=0), [], False)
    both = suggestions(Line(DAY, Decimal(108), "GBP"), ITEMS, names=NAMES, ibans=set())
    assert {each.client_id: each.reasons for each in both} == {ONE: (Reason.AMOUNT,), TWO: (Reason.AMOUNT,)}
    assert suggestions(Line(DAY, Decimal(108), "EUR", text="INV-0001"), ITEMS, names=NAMES, ibans=set()) == []


@pytest.fixture
def account(world: World) -> BankAccount:
    with enter(world.north.scope()):
        return BankAccount.objects.create(name="Current account", currency="GBP")


def test_a_line_is_imported_once_and_booked_once(world: World, office: Office, account: BankAccount) -> None:
    first, second = office.issued(world.north.one), office.issued(world.north.one)
    who = {"actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        made = actions.import_statement(account=account, file_name="nov.xml", content=CAMT, **who)
        again = actions.import_statement(account=account, file_name="nov.xml", content=CAMT, **who)
        assert ((made.added, made.known), (again.added, again.known)) == ((4, 0), (0, 4))
        with pytest.raises(Refused, match="The file is in EUR"):
            actions.import_statement(account=account, file_name="x", content=CAMT.replace(b"GBP", b"EUR"), **who)
        line = BankLine.objects.get(amount=108)
        booked = {"line": line, "client": world.north.one.client, **who}
        payment = actions.confirm_line(invoices=[first, second], **booked)
        assert [row.owed for row in Receivable.objects.order_by("id")] == [0, 108]
        assert (payment.paid_on, PayerAccount.objects.get().iban) == (DAY, IBAN)
        with pytest.raises(Refused, match="decided about this line already"):
            actions.confirm_line(invoices=[first], **booked)
        with pytest.raises(Refused, match="It is booked"):
            actions.reopen_line(line=line, **who)
        actions.void_payment(payment=payment, reason="Wrong client", **who)
        actions.reopen_line(line=line, **who)
        actions.confirm_line(invoices=[], **booked)
        assert (Payment.objects.count(), OnAccount.objects.get(left__gt=0).left) == (3, 108)
        out = BankLine.objects.get(amount__lt=0)
        with pytest.raises(Refused, match="went out"):
            actions.confirm_line(line=out, client=world.north.one.client, invoices=[], **who)
        with pytest.raises(Refused, match="Say what it was"):
            actions.ignore_line(line=out, reason=" ", **who)
        assert actions.ignore_line(line=out, reason="Bank fee", **who).state == "ignored"
        assert sum(JournalLine.objects.values_list("amount", flat=True)) == 0


def test_the_page_proposes_and_books(world: World, office: Office, account: BankAccount) -> None:
    invoice, foreign = office.issued(world.north.one), office.issued(world.north.two)
    browser = world.north.browser("office_manager")
    assert "Say first which accounts" not in browser.get("/billing/payments/bank/").content.decode()
    wrong = {"account": str(account.pk), "file": SimpleUploadedFile("x.csv", b"hello")}
    assert browser.post("/billing/payments/bank/import/", wrong).status_code == 422
    right = {"account": str(account.pk), "file": SimpleUploadedFile("nov.xml", CAMT)}
    html = browser.post("/billing/payments/bank/import/", right, follow=True).content.decode()
    assert "4 new lines." in html
    assert "the number is in the text" in html
    with enter(world.north.scope()):
        line = BankLine.objects.get(amount=108)
    pick = f"{line.pk}:{world.north.one.client.pk},{invoice.pk}"
    for odd in (
        "nonsense",
        f"{line.pk}:{world.north.one.client.pk},{foreign.pk}",
        f"{line.pk}:{world.low.one.client.pk}",
    ):
        assert browser.post("/billing/payments/bank/confirm/", {"pick": odd}).status_code == 404
    assert (
        "1 payment is booked."
        in browser.post("/billing/payments/bank/confirm/", {"pick": pick}, follow=True).content.decode()
    )
    with enter(world.north.scope()):
        other = BankLine.objects.get(amount=20)
        assert Receivable.objects.get(invoice=invoice).owed == 0
    path = f"/billing/payments/bank/{other.pk}"
    assert (
        "No invoice has this number" in browser.post(f"{path}/other/", {"numbers": "X-1"}, follow=True).content.decode()
    )
    browser.post(f"{path}/other/", {"numbers": foreign.number})
    with enter(world.north.scope()):
        assert Receivable.objects.get(invoice=foreign).owed == 88
    assert world.low.browser("owner").post(f"{path}/ignore/", {"reason": "x"}).status_code == 404
    assert world.north.browser("technician").get("/billing/payments/bank/").status_code == 403
