"""How a due row is worked: phases, outcomes and waiting times. No database here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Generic, Never, TypeVar


class GiveUp(Exception):
    """Trying again cannot help: the row becomes a dead letter at once, with this text as its error."""


class LeaseLost(Exception):
    """Another worker has the row now; what this one did for it is not recorded."""


@dataclass(frozen=True)
class Ended:
    """The row has come to rest in `state`: finished, or in a resting state until somebody queues it again."""

    state: str


@dataclass(frozen=True)
class Again:
    """The row goes on: it is due again at `at`, with its attempts counted from zero."""

    at: datetime


@dataclass(frozen=True)
class Later:
    """It was not the row's turn: it is due again at `at`, and this does not count as an attempt. `why` stands on pages."""

    at: datetime
    why: str


@dataclass(frozen=True)
class Failed:
    """It was tried in vain: the row waits or is given up as if `work` had raised, but what `finish` wrote stays.

    `for_good` says that trying again cannot help.
    """

    why: str
    for_good: bool = False


Outcome = Ended | Again | Later | Failed

Row = TypeVar("Row")
Prepared = TypeVar("Prepared")
Result = TypeVar("Result")


class Work(ABC, Generic[Row, Prepared]):
    """The work of one queue, a row at a time. `prepare` runs in a transaction of the row's shop with the row locked.

    Any exception pushes the row back with a wait; GiveUp ends it. A worker may die anywhere: `prepare` may meet a row whose
    work was done but never recorded.
    """

    @abstractmethod
    def prepare(self, row: Row, now: datetime) -> Prepared | Outcome:
        """What the slow part needs as plain values, or an outcome when nothing slow is left to do."""


class Handler(Work[Row, Prepared], Generic[Row, Prepared, Result]):
    """Work in phases, so that nothing slow happens inside a transaction.

    `finish` runs like `prepare`, in a transaction with the row locked; `work` runs between them, outside any.
    """

    @abstractmethod
    def work(self, prepared: Prepared) -> Result:
        """The slow part: network, disk, rendering. No rows are at hand."""

    @abstractmethod
    def finish(self, row: Row, result: Result, now: datetime) -> Outcome:
        """Record the result."""


class Plain(Work[Row, Never]):
    """Work that fits into one transaction: it has no slow part."""

    def prepare(self, row: Row, now: datetime) -> Outcome:
        return self.act(row, now)

    @abstractmethod
    def act(self, row: Row, now: datetime) -> Outcome:
        """Do all of it, with the row locked."""


class Together(ABC, Generic[Row]):
    """Work that fits into one transaction and is the same for many: all claimed rows of one shop are worked at once.

    What `act` does is rows of this database alone. When it raises, all of it is undone and the rows are worked in halves, until
    the raising one stands alone and is pushed back; so `act` may meet the same row several times.
    """

    writes: ClassVar[tuple[str, ...]] = ()  # fields that `act` may change on its rows; they are saved with the outcomes

    @abstractmethod
    def act(self, rows: Sequence[Row], now: datetime) -> Sequence[Outcome]:
        """Do all of it, with the rows locked and in the order of their keys. An outcome a row, in the same order."""

    def after(self, rows: Sequence[Row], now: datetime) -> None:
        """What follows from the rows as they are written now; still in the same transaction."""


def wait_after(attempts: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """How long a row waits after its `attempts`-th failure (from 1): doubling from `first`, never above `longest`."""
    doublings = min(attempts - 1, 30)  # keeps the product within what a timedelta holds
    return min(first * (1 << doublings), longest)
