"""Blocks: sold, drawn from, given back to, closed. Draws are rows that never change; `left` follows them under the block's lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import BlockKind, BlockUnit, DrawKind
from billing.models import Agreement, AgreementVersion, Block, BlockDraw
from billing.queries.rates import Rates, allowances_wanted
from billing.rules import money
from billing.rules.blocks import carried
from billing.rules.proration import Period, period_of
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by
from tickets.models import TimeEntry


def add_block(
    *, agreement: Agreement, values: dict[str, Any], actor: Actor, now: datetime, form_key: UUID | None = None
) -> Block:
    """Add a prepaid block; `values` by column, `size` in minutes or money. Sending the same form again gives the same block.

    Raises Refused when it holds nothing, or money with more decimals than the currency knows.
    """
    with transaction.atomic():
        agreement = Agreement.objects.select_for_update(of=("self",)).select_related("client").get(pk=agreement.pk)
        said = {"size": values["size"], "valid_from": values["valid_from"]}
        twin, form_key = made_by(Block.objects.filter(agreement=agreement), form_key, **said)
        if twin:
            return twin
        _check_size(values, agreement.currency)
        about = {"client": agreement.client, "currency": agreement.currency, "left": values["size"]}
        block = Block.objects.create(agreement=agreement, **about, **values, form_key=form_key, created_at=now)
        data = {"name": agreement.name, "size": said_size(block, block.size)}
        record(actor=actor, verb="block.added", subject=agreement, now=now, data=data)
    return block


def said_size(block: Block, amount: Decimal) -> str:
    """An amount of a block in words: 10.00 h, or 500.00 GBP."""
    if block.unit == BlockUnit.MINUTES:
        return f"{(amount / 60).quantize(Decimal('0.01'))} h"
    return f"{money.quantise(amount, block.currency)} {block.currency}"


def _check_size(values: dict[str, Any], currency: str) -> None:
    amounts = [values.get("price", money.ZERO)]
    if values["unit"] == BlockUnit.MONEY:
        amounts += [values["size"], values.get("carry_over", money.ZERO)]
    if values["size"] <= money.ZERO:
        raise Refused(_("A block must hold something."))
    if not all(money.is_exact(amount, currency) for amount in amounts):
        raise Refused(_("The price has more decimals than %s knows.") % currency)


def usable_blocks(client: Client, currency: str) -> dict[UUID, Block]:
    """The client's blocks that are not closed, held in key order until the transaction ends."""
    rows = Block.objects.filter(client=client, currency=currency, closed_at=None).exclude(agreement__state="draft")
    return {block.pk: block for block in rows.select_for_update(of=("self",)).order_by("id")}


def draw_from(
    block: Block, amount: Decimal, *, actor: Actor, now: datetime, on: date, about: str, **more: Any
) -> BlockDraw | None:
    """Take an amount out of a held block; nothing where it is nothing. The database refuses to overdraw."""
    if not amount:
        return None
    block.left -= amount
    block.save(update_fields=["left"])
    row = BlockDraw(block=block, client_id=block.client_id, amount=amount, about=about[:200], drawn_on=on, **more)
    row.drawn_by, row.drawn_at = actor.name, now
    row.save(force_insert=True)
    return row


def give_back(work_ids: Collection[UUID], *, actor: Actor, now: datetime, on: date | None = None) -> None:
    """Undo what lines or covered work have drawn, by rows with the opposite sign."""
    undone = BlockDraw.objects.filter(gives_back__isnull=False).values("gives_back")
    draws = BlockDraw.objects.filter(work_id__in=work_ids, kind=DrawKind.WORK).exclude(pk__in=undone)
    rows = list(draws.order_by("block_id", "id"))
    blocks = Block.objects.select_for_update(of=("self",)).order_by("id").in_bulk([row.block_id for row in rows])
    for row in rows:
        more = {"kind": DrawKind.GIVEN_BACK, "work_id": row.work_id, "gives_back": row}
        draw_from(
            blocks[row.block_id],
            -row.amount,
            actor=actor,
            now=now,
            on=on or row.drawn_on,
            about=row.about,
            **more,
        )


