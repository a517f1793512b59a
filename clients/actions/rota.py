"""Every change to leave and to the on-call rota."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Leave, OnCallShift
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record


class RotaRefused(ValueError):
    """The rota does not allow it; the message says why, for people."""


def plan_leave(
    *, actor: Actor, now: datetime, member: Membership, kind: str, starts_on: date, ends_on: date, note: str = ""
) -> Leave:
    """Say when somebody is away, both days included. Raises RotaRefused when they are away then already."""
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=member.pk)  # so that two who plan at once see each other
        if Leave.objects.filter(member=member, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
            raise RotaRefused(_("%(name)s is away then already.") % {"name": member.name})
        days = {"starts_on": starts_on, "ends_on": ends_on}
        leave = Leave.objects.create(member=member, kind=kind, note=note, created_at=now, **days)
        record(actor=actor, verb="leave.planned", subject=leave, now=now, data=_said(leave))
    return leave


def cancel_leave(*, actor: Actor, now: datetime, leave: Leave) -> None:
    """They are there after all."""
    with transaction.atomic():
        record(actor=actor, verb="leave.cancelled", subject=leave, now=now, data=_said(leave))
        leave.delete()


def add_shift(
    *, actor: Actor, now: datetime, member: Membership, starts_at: datetime, ends_at: datetime
) -> OnCallShift:
    """Put somebody on call. Several may be at once. Raises RotaRefused for who left, and for a shift of theirs at that time."""
    with transaction.atomic():
        _check_free(member, starts_at, ends_at)
        shift = OnCallShift.objects.create(member=member, starts_at=starts_at, ends_at=ends_at, created_at=now)
        record(actor=actor, verb="on_call.planned", subject=shift, now=now, data=_when(shift))
    return shift


def plan_rota(
    *, actor: Actor, now: datetime, members: Sequence[Membership], handovers: Sequence[datetime]
) -> list[OnCallShift]:
    """Give each stretch between two handovers to the next of the members, in turn. All of it or, raising RotaRefused, nothing."""
    turns = list(pairwise(handovers))
    with transaction.atomic():
        return [
            add_shift(actor=actor, now=now, member=members[turn % len(members)], starts_at=start, ends_at=end)
            for turn, (start, end) in enumerate(turns)
        ]


def remove_shift(*, actor: Actor, now: datetime, shift: OnCallShift) -> None:
    """Take a shift off the rota."""
    with transaction.atomic():
        record(actor=actor, verb="on_call.removed", subject=shift, now=now, data=_when(shift))
        OnCallShift.objects.filter(in_return=shift).update(in_return=None)
        shift.delete()


def offer_shift(
    *, actor: Actor, now: datetime, shift: OnCallShift, to: Membership, in_return: OnCallShift | None = None
) -> OnCallShift:
    """Ask a colleague to take a shift over, perhaps for one of theirs. Nothing changes hands before they agree."""
    if to.pk == shift.member_id or to.ended_at is not None or not to.is_staff_member:
        raise RotaRefused(_("Ask a colleague."))
    if shift.ends_at <= now:
        raise RotaRefused(_("This shift is over."))
    if in_return is not None and (in_return.member_id != to.pk or in_return.ends_at <= now):
        raise RotaRefused(_("The shift in return must be one of theirs, and still to come."))
    with transaction.atomic():
        shift.offered_to, shift.in_return = to, in_return
        shift.save(update_fields=["offered_to", "in_return"])
        record(actor=actor, verb="on_call.offered", subject=shift, now=now, data=_when(shift) | {"to": to.name})
    return shift


def answer_offer(*, actor: Actor, now: datetime, shift: OnCallShift, accept: bool) -> OnCallShift:
    """Take an offered shift over, giving the one in return; or let it be. Raises RotaRefused when it is no longer offered."""
    with transaction.atomic():
        shift = OnCallShift.objects.select_for_update(of=("self",)).get(pk=shift.pk)
        taker, giver, back = shift.offered_to, shift.member, shift.in_return
        if taker is None:
            raise RotaRefused(_("It is not offered any more."))
        shift.offered_to = shift.in_return = None
        shift.save(update_fields=["offered_to", "in_return"])
        if accept:
            for row, new in ((shift, taker), *(((back, giver),) if back else ())):
                _hand_over(row, new, besides=[shift.pk, *([back.pk] if back else [])])
        verb = "on_call.taken_over" if accept else "on_call.declined"
        record(actor=actor, verb=verb, subject=shift, now=now, data=_when(shift) | {"from": giver.name})
    return shift


def withdraw_offer(*, actor: Actor, now: datetime, shift: OnCallShift) -> OnCallShift:
    """Keep one's shift after all."""
    if shift.offered_to_id is not None:
        with transaction.atomic():
            shift.offered_to = shift.in_return = None
            shift.save(update_fields=["offered_to", "in_return"])
            record(actor=actor, verb="on_call.kept", subject=shift, now=now, data=_when(shift))
    return shift


def _hand_over(row: OnCallShift, new: Membership, *, besides: Sequence[UUID]) -> None:
    _check_free(new, row.starts_at, row.ends_at, besides=besides)
    row.member, row.offered_to, row.in_return = new, None, None
    row.save(update_fields=["member", "offered_to", "in_return"])


def _check_free(member: Membership, starts_at: datetime, ends_at: datetime, besides: Sequence[UUID] = ()) -> None:
    if member.ended_at is not None or not member.is_staff_member:
        raise RotaRefused(_("%(name)s does not work here (any more).") % {"name": member.name})
    theirs = OnCallShift.objects.filter(member=member, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if theirs.exclude(pk__in=besides).exists():
        raise RotaRefused(_("%(name)s is on call then already.") % {"name": member.name})


def _said(leave: Leave) -> dict[str, str]:
    return {"name": leave.member.name, "first": leave.starts_on.isoformat(), "last": leave.ends_on.isoformat()}


def _when(shift: OnCallShift) -> dict[str, str]:
    return {"name": shift.member.name, "start": shift.starts_at.isoformat(), "end": shift.ends_at.isoformat()}
