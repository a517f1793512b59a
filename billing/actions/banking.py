"""What the bank says came in: read from files once, confirmed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import PaymentMethod
from billing.choices.paying import BankLineState
from billing.models import BankAccount, BankImport, BankLine, Invoice, OnAccount, PayerAccount, Payment
from billing.queries.banking import read_lines
from billing.rules import money
from billing.rules.banking.lines import Line, marked
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record

from .allocating import hold, receivable_of, settle
from .ledger import first_open_day
from .payments import record_on_account, record_payment


def save_bank_account(
    *, account: BankAccount | None, values: Mapping[str, Any], actor: Actor, now: datetime
) -> BankAccount:
    """Add an account of the shop, or change how its files are read."""
    with transaction.atomic():
        row = account or BankAccount()
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values) if account else None)
        verb = "bank.account_changed" if account else "bank.account_added"
        record(actor=actor, verb=verb, subject=row, now=now, data={"name": row.name})
    return row


def import_statement(
    *, account: BankAccount, file_name: str, content: bytes, actor: Actor, now: datetime
) -> BankImport:
    """Read a file into the account's lines; those that an earlier file brought are counted and left alone.

    Raises Unreadable for what is no statement, and Refused for lines in another currency than the account's.
    """
    kind, lines = read_lines(content, account)
    other = next((line.currency for line in lines if line.currency not in {"", account.currency}), None)
    if other:
        raise Refused(
            _("The file is in %(other)s, the account in %(own)s.") % {"other": other, "own": account.currency}
        )
    prints = dict(marked(lines))
    with transaction.atomic():
        BankAccount.objects.select_for_update().get(
            pk=account.pk
        )  # of two who import at once the second sees the first's
        mine = BankLine.objects.filter(account=account, fingerprint__in=prints)
        known = set(mine.values_list("fingerprint", flat=True))
        fresh = {mark: line for mark, line in prints.items() if mark not in known}
        source = BankImport.objects.create(
            account=account,
            file_name=file_name[:200],
            kind=kind,
            added=len(fresh),
            known=len(known),
            imported_by=actor.name,
            imported_at=now,
        )
        BankLine.objects.bulk_create(_row(source, mark, line) for mark, line in fresh.items())
        data = {"file": source.file_name, "added": source.added, "known": source.known}
        record(actor=actor, verb="bank.imported", subject=account, now=now, data=data)
    return source


def _row(source: BankImport, mark: str, line: Line) -> BankLine:
    currency = source.account.currency
    return BankLine(
        account=source.account,
        source=source,
        fingerprint=mark,
        booked_on=line.booked_on,
        currency=currency,
        amount=money.quantise(line.amount, currency),
        name=line.name,
        iban=line.iban,
        text=line.text,
    )


def confirm_line(
    *, line: BankLine, invoices: Sequence[Invoice], client: Client, actor: Actor, now: datetime
) -> Payment:
    """Book a line as a client's payment, put against the invoices in their order as far as it reaches; the rest is on account.
    The account that it came from is remembered as the client's.

    Raises Refused for money that went out, for a line that is decided already, and for another client's invoice.
    """
    with transaction.atomic():
        line = _undecided(line)
        if line.amount <= money.ZERO:
            raise Refused(_("This money went out. Say what it was and leave it."))
        if any(invoice.client_id != client.pk or invoice.currency != line.currency for invoice in invoices):
            raise Refused(_("One payment is of one client, in one currency."))
        hold(client.pk)
        said: dict[str, Any] = {
            "amount": line.amount,
            "paid_on": first_open_day(line.booked_on),
            "method": PaymentMethod.TRANSFER,
            "reference": (line.text or line.name)[:120],
        }
        if invoices:
            payment = record_payment(invoice=invoices[0], actor=actor, now=now, **said)
        else:
            payment = record_on_account(client=client, currency=line.currency, actor=actor, now=now, **said)
        _spread(payment, invoices[1:], actor, now)
        if line.iban:
            PayerAccount.objects.get_or_create(client=client, iban=line.iban, defaults={"learnt_at": now})
        _decide(line, BankLineState.BOOKED, actor, now, payment=payment)
    return payment


def ignore_line(*, line: BankLine, reason: str, actor: Actor, now: datetime) -> BankLine:
    """Leave a line: it is no client's payment. Raises Refused without a reason, and for a line that is decided already."""
    if not reason.strip():
        raise Refused(_("Say what it was."))
    with transaction.atomic():
        line = _undecided(line)
        _decide(line, BankLineState.IGNORED, actor, now, reason=reason.strip()[:300])
        amount = str(money.quantise(line.amount, line.currency))
        data = {"amount": amount, "currency": line.currency, "reason": line.reason}
        record(actor=actor, verb="bank.line_left", subject=line.account, now=now, data=data)
    return line


def reopen_line(*, line: BankLine, actor: Actor, now: datetime) -> BankLine:
    """Decide anew about a line that was left, or whose payment was taken back. Raises Refused for one that is booked."""
    with transaction.atomic():
        line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
        if line.payment_id and not Payment.objects.filter(voids=line.payment_id).exists():
            raise Refused(_("It is booked: take its payment back first."))
        line.state, line.payment, line.reason = BankLineState.OPEN, None, ""
        line.decided_by, line.decided_at = "", None
        line.save(update_fields=["state", "payment", "reason", "decided_by", "decided_at"])
        amount = str(money.quantise(line.amount, line.currency))
        data = {"amount": amount, "currency": line.currency}
        record(actor=actor, verb="bank.line_reopened", subject=line.account, now=now, data=data)
    return line


def _undecided(line: BankLine) -> BankLine:
    row: BankLine = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if row.state != BankLineState.OPEN:
        raise Refused(_("Somebody has decided about this line already."))
    return row


def _decide(line: BankLine, state: BankLineState, actor: Actor, now: datetime, **values: Any) -> None:
    line.state, line.decided_by, line.decided_at = state, actor.name, now
    for name, value in values.items():
        setattr(line, name, value)
    line.save(update_fields=["state", "decided_by", "decided_at", *values])


def _spread(payment: Payment, invoices: Sequence[Invoice], actor: Actor, now: datetime) -> None:
    left = OnAccount.objects.get(payment=payment)
    for invoice in invoices:
        owed = receivable_of(invoice)
        amount: Decimal = min(max(owed.owed, money.ZERO), left.left)
        if amount > money.ZERO:
            day = first_open_day(max(payment.paid_on, invoice.issued_on or payment.paid_on))
            settle(owed, left, amount, actor=actor, now=now, booked_on=day)
