"""Whether a draft needs the client's own approval, and what exactly was approved. Pure; amounts before tax."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.choices import Consent

from .signing import plain


@dataclass(frozen=True)
class Shown:
    """A line as the approver reads it."""

    description: str
    detail: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {name: plain(value) for name, value in vars(self).items()}


def fingerprint(currency: str, lines: Iterable[Shown]) -> str:
    """SHA-256 of what is charged, for what: another wording of the details asks nobody again, another price does."""
    said = [[line.description, plain(line.quantity), plain(line.unit_price)] for line in lines]
    text = json.dumps([currency, said], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Need:
    """A draft above the client's limit. `state`: what became of asking so far, empty when nobody was asked.

    `is_same`: that was about the lines as they stand now. `words`: what the client said with it.
    """

    limit: Decimal
    approver: str
    state: str = ""
    is_same: bool = False
    words: str = ""

    @property
    def is_met(self) -> bool:
        return self.state == Consent.APPROVED and self.is_same

    def why(self, net: Decimal) -> str:
        """Why it may not go yet, in words."""
        figures = {"net": plain(net), "limit": plain(self.limit), "who": self.approver}
        if self.approver:
            said = _("It comes to %(net)s before tax; above %(limit)s %(who)s wants to approve it.") % figures
        else:
            said = _("It comes to %(net)s before tax; above %(limit)s somebody of theirs must approve it.") % figures
        return f"{said} {self._so_far()}".strip()

    def _so_far(self) -> str:
        if self.state in {Consent.ASKED, Consent.APPROVED} and not self.is_same:
            return _("It was changed since then: ask again.")
        if self.state == Consent.ASKED:
            return _("They were asked and have not answered yet.")
        if self.state == Consent.DECLINED:
            return _("They said no: “%s”.") % self.words
        return ""
