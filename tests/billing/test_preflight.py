"""Each check finds what it is for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from billing.rules.consenting import Need
from billing.rules.doubts import internal_words
from billing.rules.einvoicing import Lacks
from billing.rules.preflight import CHECKS, EntryFacts, Fix, InvoiceFacts, LineFacts, examine, is_unusual
from tests.world import NOW

LINE = UUID(int=7)
ENTRY = EntryFacts(4182, "Tom", NOW - timedelta(hours=3), NOW - timedelta(hours=2))
GOOD_LINE = LineFacts(LINE, "#4182 Front desk", "Replaced the switch", Decimal(20), (ENTRY,))
GOOD = InvoiceFacts(
    created_at=NOW - timedelta(hours=1),
    total=Decimal(108),
    lines=(GOOD_LINE,),
    recipients=("anna@harbour.example",),
    foreign_recipients=(),
    seller_name="Northgate Ltd",
    seller_address="12 Quay Street",
    seller_tax_id="GB 123",
    buyer_address="1 Harbour Road",
    buyer_tax_id="",
    tax_treatment="standard",
    tax_reason="",
    po_number="",
    po_required=False,
    usual_totals=(),
    terms_treatment="standard",
    terms_reason="",
    terms_rate=Decimal(20),
)


def lines(**change: Any) -> tuple[LineFacts, ...]:
    return (replace(GOOD_LINE, **change),)


def entry(**change: Any) -> tuple[LineFacts, ...]:
    return lines(entries=(replace(ENTRY, **change),))


def test_a_good_invoice_passes_everything() -> None:
    report = examine(GOOD, NOW)
    assert (report.findings, report.passed, report.failed_count) == ((), CHECKS, 0)


@pytest.mark.parametrize(
    ("change", "check", "severity", "fix", "line"),
    [
        ({"lines": lines(detail=" ")}, "says_what", "error", Fix.LINE, LINE),
        ({"lines": lines(description="", detail="x", entries=())}, "says_what", "error", Fix.LINE, LINE),
        ({"total": Decimal(0)}, "has_total", "error", Fix.INVOICE, None),
        ({"total": Decimal(-5)}, "has_total", "error", Fix.INVOICE, None),
        ({"recipients": ()}, "has_recipient", "error", Fix.TERMS, None),
        ({"foreign_recipients": ("x@other.example",)}, "own_recipient", "error", Fix.TERMS, None),
        ({"seller_address": "\n"}, "seller_complete", "error", Fix.SHOP, None),
        ({"seller_tax_id": ""}, "seller_complete", "error", Fix.SHOP, None),
        ({"buyer_address": ""}, "buyer_complete", "warning", Fix.CLIENT, None),
        (
            {
                "tax_treatment": "reverse_charge",
                "terms_treatment": "reverse_charge",
                "lines": lines(tax_rate=Decimal(0), tax_by_hand=True),
            },
            "reverse_charge",
            "error",
            Fix.TAX,
            None,
        ),
        (
            {
                "tax_treatment": "zero",
                "terms_treatment": "zero",
                "terms_rate": Decimal(0),
                "lines": lines(tax_rate=Decimal(0)),
            },
            "reverse_charge",
            "error",
            Fix.TAX,
            None,
        ),
        (
            {"tax_treatment": "zero", "tax_reason": "Art. 9", "terms_treatment": "zero", "terms_reason": "Art. 9"},
            "untaxed",
            "error",
            Fix.TAX,
            None,
        ),
        ({"terms_treatment": "zero"}, "tax_of_today", "warning", Fix.TAX, None),
        ({"terms_rate": Decimal(7)}, "tax_of_today", "warning", Fix.TAX, None),
        ({"lines": lines(tax_rate=Decimal(0), tax_by_hand=True)}, "tax_expected", "warning", Fix.TERMS, None),
        ({"net": Decimal(90), "po_left": Decimal("89.99")}, "order_covers", "error", Fix.ORDER, None),
        ({"overdrawn_blocks": ("Care: 2 h",)}, "block_holds", "warning", Fix.AGREEMENT, None),
        ({"client_need": Need(Decimal(50), "Anna")}, "client_approves", "error", Fix.APPROVAL, None),
        ({"client_need": Need(Decimal(50), "", "asked", True)}, "client_approves", "error", Fix.APPROVAL, None),
        ({"client_need": Need(Decimal(50), "", "approved", False)}, "client_approves", "error", Fix.APPROVAL, None),
        (
            {"client_need": Need(Decimal(50), "", "declined", True, "No")},
            "client_approves",
            "error",
            Fix.APPROVAL,
            None,
        ),
        ({"lines": lines(coverage="included", amount=Decimal(9))}, "not_covered", "error", Fix.LINE, LINE),
        ({"lines": lines(coverage="block", amount=Decimal(9))}, "not_covered", "error", Fix.LINE, LINE),
        ({"lines": lines(detail="Do NOT bill this")}, "meant_for_clients", "warning", Fix.LINE, LINE),
        ({"lines": lines(names_others=("Orchard Dental",))}, "names_nobody_else", "warning", Fix.LINE, LINE),
        ({"lines": lines(twin="INV-0007")}, "billed_once", "warning", Fix.LINE, LINE),
        (
            {"lines": lines(quoted_price=Decimal(90), unit_price=Decimal(95), quote="Q-1")},
            "as_quoted",
            "warning",
            Fix.LINE,
            LINE,
        ),
        ({"e_invoice": Lacks(of_shop=("your IBAN",))}, "e_invoice", "error", Fix.DOCUMENTS, None),
        ({"e_invoice": Lacks(of_client=("a reference",))}, "e_invoice", "error", Fix.TERMS, None),
        ({"e_invoice": Lacks(of_tax=("two taxes",))}, "e_invoice", "error", Fix.TERMS, None),
        ({"po_required": True}, "order_number", "error", Fix.ORDER, None),
        ({"lines": entry(overlaps=True)}, "no_overlap", "warning", Fix.LINE, LINE),
        ({"lines": entry(ended_at=NOW + timedelta(minutes=1))}, "not_in_future", "error", Fix.LINE, LINE),
        ({"created_at": NOW - timedelta(days=8)}, "is_fresh", "warning", Fix.INVOICE, None),
        ({"usual_totals": (Decimal(1000),) * 5}, "usual_total", "warning", Fix.INVOICE, None),
    ],
)
def test_each_check_finds_its_fault_alone(
    change: dict[str, Any], check: str, severity: str, fix: Fix, line: UUID | None
) -> None:
    found = examine(replace(GOOD, **change), NOW).findings
    assert [(f.check, f.severity, f.fix, f.line_id) for f in found] == [(check, severity, fix, line)]
    assert found[0].title
    assert found[0].why


def test_every_check_has_been_seen_failing() -> None:
    seen = {"says_what", "has_total", "has_recipient", "own_recipient", "seller_complete", "buyer_complete"}
    seen |= {
        "untaxed",
        "tax_of_today",
        "reverse_charge",
        "tax_expected",
        "order_number",
        "no_overlap",
        "not_in_future",
        "is_fresh",
        "usual_total",
        "not_covered",
        "order_covers",
        "block_holds",
        "meant_for_clients",
        "names_nobody_else",
        "billed_once",
        "as_quoted",
        "e_invoice",
        "client_approves",
    }
    assert {check.name for check in CHECKS} == seen


@pytest.mark.parametrize(
    ("total", "history", "unusual"),
    [
        ("100", ["1"] * 4, False),  # too few to say
        ("100", ["90", "110", "95", "105", "100"], False),
        ("400", ["90", "110", "95", "105", "100"], True),
        ("10", ["90", "110", "95", "105", "100"], True),
        ("105", ["100"] * 8, False),  # a flat fee may move a little
        ("160", ["100"] * 8, True),
        ("5", ["0"] * 5, False),
    ],
)
def test_unusual_totals(total: str, history: list[str], unusual: bool) -> None:
    assert is_unusual(Decimal(total), tuple(Decimal(value) for value in history)) is unusual


GOOD_SIDE = [
    {"net": Decimal(90), "po_left": Decimal(90)},
    {"lines": lines(coverage="included", amount=Decimal(0))},
    {"lines": lines(coverage="rate", amount=Decimal(90))},
    {"lines": lines(quoted_price=Decimal("90.00"), unit_price=Decimal(90))},
    {"recipients": (), "goes_by_post": True},
    {"client_need": Need(Decimal(50), "Anna", "approved", True)},
]


@pytest.mark.parametrize("change", GOOD_SIDE)
def test_what_is_right_is_let_alone(change: dict[str, Any]) -> None:
    assert examine(replace(GOOD, **change), NOW).findings == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Internal note: ask the boss", ["Internal note", "ask the boss"]),
        ("don't bill, our mistake", ["don't bill", "our mistake"]),
        ("not billable", ["not billable"]),
        ("Changed it, password: hunter2", ["password: hunter2"]),
        ("why??? wtf", ["???", "wtf"]),
        ("Bitte nicht berechnen", ["nicht berechnen"]),
        ("ne pas facturer", ["ne pas facturer"]),
        ("Set up international roaming and the internal telephone numbers", []),
        ("International office: billing software, password reset, page margins", []),
        ("Replaced the switch", []),
    ],
)
def test_words_for_colleagues(text: str, found: list[str]) -> None:
    assert internal_words(text) == found
