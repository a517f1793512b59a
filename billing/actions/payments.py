"""Money that came in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Invoice, Payment, Receivable
from billing.rules import money
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by


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
) -> Payment:
    """Note a payment on an issued invoice: a part, all of it, or more (the rest is the client's credit).

    Sending the same form again gives the payment that the first one made.

    Raises Refused for an invoice without a number, and for an amount that is not positive whole minor units.
    """
    with transaction.atomic():
        owed = _locked_receivable(invoice)
        if amount <= money.ZERO or not money.is_exact(amount, owed.currency):
            raise Refused(_("That is no amount of %s that can be paid.") % owed.currency)
        said = {"amount": amount, "paid_on": paid_on, "method": method, "reference": reference}
        twin, form_key = made_by(Payment.objects.filter(invoice=invoice), form_key, **said)
        if twin:
            return twin
        payment = Payment(**said, form_key=form_key, recorded_by=actor.name, recorded_at=now)
        _book(payment, owed)
        data = {
            "amount": str(money.quantise(amount, owed.currency)),
            "currency": owed.currency,
            "number": invoice.number,
        }
        record(actor=actor, verb="payment.recorded", subject=invoice, now=now, data=data)
    return payment


def void_payment(*, payment: Payment, reason: str, actor: Actor, now: datetime) -> Payment:
    """Take back a payment that was recorded by mistake, by a second row with the opposite sign; returns that row.

    Raises Refused without a reason, for a taking back itself, and the second time.
    """
    if not reason.strip():
        raise Refused(_("Say why the payment is taken back."))
    with transaction.atomic():
        owed = _locked_receivable(payment.invoice)
        if payment.is_void_row or Payment.objects.filter(voids=payment).exists():
            raise Refused(_("That payment was taken back already."))
        back = Payment(
            amount=-payment.amount,
            paid_on=payment.paid_on,
            method=payment.method,
            reference=payment.reference,
            voids=payment,
            reason=reason.strip(),
            recorded_by=actor.name,
            recorded_at=now,
        )
        _book(back, owed)
        data = {
            "amount": str(money.quantise(payment.amount, owed.currency)),
            "currency": payment.currency,
            "reason": reason.strip(),
        }
        record(actor=actor, verb="payment.voided", subject=payment.invoice, now=now, data=data)
    return back


def _locked_receivable(invoice: Invoice) -> Receivable:
    row = Receivable.objects.select_for_update(of=("self",)).filter(invoice=invoice).first()
    if row is None:
        raise Refused(_("Only an issued invoice can be paid."))
    return row


def _book(payment: Payment, owed: Receivable) -> None:
    payment.invoice_id, payment.client_id, payment.currency = owed.invoice_id, owed.client_id, owed.currency
    payment.save(force_insert=True)
    owed.paid += payment.amount
    owed.owed = owed.total - owed.paid
    owed.save(update_fields=["paid", "owed"])
