"""How many letters somebody may cause: whoever signs in can write to any address, and must not flood one."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from django.core.cache import cache
from django.utils.translation import gettext as _

from msp.accounts.choices import ActorKind
from msp.accounts.rules import Actor
from msp.tenancy.context import current_scope

OF_ONE = (40, timedelta(hours=1))  # letters that one person causes: enough for a whole staff on the first day
TO_ONE = (5, timedelta(days=1))  # letters of one shop to one address


class TooManyLetters(RuntimeError):
    """The text says why and until when."""


def count_letter(*, actor: Actor, to: str, now: datetime) -> None:
    """Count one letter, in the caller's transaction. Raises TooManyLetters. Mainstay itself is not limited."""
    if actor.kind == ActorKind.SYSTEM:
        return
    shop = current_scope().tenant_id
    _count(
        f"{shop}.to.{to.lower()}",
        TO_ONE,
        now,
        _("Enough was written to %(to)s today. Try again tomorrow.") % {"to": to},
    )
    _count(f"{shop}.of.{actor.id}", OF_ONE, now, _("You have invited very many within the hour. Go on a little later."))


def _count(what: str, limit: tuple[int, timedelta], now: datetime, refusal: str) -> None:
    number, period = limit
    key = f"letters.{sha256(what.encode()).hexdigest()}"
    times = [at for at in cache.get(key, []) if at > now - period]
    if len(times) >= number:
        raise TooManyLetters(refusal)
    cache.set(key, [*times, now], period.total_seconds())
