"""Questions about promises."""

from __future__ import annotations

from django.db.models import Max

from clients.choices import PromiseState
from clients.models import Promise, PromiseQuerySet
from msp.tenancy.models import TenantModel


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