def adjust_block(*, block: Block, amount: Decimal, reason: str, actor: Actor, now: datetime, on: date) -> Block:
    """Put a block right by hand: a positive amount takes out, a negative one gives. Raises Refused without a reason, and when
    it would be overdrawn.
    """
    if not reason.strip():
        raise Refused(_("Say why."))
    with transaction.atomic():
        block = Block.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=block.pk)
        if block.closed_at is not None or (block.left - amount < 0 and not block.may_go_negative):
            raise Refused(_("The block does not hold so much."))
        draw_from(block, amount, actor=actor, now=now, on=on, about=reason.strip(), kind=DrawKind.ADJUSTED)
        data = {"amount": said_size(block, amount), "reason": reason.strip()}
        record(actor=actor, verb="block.adjusted", subject=block.agreement, now=now, data=data)
    return block


def close_block(*, block: Block, actor: Actor, now: datetime, on: date) -> Block:
    """Close an expired or unwanted block. What is left goes into the agreement's next block, up to the cap; the rest lapses.

    Raises Refused the second time.
    """
    with transaction.atomic():
        block = Block.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=block.pk)
        if block.closed_at is not None:
            raise Refused(_("That block is closed already."))
        follower = _follower(block) if block.kind == BlockKind.PREPAID else None
        if follower is not None:
            _carry(block, follower, carried(block.left, block.carry_over), actor=actor, now=now, on=on)
        if block.left > 0:
            draw_from(block, block.left, actor=actor, now=now, on=on, about=_("Not used"), kind=DrawKind.LAPSED)
        block.closed_at = now
        block.save(update_fields=["closed_at"])
        data = {"size": said_size(block, block.size)}
        record(actor=actor, verb="block.closed", subject=block.agreement, now=now, data=data)
    return block


def _follower(block: Block) -> Block | None:
    """The block of the same agreement that is used next."""
    rows = Block.objects.filter(agreement=block.agreement_id, unit=block.unit, kind=block.kind, closed_at=None)
    after = rows.exclude(pk=block.pk).filter(valid_from__gte=block.valid_from).in_order()
    return after.select_for_update(of=("self",)).first()


def _carry(block: Block, follower: Block, amount: Decimal, *, actor: Actor, now: datetime, on: date) -> None:
    for row, taken in ((block, amount), (follower, -amount)):
        draw_from(row, taken, actor=actor, now=now, on=on, about=_("Carried over"), kind=DrawKind.CARRIED)


def ensure_allowances(rates: Rates, entries: Iterable[TimeEntry], *, actor: Actor, now: datetime) -> None:
    """Make the blocks of included minutes for the periods that some work lies in, with what the period before left over."""
    for version, day in allowances_wanted(rates, entries).values():
        agreement = version.agreement
        period = period_of(day, agreement.period)
        if not Block.objects.filter(agreement=agreement, kind=BlockKind.ALLOWANCE, valid_from=period.start).exists():
            _allow(agreement, version, period, actor=actor, now=now)


def _allow(agreement: Agreement, version: AgreementVersion, period: Period, *, actor: Actor, now: datetime) -> None:
    runs = Period(agreement.starts_on, agreement.last_day or date.max).overlap(period) or period
    minutes = Decimal(version.included_minutes * runs.days * 2 // period.days + 1) // 2  # a half up
    block, made = Block.objects.get_or_create(
        agreement=agreement,
        client_id=agreement.client_id,
        kind=BlockKind.ALLOWANCE,
        valid_from=period.start,
        defaults={
            "currency": agreement.currency,
            "size": minutes,
            "left": minutes,
            "expires_on": period.end,
            "carry_over": version.carry_minutes,
            "created_at": now,
        },
    )
    before = Block.objects.filter(agreement=agreement, kind=BlockKind.ALLOWANCE, valid_from__lt=period.start)
    last = before.select_for_update(of=("self",)).order_by("-valid_from").first() if made else None
    if last is not None and (amount := carried(last.left, last.carry_over)) > 0:
        _carry(last, block, amount, actor=actor, now=now, on=period.start)
