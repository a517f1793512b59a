"""Putting billed time right: the entry and its invoice stay, a correction goes onto the next draft."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.choices import Coverage
from billing.models import InvoiceLine, LineTime, TimeCorrection
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by
from tickets.models import TimeEntry


def correct_time(
    *, entry: TimeEntry, minutes: int, reason: str, actor: Actor, now: datetime, form_key: UUID | None = None
) -> TimeCorrection:
    """Say that a billed entry should have been so many minutes; 0: it was no work for this client at all.

    The difference is billed or given back at the price of the line, on the client's next draft. Sending the same form again gives
    the same correction. Raises Refused without a reason or a difference, for time on no issued invoice, and for time that was not
    charged.
    """
    if not reason.strip():
        raise Refused(_("Say what was wrong."))
    with transaction.atomic():
        line = _billed_line(entry)
        # The entry's row is the lock: of two who correct at once the second sees the first.
        entry = TimeEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        before = TimeCorrection.objects.filter(time_entry=entry)
        twin, form_key = made_by(before, form_key, reason=reason.strip())
        if twin:
            return twin
        held = entry.minutes + (before.aggregate(sum=Sum("minutes"))["sum"] or 0)
        if minutes < 0 or minutes == held:
            raise Refused(_("That is what was billed."))
        correction = TimeCorrection.objects.create(
            client_id=entry.client_id,
            time_entry=entry,
            was_line=line,
            minutes=minutes - held,
            unit_price=line.unit_price,
            currency=line.invoice.currency,
            reason=reason.strip(),
            made_by=actor.name,
            made_at=now,
            form_key=form_key,
        )
        data = {"minutes": minutes, "was": held, "reason": reason.strip()}
        record(actor=actor, verb="invoice.time_corrected", subject=line.invoice, now=now, data=data)
    return correction


def _billed_line(entry: TimeEntry) -> InvoiceLine:
    """The line that charged the entry; of several the last one, which took what nothing else bore."""
    link = LineTime.objects.filter(time_entry=entry).select_related("line__invoice").first()
    if link is None or not link.line.invoice.is_issued:
        raise Refused(
            _("Only time on an issued invoice is corrected. Change the entry itself, or take its line off the draft.")
        )
    group = InvoiceLine.objects.filter(invoice=link.line.invoice, ticket=link.line.ticket).select_related("invoice")
    for line in group.order_by("-position"):
        is_charged = line.source.get("coverage", Coverage.RATE) == Coverage.RATE and line.unit == "hour"
        if is_charged and (line.pk == link.line_id or _names(line, entry)):
            return line
    raise Refused(_("Nothing was charged for that time: put the block right instead."))


def _names(line: InvoiceLine, entry: TimeEntry) -> bool:
    return any(worked.get("id") == str(entry.pk) for worked in line.source.get("entries", []))
