"""What promises tell the shop's own programs: docs/guide/webhooks.md says it to their authors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.models import Promise
from msp.webhooks.actions import announce
from msp.webhooks.rules import stamp

# What happened to a promise, as the activity log calls it → the event.
_EVENTS = {
    "made": "promise.made",
    "kept": "promise.kept",
    "kept_late": "promise.kept",
    "broken": "promise.broken",
    "moved": "promise.moved",
    "paused": "promise.paused",
    "resumed": "promise.resumed",
    "cancelled": "promise.cancelled",
}


def announce_promise(*, promise: Promise, verb: str, now: datetime, was: str = "") -> None:
    """Tell that something became of a promise, where that is an event. `was` is the deadline before it was moved."""
    if event := _EVENTS.get(verb):
        more = {"was_promised_at": stamp(datetime.fromisoformat(was))} if was else {}
        announce(event=event, subject_id=promise.pk, now=now, data=lambda: _said(promise) | more)


def announce_risk(*, promise: Promise, stage: str, now: datetime) -> None:
    """Tell that a warning fired on a promise that is at risk."""
    announce(event="promise.at_risk", subject_id=promise.pk, now=now, data=lambda: _said(promise) | {"stage": stage})


def _said(promise: Promise) -> dict[str, Any]:
    """Grows only, within a version. What was promised in confidence is not said in words."""
    return {
        "id": str(promise.pk),
        "kind": promise.kind,
        "state": promise.state,
        "words": None if promise.confidential else promise.words,
        "confidential": promise.confidential,
        "client": {"id": str(promise.client_id), "name": promise.client.name},
        "owner": {"id": str(promise.owner_id), "name": promise.owner.name} if promise.owner else None,
        "subject": {"kind": promise.subject_kind, "id": str(promise.subject_id)},
        "made_at": stamp(promise.made_at),
        "promised_at": stamp(promise.promised_at),
        "kept_at": stamp(promise.kept_at),
        "broken_at": stamp(promise.broken_at),
        "url": promise.get_absolute_url(),
    }
