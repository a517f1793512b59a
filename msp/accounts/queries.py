"""What pages ask about the shop and its people."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from msp.tenancy.kept import kept

from .choices import Capability, MembershipKind
from .models import Invitation, Membership, ShopSettings


@kept(ShopSettings)
def settings_of_shop() -> ShopSettings:
    """The settings row of the shop in scope, without the logo's bytes; the defaults where there is none yet."""
    return ShopSettings.objects.defer("logo").first() or ShopSettings()


def shop_settings(request: HttpRequest) -> ShopSettings:
    """The shop's settings row, read once a request and without the logo's bytes. Needs a request inside a shop."""
    found: ShopSettings | None = getattr(request, "shop_settings", None)
    if found is None:
        found = settings_of_shop()
        request.shop_settings = found  # type: ignore[attr-defined]
    return found


def staff() -> QuerySet[Membership]:
    """Everybody who works in the shop now, by name, with their sign-in."""
    return (
        Membership.objects.filter(kind=MembershipKind.STAFF, ended_at=None)
        .select_related("user")
        .order_by("name", "id")
    )


def waiting_invitations(kind: MembershipKind) -> QuerySet[Invitation]:
    """Invitations that nobody has accepted yet, newest first; some may have expired."""
    return Invitation.objects.filter(kind=kind, accepted_at=None, withdrawn_at=None).order_by("-created_at", "-id")


def company_is_said() -> bool:
    """Whether the shop has said where its company is."""
    return ShopSettings.objects.exclude(address="").exists()


def brand_is_set() -> bool:
    return ShopSettings.objects.exclude(logo_hash="").exists()


def staff_is_growing() -> bool:
    """Whether anybody beside the first owner works here or was asked to."""
    return staff()[1:2].exists() or waiting_invitations(MembershipKind.STAFF).exists()


def first_steps_link(request: HttpRequest) -> dict[str, Any] | None:
    """The top bar's link to the first steps: for those who may take them, until the page is put away."""
    me: Membership = request.membership  # type: ignore[attr-defined]
    open_still = shop_settings(request).start_dismissed_at is None
    return {} if open_still and me.can(Capability.SETTINGS_MANAGE) else None
