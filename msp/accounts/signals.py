"""What accounts tells the apps above it. Every signal is sent by an action, inside its transaction and shop; a receiver that
raises undoes the act."""

from __future__ import annotations

from django.dispatch import Signal

# Somebody did something. actor: Actor, verb: str, subject: TenantModel, now: datetime, data: dict. The activity log, which
# stands above accounts, writes its entry from this; the sentences are registry.SENTENCES.
acted = Signal()

# A shop was made. tenant: Tenant, actor: Actor, now: datetime. Each app makes its own one-row settings.
shop_created = Signal()

# A mail is to be sent. letter: rules.Letter, now: datetime. May be sent outside any shop's scope. Its text holds a secret:
# who carries it shows it to nobody, forgets it once it is sent, and uses the installation's mail server, never a shop's.
letter_written = Signal()

# Somebody is not part of a shop any more. membership: Membership (ended), actor: Actor, now: datetime.
membership_ended = Signal()
