"""Signing and finding the names of conversations, in the current shop."""

from __future__ import annotations

from django.conf import settings
from django.utils.encoding import force_bytes

from msp.mail.models import InboundMessage
from msp.mail.rules.threads import Claim, claims_in, token_for
from msp.tenancy.context import current_scope


def thread_token(name: str) -> str:
    """The signed form of a conversation's name, to be carried by our mail about it."""
    return token_for(name, current_scope().tenant_id, force_bytes(settings.SECRET_KEY))


def claims_of(message: InboundMessage) -> list[Claim]:
    """The conversations of the current shop that the message rightly names. Another shop's signature counts for nothing."""
    keys = [force_bytes(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    ids = [message.in_reply_to, *message.references.split()]
    return claims_in([message.envelope_to, *message.to], ids, current_scope().tenant_id, keys)
