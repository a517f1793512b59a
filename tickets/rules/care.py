"""When a sore client has healed: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.choices import BoostEnd

BOOST_BY = timedelta(hours=4)  # so much earlier a boosted ticket stands in the queues: about what one priority is worth
LONGEST_BOOST = 60  # days
MOST_BOOSTED = 5  # clients at a time; when everybody comes first, nobody does
LOOK_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Healing:
    """How far it is: good ratings of those asked for, and since when no promise broke."""

    good: int
    wanted: int
    quiet_since: datetime
    quiet_days: int
    until: datetime

    def over(self, now: datetime) -> BoostEnd | None:
        """Why it is over, or None while it goes on."""
        if now >= self.until:
            return BoostEnd.EXPIRED
        is_quiet = now - self.quiet_since >= timedelta(days=self.quiet_days)
        return BoostEnd.HEALED if is_quiet and self.good >= self.wanted else None

    def look_again_at(self, now: datetime) -> datetime:
        return min(self.until, now + LOOK_EVERY)
