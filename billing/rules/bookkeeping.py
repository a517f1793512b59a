"""What each event in money does to the accounts. Debits are positive, credits negative; every list comes to nothing.

issue        receivables +total, revenue -net, tax -tax      (a credit note: the other way round)
payment      bank +, on account -
put against  on account +, receivables -                     (a credit note: receivables + on it, - on the invoice)
refund       on account +, bank -                            (of a credit note: receivables + first)
write-off    written off or bad debt +, tax + where it is claimed back, receivables -
taken back   the same with the signs turned
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from billing.choices.paying import Account

from . import money


@dataclass(frozen=True)
class Booking:
    """One line of an entry. `invoice_id` on receivables: the document whose open amount it moves. `tax_rate` in percent."""

    account: Account
    amount: Decimal
    invoice_id: UUID | None = None
    tax_rate: Decimal | None = None


def issued(*, sign: int, total: Decimal, groups: Sequence[money.TaxGroup], invoice_id: UUID) -> list[Booking]:
    """A document that was issued. What rounding makes of the total is booked as such."""
    found = [Booking(Account.RECEIVABLES, sign * total, invoice_id)]
    for group in groups:
        found.append(Booking(Account.REVENUE, -sign * group.net, tax_rate=group.rate))
        found.append(Booking(Account.TAX, -sign * group.tax, tax_rate=group.rate))
    found.append(Booking(Account.ROUNDING, -sum((each.amount for each in found), money.ZERO)))
    return moving(found)


def received(amount: Decimal, into: Account) -> list[Booking]:
    """Money that came in. It is the client's until it is put against something."""
    return moving([Booking(into, amount), Booking(Account.ON_ACCOUNT, -amount)])


def paid_back(amount: Decimal, out_of: Account) -> list[Booking]:
    return turned(received(amount, out_of))


def put_against(amount: Decimal, invoice_id: UUID) -> list[Booking]:
    """A part of a payment put against an invoice."""
    return moving([Booking(Account.ON_ACCOUNT, amount), Booking(Account.RECEIVABLES, -amount, invoice_id)])


def credited(amount: Decimal, credit_note_id: UUID, invoice_id: UUID) -> list[Booking]:
    """A part of a credit note put against an invoice: one receivable less, the other too."""
    return moving(
        [Booking(Account.RECEIVABLES, amount, credit_note_id), Booking(Account.RECEIVABLES, -amount, invoice_id)]
    )


def credit_paid_back(amount: Decimal, credit_note_id: UUID) -> list[Booking]:
    """A part of a credit note that is paid out: it becomes money on account, which the refund takes."""
    return moving([Booking(Account.RECEIVABLES, amount, credit_note_id), Booking(Account.ON_ACCOUNT, -amount)])


def written_off(
    *, amount: Decimal, taxes: Iterable[tuple[Decimal, Decimal]], invoice_id: UUID, to: Account
) -> list[Booking]:
    """A part of an invoice that will not be paid. `taxes`: (rate, amount) of the tax in it that is claimed back."""
    claimed = [Booking(Account.TAX, tax, tax_rate=rate) for rate, tax in taxes]
    rest = amount - sum((each.amount for each in claimed), money.ZERO)
    return moving([Booking(to, rest), *claimed, Booking(Account.RECEIVABLES, -amount, invoice_id)])


def turned(lines: Iterable[Booking]) -> list[Booking]:
    """The same event taken back."""
    return [replace(each, amount=-each.amount) for each in lines]


def moving(lines: Iterable[Booking]) -> list[Booking]:
    """Without the lines that move nothing."""
    return [each for each in lines if each.amount]


def shares(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """An amount cut in parts like `weights`, in whole minor units that add up to it; the largest remainders get what is left.

    `weights` are not negative. Without any weight the first part gets all.
    """
    whole = sum(weights, money.ZERO)
    if not whole:
        return [amount if place == 0 else money.ZERO for place in range(len(weights))]
    unit = money.minor_unit(currency)
    exact = [amount * weight / whole for weight in weights]
    parts = [each.quantize(unit, ROUND_DOWN) for each in exact]
    left = int((amount - sum(parts, money.ZERO)) / unit)
    order = sorted(
        range(len(parts)), key=lambda place: (abs(exact[place] - parts[place]), weights[place]), reverse=True
    )
    for place in order[: abs(left)]:
        parts[place] += unit if left > 0 else -unit
    return parts
