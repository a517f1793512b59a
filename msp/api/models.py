"""Tokens of programs, and the answers that a repeated request gets again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from msp.accounts.choices import ActorKind
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .choices import ApiScope, TokenKind


class ApiToken(TenantModel):
    """What lets a program in. Only the secret's hash is kept; the secret is shown once, to whoever made it.

    A personal one is a member's: it never does more than they may, and dies with their membership. A service token is the
    shop's, and does what its scopes say.
    """

    kind = models.CharField(max_length=10, choices=TokenKind.choices, editable=False)
    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    scopes = ArrayField(models.CharField(max_length=20, choices=ApiScope.choices))
    secret_hash = models.CharField(max_length=64, editable=False)
    made_by = models.CharField(max_length=120, editable=False)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)  # null: never
    used_at = models.DateTimeField(null=True, editable=False)  # to the minute
    revoked_at = models.DateTimeField(null=True, editable=False)
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one token

    class Meta(TenantModel.Meta):
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        indexes = [models.Index(fields=["tenant", "created_at"], name="api_token_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="personal", member__isnull=False) | Q(kind="service", member=None),
                name="api_token_whose",
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_token_has_scope"),
            models.UniqueConstraint(fields=["tenant", "form_key"], name="api_token_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_personal(self) -> bool:
        return self.kind == TokenKind.PERSONAL

    @property
    def lasts(self) -> timedelta | None:
        """For how long it was made; None: for ever."""
        return self.expires_at - self.created_at if self.expires_at else None

    def is_living(self, now: datetime) -> bool:
        """Neither revoked nor expired; says nothing about its member."""
        return self.revoked_at is None and not self.is_expired(now)

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def as_actor(self) -> Actor:
        """Who the activity log names: a personal token with whose it is. Asks for the member."""
        name = f"{self.member.name} ({self.name})" if self.member else self.name
        return Actor(ActorKind.TOKEN, str(self.pk), name[:120])


class Replay(TenantModel):
    """The answer to a post that came with an Idempotency-Key, kept with what the post did: it is there exactly when that is."""

    token = TenantForeignKey(ApiToken, on_delete=models.PROTECT, related_name="+", editable=False)
    key = models.CharField(max_length=100, editable=False)
    mark = models.CharField(max_length=64, editable=False)  # rules.mark_of_request
    status = models.PositiveSmallIntegerField(null=True, editable=False)  # null while it is being worked
    body = models.TextField(blank=True, editable=False)  # JSON
    created_at = models.DateTimeField(editable=False)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "created_at"], name="api_replay_oldest")]
        constraints = [models.UniqueConstraint(fields=["tenant", "token", "key"], name="api_replay_once")]

    def __str__(self) -> str:
        return self.key
