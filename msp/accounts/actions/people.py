"""What a person is in the shop. Rights follow at once: every request reads the membership anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from msp.accounts.choices import MembershipKind, Role
from msp.accounts.models import Membership, User
from msp.accounts.rules import Actor, roles_in_words
from msp.accounts.signals import membership_ended

from .telling import tell


class LastOwner(RuntimeError):
    """The shop would be left without an owner."""


def change_roles(*, actor: Actor, now: datetime, membership: Membership, roles: Iterable[str]) -> Membership:
    """Give a member of staff other roles. Raises LastOwner."""
    with transaction.atomic():
        membership, other_owners = _locked(membership)
        before, after = membership.roles, [role for role in Role if role in set(roles)]
        if set(before) == set(after):
            return membership
        if Role.OWNER in before and Role.OWNER not in after and not other_owners:
            raise LastOwner
        membership.roles = after
        membership.save(update_fields=["roles"])
        data = {"name": membership.name, "before": roles_in_words(before), "after": roles_in_words(after)}
        tell(actor=actor, verb="membership.roles_changed", subject=membership, now=now, data=data)
    return membership


def change_granted(*, actor: Actor, now: datetime, membership: Membership, granted: Iterable[str]) -> Membership:
    """Give a member exactly these rights beside the ones of their roles."""
    with transaction.atomic():
        membership = Membership.objects.select_for_update().get(pk=membership.pk)
        before, after = sorted(membership.granted), sorted(set(granted))
        if before == after:
            return membership
        membership.granted = after
        membership.save(update_fields=["granted"])
        data = {"name": membership.name, "before": before, "after": after}
        tell(actor=actor, verb="membership.rights_changed", subject=membership, now=now, data=data)
    return membership


def end_membership(*, actor: Actor, now: datetime, membership: Membership) -> Membership:
    """End what a person is in this shop, at once. Their sign-in and their other shops stay. Raises LastOwner."""
    with transaction.atomic():
        membership, other_owners = _locked(membership)
        if membership.ended_at is not None:
            return membership
        if Role.OWNER in membership.roles and not other_owners:
            raise LastOwner
        membership.ended_at = now
        membership.save(update_fields=["ended_at"])
        tell(actor=actor, verb="membership.ended", subject=membership, now=now, name=membership.name)
        membership_ended.send(sender=Membership, membership=membership, actor=actor, now=now)
    return membership


def save_profile(
    *, actor: Actor, now: datetime, membership: Membership, name: str, phone: str, signature: str, landing: str
) -> Membership:
    """How a person appears in this shop, and where their day begins (a URL name, or empty for the role's page)."""
    wanted = {"name": name, "phone": phone, "signature": signature, "landing": landing}
    changed = [field for field, value in wanted.items() if getattr(membership, field) != value]
    if changed:
        with transaction.atomic():
            for field in changed:
                setattr(membership, field, wanted[field])
            membership.save(update_fields=changed)
            tell(actor=actor, verb="membership.profile_changed", subject=membership, now=now, fields=changed)
    return membership


def save_preferences(*, user: User, language: str, theme: str, single_keys: bool) -> User:
    """How Mainstay speaks to a person in every shop. No shop's business, so no shop's activity log hears of it."""
    user.language, user.theme, user.single_keys = language, theme, single_keys
    user.save(update_fields=["language", "theme", "single_keys"])
    return user


def _locked(membership: Membership) -> tuple[Membership, list[Membership]]:
    """The membership as it is now, and the shop's other owners.

    All are locked in key order by one statement: two owners who end each other at the same time must neither both
    succeed nor wait for each other for ever.
    """
    owners = Q(kind=MembershipKind.STAFF, ended_at=None, roles__contains=[Role.OWNER.value])
    rows = Membership.objects.filter(owners | Q(pk=membership.pk)).order_by("pk").select_for_update()
    found = {row.pk: row for row in rows}
    return found.pop(membership.pk), list(found.values())
