"""Letting an invoice go, and calling it back while it waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import RELEASES, Status
from billing.models import Invoice, Release
from billing.queries.approving import hands_of
from billing.queries.review import review
from billing.queries.terms import shop
from billing.rules.approving import Step
from billing.rules.preflight import Report
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import retry, ring
from msp.jobs.choices import DueState
from msp.jobs.registry import QUEUES

from . import drafts


def approve_invoice(*, invoice: Invoice, actor: Actor, now: datetime, reason: str = "") -> Invoice:
    """Copy the parties onto the draft and let it go once the shop's minutes to undo are over.

    Above the shop's limit the first approval is only kept: it stays a draft until a second person approves it as well. Raises
    Refused when a check says error, or warns and no `reason` is typed, and for a second person who is the first or changed it last.
    """
    with transaction.atomic():
        invoice = drafts.standing_draft(invoice)
        drafts.watch_words(invoice)
        checked, hands = review([invoice], now)[0], hands_of(invoice)
        reason = _passed(checked.report, reason)
        if why_not := hands.refuses(actor.id):
            raise Refused(why_not)
        if hands.step == Step.FIRST:
            return _approve_first(invoice, reason, actor, now)
        columns = drafts.copy_parties(invoice, checked.parties) + drafts.copy_days(invoice)
        invoice.status, invoice.approved_at, invoice.approved_by = Status.APPROVED, now, actor.name
        invoice.approval_reason = "\n".join(filter(None, dict.fromkeys([invoice.approval_reason, reason])))
        invoice.save(update_fields=[*columns, "status", "approved_at", "approved_by", "approval_reason"])
        due_at = now + timedelta(minutes=shop().billing.undo_minutes)
        Release.objects.create(invoice=invoice, due_at=due_at)
        verb = "invoice.approved_with_reason" if reason else "invoice.approved"
        record(actor=actor, verb=verb, subject=invoice, now=now, data={"reason": reason})
        ring(RELEASES)
    return invoice


def _passed(report: Report, reason: str) -> str:
    """The reason to keep. Raises Refused when the checks do not let it go."""
    if report.errors:
        raise Refused(_("%s. Fix it first.") % report.errors[0].title)
    if report.warnings and not reason.strip():
        raise Refused(_("%s. Say why it is right to send it all the same.") % report.warnings[0].title)
    return reason.strip() if report.warnings else ""


def _approve_first(invoice: Invoice, reason: str, actor: Actor, now: datetime) -> Invoice:
    invoice.checked_at, invoice.checked_by, invoice.checked_by_id = now, actor.name, actor.id
    invoice.approval_reason = reason
    invoice.save(update_fields=drafts.FIRST)
    record(actor=actor, verb="invoice.approved_first", subject=invoice, now=now, data={"reason": reason})
    return invoice


def recall_invoice(*, invoice: Invoice, actor: Actor, now: datetime) -> Invoice:
    """Undo an approval before the number is given: it is a draft again, also when giving the number has failed for good.

    Raises Refused when it is too late.
    """
    with transaction.atomic():
        # The release first, as the worker does: two who lock in the same order never wait for each other.
        stuck_or_waiting = (DueState.QUEUED, DueState.DEAD)
        waiting = Release.objects.select_for_update().filter(invoice=invoice, state__in=stuck_or_waiting).first()
        invoice = drafts.locked(invoice)
        if waiting is None or invoice.status != Status.APPROVED:
            raise Refused(_("It has left already: an issued invoice cannot be called back."))
        waiting.state, waiting.finished_at = DueState.CANCELLED, now
        waiting.save(update_fields=["state", "finished_at"])
        invoice.status, invoice.approved_at = Status.DRAFT, None
        invoice.approved_by = ""
        drafts.forget_first(invoice)
        invoice.save(update_fields=["status", "approved_at", "approved_by", *drafts.FIRST])
        record(actor=actor, verb="invoice.recalled", subject=invoice, now=now)
    return invoice


def retry_release(*, invoice: Invoice, actor: Actor, now: datetime) -> Release:
    """Try again to give an approved invoice its number. Raises Refused unless that has failed."""
    stuck = Release.objects.filter(invoice=invoice, state=DueState.DEAD).first()
    if stuck is None:
        raise Refused(_("Nothing has failed here. Reload the page to see where it stands."))
    return cast(Release, retry(actor=actor, row=stuck, queue=QUEUES[RELEASES], now=now))
