"""The demo's time: stories told in order on a simulated clock, and row keys that follow it."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import connection

from msp.tenancy.ids import uuid7

# A story acts, then yields when it goes on. It finds that time on the clock when it does.
Story: TypeAlias = Iterator[datetime]

_ORDER = 4096  # keys made in the same millisecond sort in the order they were made


@dataclass
class Clock:
    """What time it is in the demo."""

    now: datetime


class Timeline:
    """Tells stories together, each at its time, until `end`; what would come later is never told."""

    def __init__(self, clock: Clock, end: datetime) -> None:
        self.clock = clock
        self.end = end
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._added = 0

    def add(self, at: datetime, story: Story) -> None:
        """Begin `story` at `at`. A time that has passed means now."""
        self._added += 1
        heapq.heappush(self._waiting, (max(at, self.clock.now), self._added, story))

    def run(self) -> None:
        while self._waiting and self._waiting[0][0] <= self.end:
            self.clock.now, _, story = heapq.heappop(self._waiting)
            following = next(story, None)
            if following is not None:
                self.add(following, story)


@contextmanager
def savepoints(wanted: bool) -> Iterator[None]:
    """Whether acts inside set savepoints.

    The demo is one transaction that is kept or given up as a whole: without them a quarter of the round trips falls away.
    They are needed around an act whose refusal is answered; elsewhere a refusal ends the whole transaction, loudly.
    """
    before, connection.features.uses_savepoints = connection.features.uses_savepoints, wanted
    try:
        yield
    finally:
        connection.features.uses_savepoints = before


def seeded_ids(seed: str, clock: Clock) -> Callable[[], UUID]:
    """A source for `ids_from`: the same seed and times give the same keys."""
    source = random.Random(f"{seed}/ids")
    made = 0

    def next_id() -> UUID:
        nonlocal made
        made += 1
        randomness = (made % _ORDER) << 62 | source.getrandbits(62)
        return uuid7(int(clock.now.timestamp() * 1000), randomness)

    return next_id
