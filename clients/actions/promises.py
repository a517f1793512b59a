"""The life of a promise. Whoever calls has checked rights; here only the state is checked.

Every change locks the promise's row, so that of two that meet (keeping it and its deadline, say) one comes second and sees the
other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clients.choices import PromiseState
from clients.models import Client, Contact, Promise, PromiseStage
from clients.queries import fired_stages, next_ordinal
from clients.registry import CALLBACK, kind_of
from clients.rules.promises import (
    DUE,
    NotPossible,
    Stage,
    Step,
    before,
    laid_out,
    risk_from,
    stages_to_json,
    steps_to_json,
)
from clients.signals import promise_changed
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.tenancy.models import TenantModel

from .announcing import announce_promise
from .telling import tell_of_handover, tell_of_move

WORDS_LENGTH = 200
REASON_LENGTH = 200
_LAID = ("promised_at", "stages", "risk_at", "due_at", "round")


def make_promise(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    subject: TenantModel,
    client: Client,
    promised_at: datetime,
    stages: Sequence[Stage] = (),
    contact: Contact | None = None,
    owner: Membership | None = None,
    words: str = "",
    working: Sequence[Step] = (),
    ordinal: int = 1,
    confidential: bool = False,
) -> Promise:
    """Promise something by a deadline; with the same kind, subject and ordinal it is the first one, as it is.

    `words` is what the client reads, too; without them it is the subject as text. Stages behind `now` never fire.
    """
    promise = Promise(
        kind=kind, subject_kind=subject._meta.label_lower, subject_id=subject.pk, ordinal=ordinal,
        client=client, contact=contact, owner=owner, words=(words or str(subject))[:WORDS_LENGTH], made_at=now,
        shown=bool(kind_of(kind).portal_words), confidential=confidential, working=steps_to_json(working),
    )  # fmt: skip
    _lay_out(promise, promised_at, stages, now)
    with transaction.atomic():
        try:
            with transaction.atomic():
                promise.save(force_insert=True)
        except IntegrityError:
            about = {"subject_kind": promise.subject_kind, "subject_id": promise.subject_id}
            return Promise.objects.select_related("client", "contact", "owner").get(kind=kind, ordinal=ordinal, **about)
        _say(promise, actor, now, "made")
    return promise


def promise_callback(
    *,
    actor: Actor,
    now: datetime,
    subject: TenantModel,
    client: Client,
    promised_at: datetime,
    contact: Contact | None = None,
    owner: Membership | None = None,
    words: str = "",
    confidential: bool = False,
) -> Promise:
    """A person promises to get back by a time: each is one of its own, also about the same subject.

    Raises NotPossible for a time that has passed.
    """
    if promised_at <= now:
        raise NotPossible(_("That time has passed already."))
    while True:
        promise = make_promise(
            actor=actor, now=now, kind=CALLBACK, subject=subject, client=client, promised_at=promised_at,
            stages=before(promised_at), contact=contact, owner=owner, words=words, confidential=confidential,
            ordinal=next_ordinal(subject, CALLBACK),
        )  # fmt: skip
        # Somebody else may have taken the number in the same moment: theirs is another promise than ours.
        mine = (now, promised_at, (words or str(subject))[:WORDS_LENGTH])
        if (promise.made_at, promise.promised_at, promise.words) == mine:
            return promise


def keep_promise(*, actor: Actor, now: datetime, promise: Promise, kept_at: datetime | None = None) -> Promise:
    """It was done, at `kept_at` (default: now). In time it is kept; after the deadline it is broken, and kept late.

    A paused clock stands still, so what is done meanwhile is in time. Keeping it again changes nothing. Raises NotPossible for a
    cancelled promise.
    """
    at = kept_at or now
    with transaction.atomic():
        promise = _hold(promise)
        if promise.kept_at is not None:
            return promise
        if promise.state == PromiseState.PAUSED or at <= promise.promised_at:
            _check(promise, PromiseState.KEPT)
            promise.state, promise.kept_at, promise.broken_at = PromiseState.KEPT, at, None
            promise.finished_at, promise.paused_since = promise.finished_at or now, None
            _write(promise, "state", "kept_at", "broken_at", "finished_at", "paused_since")
            _say(promise, actor, now, "kept")
            return promise
        if promise.state != PromiseState.BROKEN:
            _check(promise, PromiseState.BROKEN)
            _break(promise, now)
        promise.kept_at = at
        _write(promise, "kept_at")
        _say(promise, actor, now, "kept_late")
    return promise


def pause_promise(*, actor: Actor, now: datetime, promise: Promise, because: str) -> Promise:
    """Stop the clock. Pausing a paused promise changes nothing. Raises NotPossible once it is settled."""
    with transaction.atomic():
        promise = _hold(promise)
        if promise.state == PromiseState.PAUSED:
            return promise
        _check(promise, PromiseState.PAUSED)
        promise.state, promise.paused_since, promise.paused_because = PromiseState.PAUSED, now, because[:REASON_LENGTH]
        _write(promise, "state", "paused_since", "paused_because")
        _say(promise, actor, now, "paused", because=because)
    return promise


def resume_promise(
    *,
    actor: Actor,
    now: datetime,
    promise: Promise,
    promised_at: datetime,
    stages: Sequence[Stage] = (),
    working: Sequence[Step] = (),
) -> Promise:
    """Let the clock run on towards the deadline that its maker computed anew. What fired before the pause stays fired.

    Resuming a running promise changes nothing. Raises NotPossible once it is settled.
    """
    with transaction.atomic():
        promise = _hold(promise)
        if promise.state == PromiseState.OPEN:
            return promise
        _check(promise, PromiseState.OPEN, only_from=PromiseState.PAUSED)
        fired = fired_stages(promise)
        _lay_out(promise, promised_at, [stage for stage in stages if stage.name not in fired], now)
        promise.risk_at = risk_from(stages, promised_at)
        promise.state, promise.paused_since, promise.paused_because = PromiseState.OPEN, None, ""
        promise.working = steps_to_json(working) if working else promise.working
        _write(promise, "state", "paused_since", "paused_because", "working", *_LAID)
        _say(promise, actor, now, "resumed")
        _ring_if_due(promise, now)
    return promise


def move_promise(
    *,
    actor: Actor,
    now: datetime,
    promise: Promise,
    promised_at: datetime,
    because: str,
    stages: Sequence[Stage] = (),
    working: Sequence[Step] = (),
    tell: bool = True,
) -> Promise:
    """Promise another deadline, earlier or later. The contact it was made to reads the new time and the reason by mail.

    All stages of the new deadline fire anew. A paused promise stays paused. Raises NotPossible once it is settled, and where a
    person is told (`tell`) for a time that has passed.
    """
    with transaction.atomic():
        promise = _hold(promise)
        if not promise.is_standing or (promise.is_open and promise.promised_at <= now and tell):
            raise NotPossible(_("Its time has passed or it is settled; what is promised now is a new promise."))
        if tell and promised_at <= now:
            raise NotPossible(_("That time has passed already."))
        was, promise.round = promise.promised_at, promise.round + 1
        _lay_out(promise, promised_at, stages, now)
        promise.working = steps_to_json(working)
        promise.moved_because = because[:REASON_LENGTH]
        _write(promise, "working", "moved_because", *_LAID)
        _say(promise, actor, now, "moved", because=because, was=was.isoformat())
        if tell:
            tell_of_move(actor=actor, now=now, promise=promise, was=was, because=because)
        _ring_if_due(promise, now)
    return promise


def cancel_promise(*, actor: Actor, now: datetime, promise: Promise, because: str) -> Promise:
    """It is not owed any more. Cancelling again changes nothing. Raises NotPossible once kept or broken, ValueError without a reason."""
    if not because.strip():
        raise ValueError("a promise is cancelled for a reason")
    with transaction.atomic():
        promise = _hold(promise)
        if promise.state == PromiseState.CANCELLED:
            return promise
        _check(promise, PromiseState.CANCELLED)
        promise.state, promise.finished_at, promise.paused_since = PromiseState.CANCELLED, now, None
        promise.ended_because = because[:REASON_LENGTH]
        _write(promise, "state", "finished_at", "paused_since", "ended_because")
        _say(promise, actor, now, "cancelled", because=because)
    return promise


def reopen_promise(*, actor: Actor, now: datetime, promise: Promise, because: str) -> Promise:
    """Take back that it was kept or cancelled. Stages that have fired stay fired; one kept late is broken and owed as before."""
    with transaction.atomic():
        promise = _hold(promise)
        if promise.is_standing:
            return promise
        if promise.is_late:
            promise.kept_at = None
            _write(promise, "kept_at")
            _say(promise, actor, now, "reopened", because=because)
            return promise
        _check(promise, PromiseState.OPEN)
        promise.state, promise.kept_at, promise.finished_at, promise.ended_because = PromiseState.OPEN, None, None, ""
        if promise.stages:
            promise.due_at = promise.stages_ahead[0].at
        else:  # its deadline had fired before it turned out to be kept
            promise.round += 1
            _lay_out(promise, promise.promised_at, (), now)
        _write(promise, "state", "kept_at", "finished_at", "ended_because", *_LAID)
        _say(promise, actor, now, "reopened", because=because)
        _ring_if_due(promise, now)
    return promise


def reassign_promise(*, actor: Actor, now: datetime, promise: Promise, owner: Membership | None) -> Promise:
    """Say who must keep it, and tell them where people hand it over themselves. What is settled stays with who had it."""
    with transaction.atomic():
        promise = _hold(promise)
        if promise.owner_id == (owner.pk if owner else None) or not promise.is_unkept:
            return promise
        promise.owner = owner
        _write(promise, "owner")
        if owner is None:
            _say(promise, actor, now, "unassigned")
        else:
            _say(promise, actor, now, "reassigned", to=owner.name)
            if kind_of(promise.kind).by_hand and actor.id != str(owner.pk):
                tell_of_handover(actor=actor, now=now, promise=promise, owner=owner)
    return promise


def hand_over_promises(*, subject: TenantModel, kinds: Sequence[str], owner: Membership | None) -> None:
    """Whoever was given the subject keeps what is owed about it from now on; the entry about the subject says so for all of them."""
    rows = Promise.objects.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk, kind__in=kinds)
    rows.unkept().update(owner=owner, lease_until=None)


def give_promises(
    *, subject_kind: str, subject_ids: Collection[UUID], client: Client, people: Mapping[UUID | None, Contact]
) -> None:
    """What they are about is of another client than was thought: so are they. `people`: a contact's key → who that is there.

    Whoever gives the subject away writes that down, in the same transaction.
    """
    rows = Promise.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids)
    rows.exclude(contact__in=people).update(contact=None)
    for key, person in people.items():
        rows.filter(contact=key).update(contact=person)
    rows.update(client=client, lease_until=None)


def explain_broken(*, actor: Actor, now: datetime, promise: Promise, because: str) -> Promise:
    """Write down why it was broken. Raises NotPossible for one that was not."""
    return _annotate(actor, now, promise, because, field="broken_because", verb="explained")


def exclude_promise(*, actor: Actor, now: datetime, promise: Promise, because: str) -> Promise:
    """Leave a broken promise out of the kept rate; it stays listed. Whoever calls has had it approved. Raises NotPossible as above."""
    return _annotate(actor, now, promise, because, field="excluded_because", verb="excluded")


def _annotate(actor: Actor, now: datetime, promise: Promise, because: str, *, field: str, verb: str) -> Promise:
    with transaction.atomic():
        promise = _hold(promise)
        if promise.state != PromiseState.BROKEN:
            raise NotPossible(_("This promise was not broken."))
        setattr(promise, field, because[:400])
        _write(promise, field)
        _say(promise, actor, now, verb, because=because)
    return promise


def what_of(promise: Promise) -> str:
    """A promise in a few words: its kind and what it is about."""
    return f"{kind_of(promise.kind).label}: {promise.words}"


def _hold(promise: Promise) -> Promise:
    rows = Promise.objects.select_for_update(of=("self",)).select_related("client", "contact", "owner")
    held: Promise = rows.get(pk=promise.pk)
    return held


def _check(promise: Promise, state: PromiseState, only_from: PromiseState | None = None) -> None:
    if not promise.can_become(state) or (only_from is not None and promise.state != only_from):
        words = {"was": promise.get_state_display(), "wanted": state.label}
        raise NotPossible(_("A promise that is “%(was)s” cannot become “%(wanted)s”.") % words)


def _lay_out(promise: Promise, promised_at: datetime, stages: Sequence[Stage], now: datetime) -> None:
    ahead = laid_out(stages, promised_at, now)
    promise.promised_at, promise.stages, promise.due_at = promised_at, stages_to_json(ahead), ahead[0].at
    promise.risk_at = risk_from(stages, promised_at)


def _break(promise: Promise, now: datetime) -> None:
    """The deadline has passed, and whoever keeps it noticed before the sweep did."""
    PromiseStage.objects.create(promise=promise, round=promise.round, stage=DUE, fired_at=now)
    promise.state, promise.broken_at, promise.finished_at = PromiseState.BROKEN, promise.promised_at, now
    promise.stages = []
    _write(promise, "state", "broken_at", "finished_at", "stages")
    announce_promise(promise=promise, verb="broken", now=now)


def _write(promise: Promise, *fields: str) -> None:
    """Save; a lease that a sweep has on the row ends with the change."""
    promise.lease_until = None
    promise.save(update_fields=[*fields, "lease_until"])


def _say(promise: Promise, actor: Actor, now: datetime, verb: str, **data: Any) -> None:
    said = {"what": what_of(promise), "by": promise.promised_at.isoformat()} | data
    record(actor=actor, verb=f"promise.{verb}", subject=promise, now=now, data=said)
    promise_changed.send(sender=Promise, promise=promise, actor=actor, now=now)
    announce_promise(promise=promise, verb=verb, now=now, was=data.get("was", ""))


def _ring_if_due(promise: Promise, now: datetime) -> None:
    if promise.is_open and promise.due_at <= now:
        ring("promises")
