"""The lines of a draft revision and their evidence sheets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from billing.choices import SIZED, LineKind, LineRole
from billing.models import EvidenceSheet, QuoteLine, QuoteRevision
from billing.queries.quotes import counted
from billing.rules import money
from billing.rules.refusals import Refused
from msp.accounts.actions.telling import change_of
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.ids import new_id
from msp.tenancy.once import made_by

from .quoting import add_up, locked_draft

MAX_LINES = 500


def add_quote_line(
    *,
    revision: QuoteRevision,
    values: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    form_key: UUID | None = None,
) -> QuoteLine:
    """Add a line at the end; `values` by column. Sending the same form again gives the line that the first one made.

    Raises Refused for a price with more decimals than the currency, and above `MAX_LINES`.
    """
    with transaction.atomic():
        revision = locked_draft(revision)
        rows = QuoteLine.objects.filter(revision=revision)
        twin, form_key = made_by(rows, form_key, description=values["description"])
        if twin:
            return twin
        last = rows.aggregate(last=Max("position"))["last"] or 0
        if last >= MAX_LINES:
            raise Refused(_("That is more than %d lines.") % MAX_LINES)
        line = QuoteLine(revision=revision, client_id=revision.client_id, thread=new_id(), position=last + 1)
        line.form_key = form_key
        _fill(line, revision, values)
        line.save(force_insert=True)
        add_up(revision)
        data = {"line": line.description}
        record(actor=actor, verb="quote.line_added", subject=revision.quote, now=now, data=data)
    return line


def edit_quote_line(*, line: QuoteLine, values: Mapping[str, Any], actor: Actor, now: datetime) -> QuoteLine:
    """Change a line of a draft. Its evidence sheet stays, unless it is no hardware or licence any more."""
    with transaction.atomic():
        revision = locked_draft(line.revision)
        line = QuoteLine.objects.get(pk=line.pk)
        before = {name: getattr(line, name) for name in values}
        _fill(line, revision, values)
        line.save(update_fields=[*values, "group", "preselected", "amount"])
        if LineKind(line.kind) not in SIZED:
            EvidenceSheet.objects.filter(line=line).delete()
        add_up(revision)
        data = {"line": line.description} | change_of(before, values)
        record(actor=actor, verb="quote.line_changed", subject=revision.quote, now=now, data=data)
    return line


def remove_quote_line(*, line: QuoteLine, actor: Actor, now: datetime) -> QuoteRevision:
    """Take a line and its evidence off a draft."""
    with transaction.atomic():
        revision = locked_draft(line.revision)
        EvidenceSheet.objects.filter(line=line).delete()
        QuoteLine.objects.filter(pk=line.pk).delete()
        add_up(revision)
        was = {"detail": line.detail, "quantity": str(line.quantity), "unit_price": str(line.unit_price)}
        data = {"line": line.description, "was": was}
        record(actor=actor, verb="quote.line_removed", subject=revision.quote, now=now, data=data)
    return revision


def move_quote_line(*, line: QuoteLine, up: bool, actor: Actor, now: datetime) -> QuoteRevision:
    """Change places with the line above or below; at the end of the list nothing happens."""
    with transaction.atomic():
        revision = locked_draft(line.revision)
        rows = list(QuoteLine.objects.filter(revision=revision).order_by("position", "id"))
        at = next(i for i, row in enumerate(rows) if row.pk == line.pk)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(rows):
            return revision
        rows[at], rows[to] = rows[to], rows[at]
        for position, row in enumerate(rows, start=1):
            row.position = position
        QuoteLine.objects.bulk_update(rows, ["position"])
        data = {"line": line.description}
        record(actor=actor, verb="quote.line_moved", subject=revision.quote, now=now, data=data)
    return revision


def save_evidence(*, line: QuoteLine, values: Mapping[str, Any], actor: Actor, now: datetime) -> EvidenceSheet:
    """Fill in the evidence sheet of a line; what is on record of the client today is kept with it.

    Raises Refused for a line that is no hardware or licence, and for a smaller alternative that costs more.
    """
    if LineKind(line.kind) not in SIZED:
        raise Refused(_("Only hardware and licences have an evidence sheet."))
    price = values.get("smaller_price")
    if price is not None and price >= line.amount:
        raise Refused(_("The smaller alternative costs as much as this one: then it is none."))
    with transaction.atomic():
        revision = locked_draft(line.revision)
        on_record = counted(revision.quote.client)
        said = dict(values) | {"counted_people": on_record.people, "counted_devices": on_record.devices}
        said |= {"client_id": line.client_id, "filled_by": actor.name, "filled_at": now}
        sheet, _made = EvidenceSheet.objects.update_or_create(line=line, defaults=said)
        data = {"line": line.description} | {"sheet": {k: str(v) for k, v in values.items()}}
        record(actor=actor, verb="quote.evidence", subject=revision.quote, now=now, data=data)
    return sheet


def _fill(line: QuoteLine, revision: QuoteRevision, values: Mapping[str, Any]) -> None:
    """Set the columns, work out the amount, and keep role, group and preselection in step."""
    for name, value in values.items():
        setattr(line, name, value)
    if not money.is_exact(line.unit_price, revision.currency):
        raise Refused(_("The price has more decimals than %s knows.") % revision.currency)
    line.amount = money.line_amount(line.quantity, line.unit_price, revision.currency)
    if line.role != LineRole.ALTERNATIVE:
        line.group = ""
        line.preselected = line.preselected or line.role == LineRole.REQUIRED
        return
    line.group = line.group.strip()
    if not line.group:
        raise Refused(_("Say what is chosen from, with the same words on each line of the choice."))
    if line.preselected:
        others = QuoteLine.objects.filter(revision=revision, group=line.group, preselected=True).exclude(pk=line.pk)
        others.update(preselected=False)
