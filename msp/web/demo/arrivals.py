"""When requests come in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from .shop import Shop

_WEEKDAY = (1.35, 1.1, 1.0, 0.95, 0.85, 0.08, 0.06)  # shares of Monday to Sunday
# Hour of the day, spread in hours, share: the morning, after lunch, all day, the evening.
_TIMES = ((9.3, 0.8, 55), (14.2, 1.1, 25), (11.5, 3.0, 16), (19.5, 1.5, 4))


def arrivals(shop: Shop) -> Iterator[datetime]:
    """Busy mornings, long Mondays, little at night, and a few in the last hours before now."""
    chances, end, days = shop.chances("arrivals"), shop.timeline.end, shop.plan.days
    recent = min(6, shop.plan.tickets // 8)
    dates = [(end - timedelta(days=back)).astimezone(shop.hours.zone).date() for back in range(days)]
    weights = [_WEEKDAY[day.weekday()] for day in dates]
    told = 0
    while told < shop.plan.tickets - recent:
        midnight = shop.hours.at(chances.choices(dates, weights)[0], datetime.min.time())
        at = midnight + _time_of_day(chances)
        if shop.clock.now <= at <= end:
            told += 1
            yield at
    for _ in range(recent):
        yield end - timedelta(hours=chances.uniform(0.05, 5.5))


def _time_of_day(chances: random.Random) -> timedelta:
    hour, spread, _ = chances.choices(_TIMES, [share for _, _, share in _TIMES])[0]
    return timedelta(hours=min(max(chances.gauss(hour, spread), 0.2), 23.5))
