"""The office of a demo shop: finished work becomes drafts, drafts become invoices, invoices are paid, or not."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from billing import actions
from billing.choices import RELEASES, PaymentMethod, Severity
from billing.models import Invoice, Receivable
from billing.queries.review import review
from billing.queries.work import finished_work
from billing.rules.preflight import Finding
from billing.rules.refusals import Refused
from msp.accounts.choices import Role
from msp.accounts.rules import Actor, system_actor
from msp.jobs.actions import work_row

from .bank import morning
from .clock import Story, savepoints
from .prose import phrases
from .quotes import offers
from .shop import Account, Shop

_WORKER = system_actor("Mainstay")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_DRAFTS_AT, _APPROVES_AT, _CLEARS_AT = time(9, 40), time(11, 20), time(15, 45)
_WORTH_WAITING = timedelta(hours=15)  # for more work of the same client; invoices go out within 48 hours of the first
_LEFT_TO_DO = timedelta(days=4)  # before the end nothing is cleared away: the visitor shall find work
_SATURDAY = 5
_PENNY = Decimal("0.01")
# How clients pay: share of clients, and days after the invoice between which they do.
_PAYERS = (
    (0.50, (2, 12)),
    (0.25, (12, 15)),
    (0.17, (18, 42)),
    (0.08, (60, 200)),
)


@dataclass
class Office:
    """Whoever writes the invoices, and what lies on their desk."""

    shop: Shop
    drafts: list[Invoice] = field(default_factory=list)

    @property
    def me(self) -> Actor:
        return self.shop.one(Role.OFFICE_MANAGER).as_actor()

    def days(self) -> Story:
        """Every working day: drafts in the morning, approvals before lunch, and nothing finished is left over a weekend.

        Except at the end: the last drafts and the last work are left to the visitor.
        """
        zone, end = self.shop.hours.zone, self.shop.timeline.end
        day = self.shop.now.astimezone(zone).date()
        while self.shop.hours.at(day, _DRAFTS_AT) <= end:
            if day.weekday() < _SATURDAY:
                yield self.shop.hours.at(day, _DRAFTS_AT)
                yield from self._draft(self._finished_since(_WORTH_WAITING))
                yield max(self.shop.now, self.shop.hours.at(day, _APPROVES_AT))
                yield from self._approve(self.shop.chances(f"approvals/{day}"))
            if day.weekday() == _SATURDAY - 1 and self.shop.hours.at(day, _CLEARS_AT) < end - _LEFT_TO_DO:
                yield self.shop.hours.at(day, _CLEARS_AT)
                yield from self._draft(self._finished_since(timedelta(0)))
                yield from self._approve(self.shop.chances(f"clearing/{day}"))
            day += _DAY

    def last_hours(self) -> Story:
        """So that there is something to write, to review and on its way out whenever the demo is made."""
        waiting = self._finished_since(timedelta(0))
        yield from self._draft(waiting[: min(6, len(waiting) - len(waiting) // 3)])
        yield self.shop.timeline.end - 4 * _MINUTE
        for draft in self.drafts[3:5]:
            self._try(draft, reason="")
        morning(self.shop, self.me)
        offers(self.shop)

    def _finished_since(self, age: timedelta) -> list[Account]:
        """Clients whose oldest unbilled finished work is at least so old."""
        waiting = {work.client.pk for work in finished_work() if self.shop.now - work.oldest_at >= age}
        return [account for account in self.shop.accounts if account.client.pk in waiting]

    def _draft(self, accounts: list[Account]) -> Story:
        for account in accounts:
            actions.cover_work(client=account.client, actor=self.me, now=self.shop.now)
            try:
                with savepoints(True):
                    draft = actions.draft_invoice(client=account.client, actor=self.me, now=self.shop.now)
            except Refused:
                continue  # nothing finished since the last one
            self.drafts.append(draft)
            yield self.shop.now + 2 * _MINUTE

    def _approve(self, chances: random.Random) -> Story:
        kept: list[Invoice] = []
        for draft in self.drafts:
            if chances.random() < 0.04 or not self._settle(draft, chances):
                kept.append(draft)  # looked at again tomorrow
                continue
            account = next(known for known in self.shop.accounts if known.client.pk == draft.client_id)
            self.shop.timeline.add(self.shop.now, self._life(draft, account))
            yield self.shop.now + _MINUTE
        self.drafts = kept

    def _settle(self, draft: Invoice, chances: random.Random) -> bool:
        """Approve, putting right what the checks found. False when that has to wait for somebody else."""
        if self._try(draft, reason=""):
            return True
        findings = review([draft], self.shop.now)[0].report.findings
        for finding in findings:
            if finding.severity == Severity.ERROR and not self._put_right(draft, finding, chances):
                return False
        return self._try(draft, reason=chances.choice(phrases("usual_reason")))

    def _try(self, draft: Invoice, reason: str) -> bool:
        try:
            with savepoints(True):
                actions.approve_invoice(invoice=draft, actor=self.me, now=self.shop.now, reason=reason)
        except Refused:
            return False
        return True

    def _put_right(self, draft: Invoice, finding: Finding, chances: random.Random) -> bool:
        if finding.check == "order_number":
            if self.shop.now - draft.created_at < 2 * _DAY:
                return False  # the client was asked for it
            number = f"PO-{chances.randint(2000, 9800)}"
            actions.edit_draft(
                invoice=draft, po_number=number, payment_days=draft.payment_days, actor=self.me, now=self.shop.now
            )
            return True
        if finding.line_id is None:
            return False
        line = draft.lines.get(pk=finding.line_id)
        actions.edit_line(
            line=line,
            description=line.description,
            detail=chances.choice(phrases("tidy_detail")),
            quantity=line.quantity,
            unit_price=line.unit_price,
            reason="",
            actor=self.me,
            now=self.shop.now,
        )
        return True

    def _life(self, invoice: Invoice, account: Account) -> Story:
        """From the approval to the last penny."""
        release = invoice.releases.get(state="queued")
        yield release.due_at
        work_row(queue_name=RELEASES, row=release, now=self.shop.now)
        invoice.refresh_from_db()
        actions.dispatch_invoice(invoice=invoice, pdf=None, actor=_WORKER, now=self.shop.now)
        yield from self._payments(invoice, self.shop.chances(f"invoice/{invoice.sequence}"), _days(self.shop, account))

    def _payments(self, invoice: Invoice, chances: random.Random, within: tuple[int, int]) -> Story:
        yield self._morning_after(chances.randint(*within))
        if chances.random() < 0.02:  # booked on the wrong invoice, and taken back
            mistake = self._pay(invoice, (invoice.total / 3).quantize(_PENNY), chances)
            yield self.shop.now + 7 * _MINUTE
            reason = "Belongs to another invoice of theirs"
            actions.void_payment(payment=mistake, reason=reason, actor=self.me, now=self.shop.now)
        if chances.random() < 0.07:
            self._pay(invoice, (invoice.total * chances.choice([4, 5, 6]) / 10).quantize(_PENNY), chances)
            yield self._morning_after(chances.randint(10, 40))
        self._pay(invoice, Receivable.objects.get(invoice=invoice).owed, chances)

    def _morning_after(self, days: int) -> datetime:
        """When the bank statement of that day is gone through."""
        day = self.shop.now.astimezone(self.shop.hours.zone).date() + days * _DAY
        return self.shop.hours.next_open(self.shop.hours.at(day, time(9, 5)))

    def _pay(self, invoice: Invoice, amount: Decimal, chances: random.Random) -> Any:
        methods = [PaymentMethod.TRANSFER, PaymentMethod.DIRECT_DEBIT, PaymentMethod.CARD, PaymentMethod.CHEQUE]
        return actions.record_payment(
            invoice=invoice,
            amount=amount,
            paid_on=self.shop.now.astimezone(self.shop.hours.zone).date(),
            method=chances.choices(methods, [80, 12, 6, 2])[0],
            reference=f"{invoice.number}" if chances.random() < 0.8 else "",
            actor=self.me,
            now=self.shop.now,
        )


def settle(shop: Shop) -> None:
    """What the shop charges, and what it has agreed with single clients."""
    owner, plan = shop.with_role(Role.OWNER)[0].as_actor(), shop.plan
    money = {
        "hourly_rate": plan.hourly_rate,
        "tax_rate": Decimal(20),
        "payment_days": 14,
        "bank_details": plan.bank_details,
        "footer": f"{plan.legal_name} is invented, and so is everything on this invoice.",
    }
    actions.change_settings(values=money, actor=owner, now=shop.now)
    actions.start_numbers_at(number=plan.first_invoice, actor=owner, now=shop.now)
    for account in shop.accounts:
        terms: dict[str, Any] = {}
        if account.company.rate is not None:
            terms["hourly_rate"] = Decimal(account.company.rate)
        if account.company.po is not None:
            terms |= {"po_required": True, "po_number": account.company.po}
        if terms:
            actions.change_client_terms(client=account.client, values=terms, actor=owner, now=shop.now)


def _days(shop: Shop, account: Account) -> tuple[int, int]:
    """A client's own habit of paying."""
    habits = shop.chances(f"pays/{account.client.name}")
    return habits.choices([days for _, days in _PAYERS], [share for share, _ in _PAYERS])[0]
