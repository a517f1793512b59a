"""Recurring charges: quantities counted and logged, each period drafted exactly once; milestones and blocks billed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from billing.choices import AgreementState
from billing.models import (
    Agreement,
    AgreementCharge,
    AgreementItem,
    AgreementVersion,
    Block,
    Invoice,
    ItemCount,
    Milestone,
)
from billing.queries.agreements import version_on
from billing.queries.charge_clock import period_finished_at
from billing.queries.charging import COUNTED, book_of, count_now
from billing.queries.terms import shop
from billing.rules import money
from billing.rules.proration import Period
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by

from . import drafts
from .asking import ask_to_look
from .charged_lines import Charged, begin_charges, charge_line, charged_by, put_charge, say_day, true_up
from .fees import add_extras


def count_items(*, agreement: Agreement, on: date, actor: Actor, now: datetime) -> list[ItemCount]:
    """Count the users, devices and sites of the version in force and log what changed; `on` is the first day of the new number."""
    with transaction.atomic():
        agreement = Agreement.objects.select_for_update(of=("self",)).select_related("client").get(pk=agreement.pk)
        version = version_on(AgreementVersion.objects.filter(agreement=agreement), on)
        items = AgreementItem.objects.filter(version=version, basis__in=COUNTED).order_by("position")
        pairs = [(item, _counted(agreement, item, on, actor, now)) for item in items]
        found = [(item, row) for item, row in pairs if row is not None]
        for item, row in found:
            data = {"label": item.label, "was": row.was, "became": row.quantity}
            record(actor=actor, verb="agreement.counted", subject=agreement, now=now, data=data)
    return [row for _item, row in found]


def _counted(agreement: Agreement, item: AgreementItem, on: date, actor: Actor, now: datetime) -> ItemCount | None:
    last = ItemCount.objects.filter(agreement=agreement, item_key=item.key).order_by("-on", "-id").first()
    quantity = count_now(item)
    if last is not None and last.quantity == quantity:
        return None
    return ItemCount.objects.create(
        agreement=agreement,
        client=agreement.client,
        item_key=item.key,
        on=on,
        quantity=quantity,
        was=last.quantity if last else None,
        counted_by=actor.name,
        counted_at=now,
    )


def draft_period(*, agreement: Agreement, period: Period, actor: Actor, now: datetime) -> Invoice:
    """Draft what a period costs, exactly once: asked again, it is the same invoice.

    Raises Refused for a draft agreement, without a tax rate, and when nothing is to be charged.
    """
    with transaction.atomic():
        agreement = Agreement.objects.select_for_update(of=("self",)).select_related("client").get(pk=agreement.pk)
        done = (
            AgreementCharge.objects.filter(agreement=agreement, period_start=period.start)
            .select_related("invoice")
            .first()
        )
        if done is not None:
            charged: Invoice = done.invoice
            return charged
        if agreement.state == AgreementState.DRAFT:
            raise Refused(_("It is not in force."))
        book = book_of(agreement)
        lines = book.lines(period)
        if not lines:
            raise Refused(_("Nothing is to be charged for this period."))
        invoice, terms = begin_charges(
            agreement, now, min(line.days.start for line in lines), max(line.days.end for line in lines)
        )
        if not agreement.in_advance:
            _say_finished(invoice, agreement, period)
        with translation.override(invoice.language):
            for position, line in enumerate(lines, start=1):
                charge_line(invoice, agreement, line, terms, position)
            true_up(invoice, book, period, terms, len(lines) + 1)
        drafts.add_up(invoice)
        days = {"period_start": period.start, "period_end": period.end}
        AgreementCharge.objects.create(
            agreement=agreement, client=agreement.client, invoice=invoice, charged_at=now, **days
        )
        data = {"agreement": agreement.name, "from": period.start.isoformat(), "until": period.end.isoformat()}
        record(actor=actor, verb="invoice.period_drafted", subject=invoice, now=now, data=data)
        add_extras(invoice=invoice, actor=actor, now=now)
        ask_to_look(actor=actor, now=now, client=agreement.client)
    return invoice


def _say_finished(invoice: Invoice, agreement: Agreement, period: Period) -> None:
    """The last second of the period's last day: that day is printed."""
    zone = ZoneInfo(shop().identity.zone)
    invoice.work_finished_at = period_finished_at(agreement, period, zone) - timedelta(seconds=1)
    invoice.save(update_fields=["work_finished_at"])


