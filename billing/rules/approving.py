"""Whether one person is enough to let an invoice go, and who may be the second."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _


class Step(StrEnum):
    """What an approval would be."""

    ENOUGH = "enough"  # the last that is needed
    FIRST = "first"  # somebody else must follow


@dataclass(frozen=True)
class Hands:
    """Who had an invoice in hand, by the ids of actors; empty: nobody. `limit` None: one person is always enough."""

    total: Decimal
    limit: Decimal | None
    changed_by: str  # whoever drafted it or changed it last
    first_by: str = ""

    @property
    def needs_two(self) -> bool:
        return self.limit is not None and self.total > self.limit

    @property
    def step(self) -> Step:
        return Step.FIRST if self.needs_two and not self.first_by else Step.ENOUGH

    def refuses(self, person: str) -> str:
        """Why this person may not give the approval that is missing; empty: they may."""
        if self.step == Step.FIRST or not self.needs_two:
            return ""
        if person == self.first_by:
            return _("You approved it first. Above your shop's limit a second person must.")
        if person == self.changed_by:
            return _("You drafted it or changed it last. Above your shop's limit somebody else must approve it, too.")
        return ""
