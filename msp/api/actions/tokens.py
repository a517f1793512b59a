"""Tokens: made, used, revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.api.choices import ApiScope, TokenKind
from msp.api.models import ApiToken
from msp.audit.actions import record
from msp.tenancy.context import current_scope
from msp.tenancy.tokens import Token

USE_IS_NOTED = timedelta(minutes=1)  # at most so often


def make_token(
    *, actor: Actor, now: datetime, member: Membership | None, name: str, scopes: Iterable[str], days: int
) -> tuple[ApiToken, Token]:
    """A token of a member, or of the shop (None), and its text, which nobody can read again. `days` 0: it never expires."""
    kind = TokenKind.PERSONAL if member else TokenKind.SERVICE
    chosen = [scope.value for scope in ApiScope if scope in set(scopes)]
    until = now + timedelta(days=days) if days else None
    row = ApiToken(kind=kind, member=member, name=name, scopes=chosen, expires_at=until, created_at=now)
    text = Token.new(current_scope().tenant_id, row.pk)
    row.secret_hash, row.made_by = text.hash, actor.name
    with transaction.atomic():
        row.save(force_insert=True)
        data = {"name": name, "scopes": ", ".join(chosen)}
        record(actor=actor, verb="api_token.made", subject=row, now=now, data=data)
    return row, text


def revoke_token(*, actor: Actor, now: datetime, token: ApiToken) -> ApiToken:
    """Let a token open nothing any more, at once."""
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().get(pk=token.pk)
        if token.revoked_at is None:
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])
            record(actor=actor, verb="api_token.revoked", subject=token, now=now, data={"name": token.name})
    return token


def note_use(*, now: datetime, token: ApiToken) -> None:
    """Remember when a token was used, without an entry and to the minute: a row written by every request would be a queue."""
    stale = Q(used_at=None) | Q(used_at__lte=now - USE_IS_NOTED)
    if token.used_at is None or token.used_at <= now - USE_IS_NOTED:
        ApiToken.objects.filter(stale, pk=token.pk).update(used_at=now)
