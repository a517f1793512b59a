"""What a request may reach among people and invitations."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from msp.tenancy.tokens import Token

from .choices import MembershipKind
from .models import Invitation, Membership, User
from .queries import shop_settings


def colleague_or_404(membership_id: UUID) -> Membership:
    """A living member of staff of this shop."""
    return get_object_or_404(Membership, pk=membership_id, kind=MembershipKind.STAFF, ended_at=None)


def staff_invitation_or_404(invitation_id: UUID) -> Invitation:
    """An invitation to this shop's staff that is neither accepted nor withdrawn; it may have expired."""
    return get_object_or_404(
        Invitation, pk=invitation_id, kind=MembershipKind.STAFF, accepted_at=None, withdrawn_at=None
    )


def invitation_of(token: Token) -> Invitation | None:
    """The invitation that a link names, if the link's secret is right. Needs the scope of the token's shop."""
    found = Invitation.objects.select_related("tenant").filter(pk=token.row_id).first()
    return found if found is not None and token.matches(found.secret_hash) else None


def own_membership_or_404(request: HttpRequest, membership_id: UUID) -> Membership:
    """One of the signed-in person's living memberships that this host allows."""
    mine: list[Membership] = getattr(request, "memberships", [])
    for row in mine:
        if row.pk == membership_id:
            return row
    raise Http404


def has_second_factor(user: User) -> bool:
    """Whether signing in takes more than a password or a mailed code: recovery codes alone are none."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))


def second_factor_first(request: HttpRequest) -> str | None:
    """A gate (see doors.GATES): where staff must go before any page while their shop asks for a second factor they lack."""
    assert isinstance(request.user, User)
    me: Membership = request.membership  # type: ignore[attr-defined]
    if not me.is_staff_member or not shop_settings(request).staff_mfa_required:
        return None
    return None if has_second_factor(request.user) else reverse("accounts:second-factor")
