"""What clients tell the apps above. All are sent inside the transaction and shop of the act; a receiver that raises undoes it."""

from __future__ import annotations

from django.dispatch import Signal

# A promise was made, kept, broken, paused, resumed, moved, cancelled, reopened or handed over. promise: Promise, actor: Actor,
# now: datetime. Sent with sender=Promise. Not for a warning: nothing about the promise has changed then.
promise_changed = Signal()

# The time of a stage has come. promise: Promise, stage: str, passed: tuple[str, ...], now: datetime. One signal a promise and
# sweep, for the latest stage: after days of being switched off several may have passed at once; `passed` names them all,
# the latest, `stage`, last. The stage "due" means that the promise broke; its promise_changed comes first.
promise_stage = Signal()

# A client or a contact has another name now. row: Client | Contact, actor: Actor, now: datetime. Sent with sender=type(row).
renamed = Signal()
