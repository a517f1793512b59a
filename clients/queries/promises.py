"""Questions about promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from clients.choices import PromiseState
from clients.models import Promise, PromiseQuerySet, PromiseStage
from clients.rules.calendars import is_open
from msp.accounts.choices import Capability
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from msp.tenancy.models import TenantModel

from .calendars import default_calendar, on_call


def _about(subject: TenantModel) -> PromiseQuerySet:
    found: PromiseQuerySet = Promise.objects.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk)
    return found


def promise_of(subject: TenantModel, kind: str, ordinal: int = 1) -> Promise | None:
    """The promise of a kind about a subject, whatever became of it."""
    return _about(subject).filter(kind=kind, ordinal=ordinal).select_related("client", "contact", "owner").first()


def latest_promise_of(subject: TenantModel, kind: str) -> Promise | None:
    """The last made of a kind that recurs: the next update, say."""
    return _about(subject).filter(kind=kind).select_related("client", "contact", "owner").order_by("-ordinal").first()


def promises_of(subject: TenantModel) -> list[Promise]:
    """Everything promised about a subject, what is still owed first, by deadline."""
    rows = _about(subject).select_related("contact", "owner").order_by("promised_at", "id")
    return sorted(rows, key=lambda promise: not promise.is_unkept)


def next_ordinal(subject: TenantModel, kind: str) -> int:
    """The number of the next promise of a kind that may be made several times. Two may compute the same one."""
    return (_about(subject).filter(kind=kind).aggregate(last=Max("ordinal"))["last"] or 0) + 1


def next_clock(subject: TenantModel) -> Promise | None:
    """What is to be kept next about a subject: by deadline, what is broken and still owed first."""
    return _about(subject).unkept().exclude(state=PromiseState.PAUSED).order_by("promised_at", "id").first()


def fired_stages(promise: Promise) -> set[str]:
    """The stages that have fired since the promise was last moved."""
    return set(promise.fired.filter(round=promise.round).values_list("stage", flat=True))


def awake(now: datetime) -> list[Membership] | None:
    """Outside the shop's hours, who is on call; None while the shop is open, or has no hours."""
    calendar = default_calendar()
    return None if calendar is None or is_open(calendar.terms.calendar(), now) else on_call(now)


def keepers_of(promises: Sequence[Promise]) -> set[Membership]:
    """Their owners; of those that nobody has, everybody who hands work out. One query."""
    people = {member.pk: member for member in staff()}
    found = {people[promise.owner_id] for promise in promises if promise.owner_id in people}
    if any(promise.owner_id not in people for promise in promises):
        found |= {member for member in people.values() if member.can(Capability.TICKETS_ASSIGN)}
    return found


@dataclass(frozen=True)
class Pressing:
    """What presses a person: the most pressing promise that a stage of fired lately, and how many there are in all."""

    first: Promise
    risk: int
    broken: int


def pressing_for(member: Membership, *, since: datetime, now: datetime, kinds: Sequence[str] = ()) -> Pressing | None:
    """What a person has to be told of what fired after `since` and is still owed, broken ones first, then by deadline: their
    own, what nobody has if they hand work out, and anybody's of these `kinds`.
    """
    mine = Q(owner=member) | Q(kind__in=kinds)
    if member.can(Capability.TICKETS_ASSIGN):
        mine |= Q(owner=None)
    fired = Promise.objects.filter(mine, pk__in=PromiseStage.objects.filter(fired_at__gt=since).values("promise"))
    fired = fired.unkept().exclude(state=PromiseState.PAUSED).select_related("client")
    first = fired.order_by("state", "promised_at", "id").first()  # "broken" before "open"
    if first is None:
        return None
    alike = Promise.objects.filter(owner=first.owner_id)
    return Pressing(
        first,
        alike.filter(state=PromiseState.OPEN, risk_at__lte=now).count(),
        alike.filter(state=PromiseState.BROKEN, kept_at=None).count(),
    )


def promised_to_client() -> PromiseQuerySet:
    """What is owed to the client in scope and may be read by them, what is most urgent first. Runs in the portal's scope."""
    found: PromiseQuerySet = Promise.objects.filter(shown=True).unkept().defer("working").order_by("promised_at", "id")
    return found
