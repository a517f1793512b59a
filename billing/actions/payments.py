"""Money that came in, and taking back what was recorded by mistake."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import PaymentMethod
from billing.choices.paying import Account, EntryKind, PaymentKind
from billing.models import Allocation, Invoice, OnAccount, Payment
from billing.queries.lists import shop_today
from billing.rules import bookkeeping, money
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.models import TenantModel
from msp.tenancy.once import made_by

from .allocating import hold, payable_of, settle, undo
from .ledger import check_open, first_open_day, post, post_reversal


def record_payment(
    *,
    invoice: Invoice,
    amount: Decimal,
    paid_on: date,
    method: str,
    reference: str,
    actor: Actor,
    now: datetime,
    form_key: UUID | None = None,
    external_id: str | None = None,
) -> Payment:
    """Note a payment on an issued invoice: a part, all of it, or more (the rest is the client's money on account).

    Sending the same form again gives the payment that the first one made.

    Raises Refused for an invoice without a number, for an amount that is not positive whole minor units, and for a day that is
    still to come or lies in closed books.
    """
    with transaction.atomic():
        hold(invoice.client_id)
        owed = payable_of(invoice)
        payment, is_new = _received(
            _Said(amount, paid_on, method, reference),
            client_id=invoice.client_id,
            currency=owed.currency,
            invoice=invoice,
            form_key=form_key,
            external_id=external_id,
            actor=actor,
            now=now,
        )
        if not is_new:
            return payment
        if fits := min(max(owed.owed, money.ZERO), amount):
            day = first_open_day(max(paid_on, invoice.issued_on or paid_on))
            settle(owed, OnAccount.objects.get(payment=payment), fits, actor=actor, now=now, booked_on=day)
        _record(actor, "payment.recorded", invoice, payment, now, number=invoice.number)
    return payment


def record_on_account(
    *,
    client: Client,
    currency: str,
    amount: Decimal,
    paid_on: date,
    method: str,
    reference: str,
    actor: Actor,
    now: datetime,
    form_key: UUID | None = None,
    external_id: str | None = None,
) -> Payment:
    """Note a payment that is for no invoice yet. Raises Refused as `record_payment`."""
    with transaction.atomic():
        hold(client.pk)
        payment, is_new = _received(
            _Said(amount, paid_on, method, reference),
            client_id=client.pk,
            currency=currency,
            invoice=None,
            form_key=form_key,
            external_id=external_id,
            actor=actor,
            now=now,
        )
        if is_new:
            _record(actor, "payment.on_account", client, payment, now)
    return payment


def void_payment(*, payment: Payment, reason: str, actor: Actor, now: datetime) -> Payment:
    """Take back a payment or a refund that was recorded by mistake or returned by the bank, by a second row with the opposite
    sign; returns that row. What it was put against is owed again.

    Raises Refused without a reason, for a taking back itself, the second time, and when a part of it was paid back.
    """
    if not reason.strip():
        raise Refused(_("Say why the payment is taken back."))
    with transaction.atomic():
        hold(payment.client_id)
        if payment.is_void_row or Payment.objects.filter(voids=payment).exists():
            raise Refused(_("That payment was taken back already."))
        _free(payment, actor=actor, now=now)
        back = Payment(
            client_id=payment.client_id,
            invoice_id=payment.invoice_id,
            kind=payment.kind,
            currency=payment.currency,
            amount=-payment.amount,
            paid_on=payment.paid_on,
            method=payment.method,
            reference=payment.reference,
            voids=payment,
            reason=reason.strip(),
            recorded_by=actor.name,
            recorded_at=now,
        )
        back.save(force_insert=True)
        post_reversal(of=payment.pk, kind=EntryKind(entry_kind_of(payment)), subject_id=back.pk, now=now)
        subject = payment.invoice or payment.client
        _record(actor, "payment.voided", subject, payment, now, reason=reason.strip())
    return back


def entry_kind_of(payment: Payment) -> EntryKind:
    return EntryKind.REFUND if payment.is_refund else EntryKind.PAYMENT


def account_of(method: str) -> Account:
    """Where money of this kind arrives."""
    return Account.CARD if method == PaymentMethod.CARD else Account.BANK


def check_amount(amount: Decimal, currency: str, paid_on: date, now: datetime) -> None:
    """Raises Refused for what cannot be paid, and for a day that cannot be booked."""
    if amount <= money.ZERO or not money.is_exact(amount, currency):
        raise Refused(_("That is no amount of %s that can be paid.") % currency)
    if paid_on > shop_today(now):
        raise Refused(_("That day is still to come."))
    check_open(paid_on)


@dataclass(frozen=True)
class _Said:
    """What somebody told us of a payment."""

    amount: Decimal
    paid_on: date
    method: str
    reference: str


def _received(
    said: _Said,
    *,
    client_id: UUID,
    currency: str,
    invoice: Invoice | None,
    form_key: UUID | None,
    external_id: str | None,
    actor: Actor,
    now: datetime,
) -> tuple[Payment, bool]:
    """The payment's row, its money on account and its entry; or the row that was made of the same form before."""
    check_amount(said.amount, currency, said.paid_on, now)
    mine = Payment.objects.filter(client=client_id, invoice=invoice, kind=PaymentKind.RECEIVED)
    twin, form_key = made_by(mine, form_key, **asdict(said))
    if twin is None and external_id:
        twin = Payment.objects.filter(external_id=external_id).first()
    if twin:
        return twin, False
    payment = Payment(
        **asdict(said),
        client_id=client_id,
        invoice=invoice,
        currency=currency,
        form_key=form_key,
        external_id=external_id,
        recorded_by=actor.name,
        recorded_at=now,
    )
    payment.save(force_insert=True)
    OnAccount.objects.create(
        payment=payment, client_id=client_id, currency=currency, total=said.amount, left=said.amount
    )
    post_payment(payment, now=now)
    return payment, True


def post_payment(payment: Payment, *, now: datetime) -> None:
    """The entry of money that came in or went out."""
    lines = bookkeeping.received(payment.amount, account_of(payment.method))
    post(
        kind=entry_kind_of(payment),
        subject_id=payment.pk,
        client_id=payment.client_id,
        currency=payment.currency,
        number=payment.reference,
        booked_on=payment.paid_on,
        lines=lines,
        now=now,
    )


def _free(payment: Payment, *, actor: Actor, now: datetime) -> None:
    """Take the payment off everything; what is left of it is then nobody's."""
    if payment.is_refund:
        for each in Allocation.objects.living().filter(refund=payment):
            undo(each, actor=actor, now=now)
        return
    rows = Allocation.objects.living().filter(payment=payment)
    if rows.filter(refund__isnull=False).exists():
        raise Refused(_("A part of it was paid back: take that back first."))
    for each in rows.select_related("invoice", "payment").order_by("id"):
        undo(each, actor=actor, now=now)
    left = OnAccount.objects.get(payment=payment)
    left.left = money.ZERO
    left.save(update_fields=["left"])


def _record(actor: Actor, verb: str, subject: TenantModel, payment: Payment, now: datetime, **more: str | None) -> None:
    amount = str(money.quantise(abs(payment.amount), payment.currency))
    data = {"amount": amount, "currency": payment.currency, **more}
    record(actor=actor, verb=verb, subject=subject, now=now, data=data)
