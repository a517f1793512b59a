"""Whether a request may come in, and which tokens a person may see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from msp.accounts.access import has_second_factor
from msp.accounts.choices import Role
from msp.accounts.models import Membership, ShopSettings
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant
from msp.tenancy.tokens import Token

from .actions import note_use
from .models import ApiToken
from .requests import Caller
from .rules import Refusal

NO_TOKEN = Refusal(401, "no_token", _("Send a token: “Authorization: Bearer <token>”."))
WRONG_TOKEN = Refusal(
    401, "wrong_token", _("This token opens nothing. Perhaps it was cut off, or it is another shop's.")
)
EXPIRED = Refusal(401, "expired_token", _("This token has expired. Make a new one."))
REVOKED = Refusal(401, "revoked_token", _("This token was revoked."))
NO_FACTOR = Refusal(403, "second_factor", _("The shop asks for a second factor. Sign in and set one up first."))
SCHEME = "bearer "


def caller_of(request: HttpRequest, now: datetime) -> Caller | Refusal:
    """Who calls, by the Authorization header alone: a browser's session counts for nothing here."""
    given = request.headers.get("Authorization", "")
    if not given:
        return NO_TOKEN
    token = Token.parse(given[len(SCHEME) :].strip()) if given.lower().startswith(SCHEME) else None
    here: Tenant | None = getattr(request, "host_tenant", None)
    if token is None or (here is not None and here.pk != token.tenant_id):
        return WRONG_TOKEN
    with enter(system_scope(token.tenant_id)):
        return _known(token, now)


def _known(token: Token, now: datetime) -> Caller | Refusal:
    row = ApiToken.objects.select_related("member__user").filter(pk=token.row_id).first()
    if row is None or not token.matches(row.secret_hash):
        return WRONG_TOKEN
    if row.revoked_at is not None or not _is_at_work(row.member):
        return REVOKED
    if row.is_expired(now):
        return EXPIRED
    shop = ShopSettings.objects.only("language", "staff_mfa_required").first() or ShopSettings()
    if row.member is not None and shop.staff_mfa_required and not has_second_factor(row.member.user):
        return NO_FACTOR
    note_use(now=now, token=row)
    return Caller(row, row.member.user.language if row.member else shop.language)


def _is_at_work(member: Membership | None) -> bool:
    """A personal token lives as long as its membership; a service token has none."""
    return member is None or (member.ended_at is None and member.is_staff_member and member.user.is_active)


def own_token_or_404(me: Membership, api_token_id: UUID) -> ApiToken:
    return get_object_or_404(ApiToken, pk=api_token_id, member=me)


def token_or_404(api_token_id: UUID) -> ApiToken:
    return get_object_or_404(ApiToken, pk=api_token_id)


def owner_or_refuse(me: Membership) -> None:
    """What a service token may do is up to the owner alone: whoever makes one could give it more than they have."""
    if Role.OWNER not in me.roles:
        raise PermissionDenied
