"""Tokens as the settings pages list them."""

from __future__ import annotations

from django.db.models import QuerySet

from msp.accounts.models import Membership

from .choices import TokenKind
from .models import ApiToken


def own_tokens(me: Membership) -> QuerySet[ApiToken]:
    """A member's personal tokens, newest first, those that were revoked left out."""
    return ApiToken.objects.filter(member=me, revoked_at=None).order_by("-created_at", "-id")


def service_tokens() -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(kind=TokenKind.SERVICE, revoked_at=None).order_by("-created_at", "-id")


def tokens_of_people() -> QuerySet[ApiToken]:
    """Personal tokens of everybody who works here, newest first."""
    rows = ApiToken.objects.filter(kind=TokenKind.PERSONAL, revoked_at=None, member__ended_at=None)
    return rows.select_related("member").order_by("-created_at", "-id")
