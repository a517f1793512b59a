"""How the shop taxes, and what a document comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.choices import DocumentKind, TaxCategory
from billing.models import Invoice, InvoiceLine, InvoiceTax, TaxRate
from billing.rules.money import ZERO, TaxGroup
from billing.rules.tax import (
    EXPLAINED,
    VATEX,
    Assessed,
    DatedTax,
    Group,
    Item,
    Tax,
    assess,
    category_of,
    credited,
    tax_on,
)
from msp.tenancy.kept import kept


@dataclass(frozen=True)
class Printed:
    """The sums of a document. `payable`: the total after cash rounding."""

    net: Decimal
    tax: Decimal
    total: Decimal
    cash_rounding: Decimal
    payable: Decimal
    taxes: list[InvoiceTax]


@kept(TaxRate)
def dated_taxes() -> list[DatedTax]:
    """Every tax of the shop with the day it holds from."""
    return [DatedTax(row.name, row.valid_from, tax_of_rate(row)) for row in TaxRate.objects.order_by("valid_from")]


def tax_rates() -> list[TaxRate]:
    """Every tax of the shop, the usual one first, each with its latest change first."""
    return list(TaxRate.objects.order_by("name", "-valid_from"))


def named_taxes(day: date) -> list[tuple[str, Tax]]:
    """The taxes that can be chosen for a line, as they are on a day."""
    rows = dated_taxes()
    found = [(name, tax_on(rows, name, day)) for name in sorted({row.name for row in rows if row.name})]
    return [(name, tax) for name, tax in found if tax is not None]


def tax_of_rate(row: TaxRate) -> Tax:
    return Tax(
        category=row.category,
        rate=row.rate,
        second_rate=row.second_rate,
        on_top=row.second_on_top,
        second_name=row.second_name,
        code=row.exemption_code,
        reason=row.exemption_reason,
    )


def tax_of(invoice: Invoice, line: InvoiceLine) -> Tax:
    """How a line is taxed: as somebody chose for it, or as the invoice says."""
    chosen = bool(line.tax_category)
    category = line.tax_category or category_of(invoice.tax_treatment, line.tax_rate)
    explained = category in EXPLAINED
    second = line if chosen else invoice if category == TaxCategory.STANDARD else None
    return Tax(
        category=category,
        rate=line.tax_rate,
        second_rate=second.second_tax_rate if second else ZERO,
        on_top=second.second_on_top if second else False,
        name=invoice.tax_name,
        second_name=second.second_tax_name if second else "",
        code=line.exemption_code or VATEX.get(category, ""),
        reason=(line.exemption_reason if chosen else invoice.tax_reason) if explained else "",
    )


def assessed(invoice: Invoice, lines: Sequence[InvoiceLine]) -> Assessed:
    """What a document's lines come to. Of a credit note: what it gives back after the issued ones before it."""
    if not invoice.is_credit:
        return _assess(invoice, [Item(line.pk, line.amount, tax_of(invoice, line)) for line in lines])
    given = _given_back(invoice)
    before = [Item(line.credits_id, line.amount, tax_of(invoice, line)) for line in given]
    now = [Item(line.credits_id, line.amount, tax_of(invoice, line)) for line in lines]
    sums = credited(_assess(invoice, _merged(before)), _assess(invoice, _merged([*before, *now])))
    nets = {line.pk: sums.nets[line.credits_id] for line in lines}
    return Assessed(sums.net, sums.tax, sums.groups, nets)


def _given_back(note: Invoice) -> list[InvoiceLine]:
    """The lines of the credit notes that were issued before for the same invoice."""
    rows = InvoiceLine.objects.filter(
        invoice__corrects=note.corrects_id, invoice__kind=DocumentKind.CREDIT_NOTE, invoice__status="issued"
    )
    return list(rows.exclude(invoice=note).order_by("id"))


def _merged(items: Sequence[Item]) -> list[Item]:
    """One item for each line of the corrected invoice, however many parts were given back."""
    found: dict[object, Item] = {}
    for item in items:
        so_far = found.get(item.key)
        amount = item.amount + so_far.amount if so_far else item.amount
        found[item.key] = Item(item.key, amount, item.tax)
    return list(found.values())


def _assess(invoice: Invoice, items: Sequence[Item]) -> Assessed:
    return assess(items, invoice.currency, inclusive=invoice.prices_include_tax, rounding=invoice.tax_rounding)


def tax_rows(invoice: Invoice, sums: Assessed) -> list[InvoiceTax]:
    """The taxes as rows to save: one a rate, and one more where a second tax is charged."""
    rows = [row for group in sums.groups for row in _rows_of(group)]
    for position, row in enumerate(rows, start=1):
        row.invoice, row.client_id, row.position = invoice, invoice.client_id, position
    return rows


def _rows_of(group: Group) -> Iterator[InvoiceTax]:
    tax = group.tax
    yield InvoiceTax(
        name=tax.name,
        category=tax.category,
        rate=tax.rate,
        base=group.net,
        amount=group.first,
        exemption_code=tax.code,
        exemption_reason=tax.reason[:200],
    )
    if tax.second_rate:
        base, amount = group.second_base, group.second
        category, name, rate = tax.category, tax.second_name, tax.second_rate
        yield InvoiceTax(name=name, category=category, rate=rate, base=base, amount=amount, is_second=True)


def printed_totals(invoice: Invoice) -> Printed:
    """The sums of a document as they stand on it."""
    rows = list(InvoiceTax.objects.filter(invoice=invoice).order_by("position"))
    return Printed(invoice.net, invoice.tax, invoice.total, invoice.cash_rounding, invoice.payable, rows)


def taxes_of(invoice: Invoice) -> list[TaxGroup]:
    """What a document charges by rate, for the ledger; the net stands with the first of two taxes on it."""
    rows = InvoiceTax.objects.filter(invoice=invoice).order_by("position")
    return [TaxGroup(row.rate, ZERO if row.is_second else row.base, row.amount) for row in rows]
