from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tickets.choices import OPEN, PORTAL_STATUS, TRANSITIONS, PortalStatus, Status
from tickets.rules import Stretch, day_bounds, gaps_between, queue_at, waiting_since

DAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


def test_a_deadline_decides_the_place_in_the_queue() -> None:
    place = queue_at(status="new", next_clock_at=at(9), client_waiting_since=at(8), changed_at=at(7))
    assert place == at(9)


def test_without_a_deadline_the_longest_waiting_client_comes_first() -> None:
    def place(status: str, waiting: datetime | None) -> datetime:
        return queue_at(status=status, next_clock_at=None, client_waiting_since=waiting, changed_at=at(7))

    ours, theirs = place("in_progress", None), place("waiting_client", None)
    assert place("new", at(5)) < place("in_progress", at(6)) < ours < theirs


@pytest.mark.parametrize(
    ("turns", "since"),
    [
        ([], None),
        ([(at(8), True)], at(8)),
        ([(at(8), True), (at(9), True)], at(8)),
        ([(at(8), True), (at(9), False)], None),
        ([(at(8), True), (at(9), False), (at(10), True), (at(11), True)], at(10)),
    ],
)
def test_the_client_waits_since_the_first_word_without_an_answer(
    turns: list[tuple[datetime, bool]], since: datetime | None
) -> None:
    assert waiting_since(turns) == since


def test_every_status_has_a_word_for_clients_and_a_way_on() -> None:
    assert set(PORTAL_STATUS) == set(TRANSITIONS) == set(Status)
    assert PORTAL_STATUS[Status.SOLVED] is PortalStatus.DONE
    assert PortalStatus.DONE not in {PORTAL_STATUS[status] for status in OPEN}
    assert all(Status.NEW not in onward and status not in onward for status, onward in TRANSITIONS.items())
    assert all(Status.SOLVED in TRANSITIONS[status] for status in OPEN)


def test_gaps_lie_between_the_work_and_up_to_now() -> None:
    worked = [Stretch(at(11), at(12)), Stretch(at(9), at(10)), Stretch(at(9, 30), at(10, 15))]
    assert gaps_between(worked) == [Stretch(at(10, 15), at(11))]
    assert gaps_between(worked, at(13))[-1] == Stretch(at(12), at(13))
    assert gaps_between(worked, at(12, 9)) == [Stretch(at(10, 15), at(11))]
    assert gaps_between([], at(13)) == []


def test_the_day_bar_widens_for_work_at_odd_hours() -> None:
    assert day_bounds(DAY, []) == Stretch(at(8), at(18))
    assert day_bounds(DAY, [Stretch(at(6, 20), at(7)), Stretch(at(17), at(19, 5))]) == Stretch(at(6), at(19, 5))
