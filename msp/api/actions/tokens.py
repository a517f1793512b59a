"""Tokens: made, used, revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.api.choices import ApiScope, TokenKind
from msp.api.models import ApiToken
from msp.audit.actions import record
from msp.tenancy.context import current_scope
from msp.tenancy.once import made_by
from msp.tenancy.tokens import Token

USE_IS_NOTED = timedelta(minutes=1)  # at most so often
PRESSED_TWICE = timedelta(seconds=10)  # what comes later is the page sent anew


class AlreadyMade(Exception):
    """This form has made its token before, whose text was shown then."""


def make_token(
    *,
    actor: Actor,
    now: datetime,
    member: Membership | None,
    name: str,
    scopes: Iterable[str],
    days: int,
    form_key: UUID | None = None,
) -> tuple[ApiToken, Token]:
    """A token of a member, or of the shop (None), and its text, which nobody can read again. `days` 0: it never expires.

    A form that is sent again at once gives its token another text: who pressed twice never saw the first. Raises AlreadyMade
    when it comes later, or when the token was used or revoked meanwhile.
    """
    kind = TokenKind.PERSONAL if member else TokenKind.SERVICE
    chosen = [scope.value for scope in ApiScope if scope in set(scopes)]
    lasts = timedelta(days=days) if days else None
    said = {"member_id": member and member.pk, "name": name, "scopes": chosen, "lasts": lasts}
    with transaction.atomic():
        twin, key = made_by(ApiToken.objects.select_for_update(), form_key, **said)
        if twin:
            return twin, _another_text(twin, now)
        row = ApiToken(kind=kind, member=member, name=name, scopes=chosen, created_at=now, form_key=key)
        row.expires_at, row.made_by = now + lasts if lasts else None, actor.name
        text = _new_text(row)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:  # the same form at the same moment: its token is there now
            if key is None:
                raise
            return make_token(
                actor=actor, now=now, member=member, name=name, scopes=chosen, days=days, form_key=form_key
            )
        data = {"name": name, "scopes": ", ".join(chosen)}
        record(actor=actor, verb="api_token.made", subject=row, now=now, data=data)
    return row, text


def _another_text(token: ApiToken, now: datetime) -> Token:
    if token.used_at or token.revoked_at or now - token.created_at > PRESSED_TWICE:
        raise AlreadyMade
    text = _new_text(token)
    token.save(update_fields=["secret_hash"])
    return text


def _new_text(token: ApiToken) -> Token:
    text = Token.new(current_scope().tenant_id, token.pk)
    token.secret_hash = text.hash
    return text


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
