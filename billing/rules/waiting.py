"""Why finished work is on no invoice yet, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from billing.choices import Grouping


class Turn(StrEnum):
    """Who has to do something."""

    MAINSTAY = "mainstay"
    OFFICE = "office"
    OWNER = "owner"
    APPROVER = "approver"


@dataclass(frozen=True)
class WorkFacts:
    """What is known of one client's unbilled finished work. `drafted_at`: when it drafts itself, None: it does not."""

    lacks_rate: bool = False
    lacks_tax: bool = False
    waiting_part: str = ""  # whose price somebody must agree to
    automatic: bool = True
    grouping: str = Grouping.JOB
    drafted_at: datetime | None = None
    refused: str = ""
    discarded: bool = False
    on_draft: bool = False


@dataclass(frozen=True)
class Waits:
    """In words, with the time it is about: a page adds that in the reader's zone."""

    why: str
    turn: Turn
    until: datetime | None = None
    send_by: datetime | None = None  # by when its invoice is promised to be out

    @property
    def whose(self) -> str:
        return {
            Turn.MAINSTAY: _("Mainstay does it"),
            Turn.OFFICE: _("The office's turn"),
            Turn.OWNER: _("For whoever may change the settings"),
            Turn.APPROVER: _("For whoever approves invoices"),
        }[self.turn]


def why_not_billed(facts: WorkFacts) -> Waits:
    """The one thing to do or to wait for."""
    return next(_reasons(facts))


def _reasons(facts: WorkFacts) -> Iterator[Waits]:
    """What stands in the way, the first thing first."""
    if facts.lacks_rate:
        yield Waits(_("No hourly rate is set"), Turn.OWNER)
    if facts.lacks_tax:
        yield Waits(_("No tax rate is set"), Turn.OWNER)
    if facts.waiting_part:
        yield Waits(_("The price of “%s” lies outside the margin band") % facts.waiting_part, Turn.APPROVER)
    if facts.refused:
        yield Waits(facts.refused, Turn.OFFICE)
    if facts.discarded:
        yield Waits(_("Its draft was discarded"), Turn.OFFICE)
    if facts.on_draft:
        yield Waits(_("Worked on after it was drafted"), Turn.OFFICE)
    if facts.drafted_at is not None:
        yield Waits(_drafts_itself(facts.grouping), Turn.MAINSTAY, facts.drafted_at)
    if not facts.automatic:
        yield Waits(_("Your shop drafts by hand"), Turn.OFFICE)
    yield Waits(_("Nobody has drafted it"), Turn.OFFICE)


def _drafts_itself(grouping: str) -> str:
    if grouping == Grouping.WEEKLY:
        return _("Billed when the client's week is over")
    return _("Billed when the client's month is over") if grouping == Grouping.MONTHLY else _("It is drafted by itself")
