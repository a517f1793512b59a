"""By when a query about a line is answered."""

from __future__ import annotations

from datetime import datetime

from clients.rules.calendars import NeverOpen
from clients.rules.holidays import Terms
from tickets.rules.clocks import Course, whole_minute

_MINUTES = 60


def answer_course(terms: Terms, always: Terms, hours: int, now: datetime) -> Course:
    """The clock of an answer: so many service hours from now; around the clock where the shop never opens."""
    course = Course(terms.calendar(), whole_minute(now), hours * _MINUTES)
    try:
        course.due_at  # noqa: B018  asked for its refusal
    except NeverOpen:
        return Course(always.calendar(always=True), whole_minute(now), hours * _MINUTES)
    return course
