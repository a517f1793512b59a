"""What an agreement does by itself at night: count, charge, close what expired. And telling the office in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from billing.choices import AgreementState, BlockKind, Renewal
from billing.models import Agreement, AgreementTimer, Block
from billing.queries.charging import due_periods
from billing.queries.terms import shop
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.queries import staff
from msp.accounts.rules import Actor, system_actor
from msp.jobs.choices import DueState
from msp.jobs.rules import Again, Ended, Outcome, Plain
from msp.notify.actions import notify

from .agreeing import renew_agreement
from .asking import ask_to_look
from .blocks import close_block
from .charging import count_items, draft_period

GRACE = timedelta(days=7)  # work of a block's last days may be logged and finished later
NIGHT = 3  # hours after the shop's midnight
_LOOK_AHEAD = timedelta(days=30)  # before the last day to give notice


class LookAtAgreement(Plain[AgreementTimer]):
    """One agreement's night, in one transaction; due again the next night until it has ended and all of it is charged."""

    def act(self, row: AgreementTimer, now: datetime) -> Outcome:
        actor = system_actor(_("Mainstay"))
        agreement = row.agreement
        zone = ZoneInfo(shop().identity.zone)
        today = now.astimezone(zone).date()
        if agreement.starts_on <= today:
            _work(agreement, today, actor, now)
        is_over = agreement.last_day is not None and agreement.last_day + GRACE < today
        if is_over and not due_periods(agreement, today):
            return Ended(DueState.DONE)
        night = datetime(today.year, today.month, today.day, NIGHT, tzinfo=zone) + timedelta(days=1)
        return Again(night)


def _work(agreement: Agreement, today: date, actor: Actor, now: datetime) -> None:
    if agreement.runs_on(today):
        count_items(agreement=agreement, on=today, actor=actor, now=now)
    _renew(agreement, today, actor, now)
    for waiting in due_periods(agreement, today):
        try:
            draft_period(agreement=agreement, period=waiting.period, actor=actor, now=now)
        except Refused:
            ask_to_look(actor=actor, now=now, client=agreement.client)  # it is owed all the same
            break  # a tax rate is missing, say: the agreement's page shows the period, and the next night asks again
    for block in Block.objects.filter(agreement=agreement, closed_at=None, expires_on__lt=today - GRACE).in_order():
        close_block(block=block, actor=actor, now=now, on=today)
    _tell(agreement, today, now)


def _renew(agreement: Agreement, today: date, actor: Actor, now: datetime) -> None:
    """What renews itself moves its term once the old one is over."""
    itself = agreement.state == AgreementState.ACTIVE and agreement.renewal == Renewal.AUTOMATIC
    while itself and agreement.ends_on is not None and agreement.ends_on < today:
        try:
            agreement.ends_on = renew_agreement(agreement=agreement, actor=actor, now=now).ends_on
        except Refused:
            return  # the first days of the new term were charged at the old prices already


def _tell(agreement: Agreement, today: date, now: datetime) -> None:
    """Tell who approves invoices of a term to decide on and of blocks that run out, once each and a while before."""
    said = [*_term(agreement, today), *_blocks(agreement, today, now)]
    if not said:
        return
    name = f"{agreement.client.name}, {agreement.name}"
    url = reverse("billing:agreement", args=[agreement.pk])
    office = [member for member in staff() if member.can(Capability.BILLING_APPROVE)]
    for member in sorted(office, key=lambda each: each.pk):
        for key, words in said:
            notify(to=member, now=now, words=partial(_with_name, words, name), url=url, key=key)


def _with_name(words: StrOrPromise, name: str) -> str:
    return str(words) % {"name": name}


_Said = tuple[str, StrOrPromise]


def _term(agreement: Agreement, today: date) -> Iterator[_Said]:
    ends = agreement.ends_on
    if ends is None or not agreement.is_active or agreement.told_for == ends:
        return
    if today >= ends - timedelta(days=agreement.notice_days) - _LOOK_AHEAD:
        agreement.told_for = ends
        agreement.save(update_fields=["told_for"])
        yield f"renewal:{agreement.pk}:{ends}", gettext_lazy("An agreement is to be renewed or ended: %(name)s")


def _blocks(agreement: Agreement, today: date, now: datetime) -> Iterator[_Said]:
    for block in Block.objects.filter(agreement=agreement, closed_at=None, kind=BlockKind.PREPAID).order_by("id"):
        soon = block.expires_on is not None and block.expires_on - timedelta(days=block.notice_days) <= today
        if soon and block.left > 0 and block.expiry_told_at is None:
            block.expiry_told_at = now
            yield f"block:{block.pk}:expires", gettext_lazy("A prepaid block expires soon: %(name)s")
        if block.is_low() and block.low_told_at is None:
            block.low_told_at = now
            yield f"block:{block.pk}:low", gettext_lazy("A prepaid block is nearly used up: %(name)s")
        block.save(update_fields=["expiry_told_at", "low_told_at"])
