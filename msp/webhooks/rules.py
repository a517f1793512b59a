"""What leaves for an endpoint, how it is signed, and when we stop trying: pure values."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook

VERSION = 1  # of the envelope and of every event's data; grows when something is taken away or means something else
SECRET_BYTES = 32
OVERLAP = timedelta(days=1)  # in which a replaced secret signs beside the new one
PATIENCE = 10.0  # seconds for a whole exchange
SLOW = 3.0  # seconds that any endpoint may take
RESTS = 4  # times as long as a slow one took: it never has more than a fifth of a worker
KEPT_BYTES = 1024  # of an answer
# An endpoint at which nothing got through for so long, however often it was tried, is paused.
PAUSE_AFTER, PAUSE_FAILURES = timedelta(days=3), 10
GONE = 410  # the receiver says that it wants nothing any more (Standard Webhooks)


@dataclass(frozen=True)
class Parcel:
    """One delivery as plain values. `secrets` sign, the current one first."""

    url: str
    event_id: UUID
    body: str
    secrets: Sequence[str]
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of one try. `status` is None when no answer came; `error` is "" when it was taken."""

    status: int | None
    answer: str
    milliseconds: int
    error: str = ""
    for_good: bool = False

    @property
    def rests(self) -> timedelta | None:
        """How long the endpoint rests now, when it was slow."""
        slow = self.milliseconds > SLOW * 1000
        return timedelta(milliseconds=self.milliseconds * RESTS) if slow else None


def envelope(*, event_id: UUID, event: str, at: datetime, data: Mapping[str, Any]) -> str:
    """The body of a delivery. It is written once, so that every try and every replay sends the same bytes."""
    said = {"id": str(event_id), "type": event, "version": VERSION, "timestamp": stamp(at), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def stamp(at: datetime | None) -> str | None:
    """A time as payloads have it: RFC 3339, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def new_secret(randomness: bytes) -> str:
    """A signing secret as receivers' libraries take it."""
    return "whsec_" + base64.b64encode(randomness).decode()


def signed_headers(parcel: Parcel) -> dict[str, str]:
    """The three headers of https://www.standardwebhooks.com; while a secret is being replaced, both sign."""
    event_id, at = str(parcel.event_id), parcel.at.astimezone(UTC)
    signed = [Webhook(secret).sign(msg_id=event_id, timestamp=at, data=parcel.body) for secret in parcel.secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def is_hopeless(failing_since: datetime, failures: int, now: datetime) -> bool:
    """Whether an endpoint has failed so long and so often that it is paused."""
    return failures >= PAUSE_FAILURES and now - failing_since >= PAUSE_AFTER