def bill_block(*, block: Block, actor: Actor, now: datetime) -> Invoice:
    """Draft an invoice for a prepaid block. Raises Refused when it costs nothing or is on an invoice already."""
    with transaction.atomic():
        block = Block.objects.select_for_update(of=("self",)).select_related("agreement__client").get(pk=block.pk)
        if block.sold_by_id is not None or not block.price:
            raise Refused(_("There is nothing to bill for this block."))
        invoice, terms = begin_charges(block.agreement, now, None, None)
        with translation.override(invoice.language):
            size = _block_words(block)
            detail = _("Usable until %(day)s") % {"day": say_day(block.expires_on)} if block.expires_on else ""
        source = charged_by(block.agreement) | {"block": str(block.pk)}
        block.sold_by = put_charge(invoice, terms, 1, Charged(size, detail, block.price, source))
        block.save(update_fields=["sold_by"])
        drafts.add_up(invoice)
        record(
            actor=actor,
            verb="invoice.block_drafted",
            subject=invoice,
            now=now,
            data={"agreement": block.agreement.name},
        )
    return invoice


def _block_words(block: Block) -> str:
    if block.is_hours:
        return _("Prepaid block of %(hours)s hours") % {"hours": (block.size / 60).quantize(Decimal("0.01"))}
    amount = money.quantise(block.size, block.currency)
    return _("Prepaid block of %(amount)s %(currency)s") % {"amount": amount, "currency": block.currency}


def add_milestone(
    *, agreement: Agreement, values: dict[str, Any], actor: Actor, now: datetime, form_key: UUID | None = None
) -> Milestone:
    """Add a step of a project, or its deposit; `values` by column. Sending the same form again gives the same step."""
    with transaction.atomic():
        agreement = Agreement.objects.select_for_update(of=("self",)).select_related("client").get(pk=agreement.pk)
        mine = Milestone.objects.filter(agreement=agreement)
        twin, form_key = made_by(mine, form_key, title=values["title"], amount=values["amount"])
        if twin:
            return twin
        if not money.is_exact(values["amount"], agreement.currency):
            raise Refused(_("The price has more decimals than %s knows.") % agreement.currency)
        place = (mine.aggregate(last=Max("position"))["last"] or 0) + 1
        about = {"client": agreement.client, "position": place, "form_key": form_key}
        milestone = Milestone.objects.create(agreement=agreement, **about, **values)
        data = {"title": milestone.title, "amount": str(milestone.amount)}
        record(actor=actor, verb="agreement.milestone_added", subject=agreement, now=now, data=data)
    return milestone


def reach_milestone(*, milestone: Milestone, actor: Actor, now: datetime) -> Invoice:
    """A step is reached: draft its price. Raises Refused when it is billed already or the agreement is not in force."""
    with transaction.atomic():
        rows = Milestone.objects.select_for_update(of=("self",)).select_related("agreement__client")
        milestone = rows.get(pk=milestone.pk)
        agreement = milestone.agreement
        if milestone.line_id is not None:
            raise Refused(_("That step is on an invoice already."))
        if agreement.state == AgreementState.DRAFT:
            raise Refused(_("It is not in force."))
        invoice, terms = begin_charges(agreement, now, None, None)
        with translation.override(invoice.language):
            words = _("Deposit: %(title)s") if milestone.is_deposit else _("Milestone: %(title)s")
            description = words % {"title": milestone.title}
        source = charged_by(agreement) | {"milestone": str(milestone.pk)}
        milestone.line = put_charge(invoice, terms, 1, Charged(description, agreement.name, milestone.amount, source))
        milestone.reached_at = milestone.reached_at or now
        milestone.save(update_fields=["line", "reached_at"])
        invoice.work_finished_at = milestone.reached_at
        invoice.save(update_fields=["work_finished_at"])
        drafts.add_up(invoice)
        data = {"title": milestone.title, "agreement": agreement.name}
        record(actor=actor, verb="invoice.milestone_drafted", subject=invoice, now=now, data=data)
        ask_to_look(actor=actor, now=now, client=agreement.client)
    return invoice
