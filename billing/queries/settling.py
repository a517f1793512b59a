"""What was put against a document, and what of a payment or credit note was put where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from billing.models import Allocation, Invoice, OnAccount, Payment, Receivable, WriteOff
from billing.rules import money
from msp.tenancy.managers import TenantQuerySet

MOST_OFFERED = 50  # open invoices beside a payment


@dataclass(frozen=True)
class Settlement:
    """One allocation as an invoice's page shows it. `write_off` is None for a client, who does not read why."""

    allocation: Allocation
    is_undone: bool
    because: str = ""  # why the payment was taken back, or the part written off

    @property
    def payment(self) -> Payment | None:
        found: Payment | None = self.allocation.payment
        return found

    @property
    def credit_note(self) -> Invoice | None:
        found: Invoice | None = self.allocation.credit_note
        return found

    @property
    def write_off(self) -> WriteOff | None:
        found: WriteOff | None = self.allocation.write_off
        return found

    @property
    def amount(self) -> Decimal:
        return self.allocation.amount

    @property
    def day(self) -> date:
        """When the money came in, or else when it was put here."""
        payment = self.payment
        return payment.paid_on if payment else self.allocation.at.date()

    @property
    def is_back(self) -> bool:
        return self.allocation.undoes_id is not None

    @property
    def called(self) -> str:
        if payment := self.payment:
            return str(payment.get_method_display())
        if credit_note := self.credit_note:
            return _("Credit note %s") % credit_note.number
        return str(self.write_off.get_kind_display()) if self.write_off else _("Adjusted")


@dataclass(frozen=True)
class PaymentDetail:
    """`left`: what is on account; of a refund and of a payment taken back nothing. `owing`: the client's open invoices."""

    payment: Payment
    uses: list[Settlement]
    left: Decimal
    owing: list[Receivable]

    @property
    def offer(self) -> dict[str, object]:
        """What the form for putting it against an invoice begins with: the one due first."""
        if not self.owing:
            return {}
        first = self.owing[0]
        return {"number": first.invoice.number, "amount": min(first.owed, self.left)}


def detail_of_payment(payment: Payment) -> PaymentDetail:
    """Three queries."""
    row = OnAccount.objects.filter(payment=payment).first()
    owing = Receivable.objects.owing().filter(client=payment.client_id, currency=payment.currency)
    open_ones = list(owing.select_related("invoice").order_by("due_on", "id")[:MOST_OFFERED])
    return PaymentDetail(payment, uses_of(payment), row.left if row else money.ZERO, open_ones)


def settlements_of(invoice: Invoice) -> list[Settlement]:
    """What was put against an invoice, and taken off again, in order. One query."""
    return _found(Allocation.objects.filter(invoice=invoice))


def uses_of(payment: Payment) -> list[Settlement]:
    """Where a payment went; of a refund, what it was taken from. One query."""
    return _found(Allocation.objects.filter(Q(payment=payment) | Q(refund=payment)))


def uses_of_credit_note(invoice: Invoice) -> list[Settlement]:
    """Where a credit note went. One query."""
    return _found(Allocation.objects.filter(credit_note=invoice))


def _found(rows: TenantQuerySet[Allocation]) -> list[Settlement]:
    undone = Exists(Allocation.objects.filter(undoes=OuterRef("pk")))
    why = Payment.objects.filter(voids=OuterRef("payment")).values("reason")[:1]
    loaded = (
        rows.annotate(is_undone=undone, void_reason=Subquery(why))
        .select_related("payment", "credit_note", "write_off", "invoice", "refund")
        .order_by("id")
    )
    return [Settlement(row, row.is_undone, row.void_reason or _reason(row.write_off)) for row in loaded]


def _reason(write_off: WriteOff | None) -> str:
    return write_off.reason if write_off else ""


def credit_of(client_id: UUID, currency: str) -> Decimal:
    """What a client has with us, on account and in credit notes. Two queries."""
    left = OnAccount.objects.filter(client=client_id, currency=currency, left__gt=0)
    notes = Receivable.objects.filter(client=client_id, currency=currency, owed__lt=0)
    money_left: Decimal = left.aggregate(sum=Sum("left", default=money.ZERO))["sum"]
    in_notes: Decimal = notes.aggregate(sum=Sum("owed", default=money.ZERO))["sum"]
    return money_left - in_notes
