"""Pure rules of the service desk: no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tickets.choices import WAITING, Status

LONGEST_ENTRY = 24 * 60  # minutes of one time entry
PRESENT_FOR = timedelta(seconds=75)  # somebody who has a page open says so every half minute
UNDO_SECONDS = 10  # a reply to a client can be taken back for so long; the mail is held as well

# Without a deadline a ticket still has a place in the queue: as if it were due so long after what happened last.
_ANSWER_WITHIN = timedelta(days=1)
_MOVE_WITHIN = timedelta(days=7)
_CHASE_WITHIN = timedelta(days=30)


class Refused(ValueError):
    """An act that the state of things does not allow; the message says why, for people."""


class Stale(Refused):
    """Somebody else changed it meanwhile. `current` is what stands there now."""

    def __init__(self, message: str, current: str) -> None:
        super().__init__(message)
        self.current = current


@dataclass(frozen=True)
class Along:
    """What comes in the same form as a message: the time it took, the status after it, the form's own key, why it goes although
    it names other clients, and its files."""

    minutes: int | None = None
    work_note: str = ""
    status: str = ""
    form_key: UUID | None = None
    although: str = ""
    held: Sequence[UUID] = ()  # files that the composer holds
    anyway: bool = False  # solve although tasks are open
    next_update_at: datetime | None = None  # promised in the reply


@dataclass(frozen=True)
class Before:
    """How a ticket stood before an act: what undoing the act brings back."""

    was: str
    solved_at: datetime | None = None
    confirmed_at: datetime | None = None

    def as_words(self) -> dict[str, str]:
        """As an undo link carries it."""
        moments = {"solved_at": self.solved_at, "confirmed_at": self.confirmed_at}
        return {"was": self.was} | {name: at.isoformat() for name, at in moments.items() if at}

    @classmethod
    def from_words(cls, words: Mapping[str, str]) -> Before:
        moments = {name: datetime.fromisoformat(text) for name, text in words.items() if name != "was"}
        return cls(words["was"], **moments)


@dataclass(frozen=True)
class Clock:
    """What a timer showed: kept in an undo link, so that a reply taken back gives the clock back."""

    started_at: datetime
    running_since: datetime | None
    banked_seconds: int


def status_after(status: str, asked: str, *, is_public: bool) -> str:
    """The status after a message: the one that came along; and who answers a new ticket has begun with it."""
    return asked or (Status.IN_PROGRESS if is_public and status == Status.NEW else status)


def waiting_since(turns: Iterable[tuple[datetime, bool]]) -> datetime | None:
    """Since when the client's word has no answer. `turns`: (time, said by the client) of public messages, oldest first."""
    since: datetime | None = None
    for at, by_client in turns:
        since = (since or at) if by_client else None
    return since


def queue_at(
    *,
    status: str,
    next_clock_at: datetime | None,
    client_waiting_since: datetime | None,
    changed_at: datetime,
    sooner: timedelta = timedelta(),
) -> datetime:
    """Where a ticket stands in the queues, earliest first: its next deadline, else as if one followed from who waits for whom.

    `sooner` is what a client gets who comes earlier for a while.
    """
    if next_clock_at is not None:
        return next_clock_at - sooner
    if client_waiting_since is not None:
        return client_waiting_since + _ANSWER_WITHIN - sooner
    return changed_at - sooner + (_CHASE_WITHIN if status in WAITING else _MOVE_WITHIN)


@dataclass(frozen=True)
class Stretch:
    """A piece of a day."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds() // 60)


SHORTEST_GAP = 10  # minutes; less between two pieces of work is not worth asking about


def gaps_between(worked: Iterable[Stretch], until: datetime | None = None) -> list[Stretch]:
    """What lies between the pieces of work of a day, and between the last one and `until`. Overlaps are no gap."""
    gaps: list[Stretch] = []
    end: datetime | None = None
    for piece in sorted(worked, key=lambda piece: piece.start):
        if end is not None and piece.start > end:
            gaps.append(Stretch(end, piece.start))
        end = piece.end if end is None else max(end, piece.end)
    if until is not None and end is not None and until > end:
        gaps.append(Stretch(end, until))
    return [gap for gap in gaps if gap.minutes >= SHORTEST_GAP]


def within(pieces: Iterable[Stretch], frame: Stretch) -> list[Stretch]:
    """The pieces as far as they lie in the frame; what is shorter than a gap is dropped."""
    cut = (Stretch(max(piece.start, frame.start), min(piece.end, frame.end)) for piece in pieces)
    return [piece for piece in cut if piece.minutes >= SHORTEST_GAP]


def day_bounds(day_start: datetime, worked: Sequence[Stretch]) -> Stretch:
    """The hours a day bar shows: 08:00 to 18:00 of the day that starts at `day_start`, wider when there was work outside."""
    first = min([day_start + timedelta(hours=8), *(piece.start for piece in worked)])
    last = max([day_start + timedelta(hours=18), *(piece.end for piece in worked)])
    return Stretch(first.replace(minute=0), last)
