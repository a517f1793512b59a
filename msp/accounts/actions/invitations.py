"""Asking people in, and letting them in. An account arises here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from msp.accounts.choices import MembershipKind
from msp.accounts.models import Invitation, Membership, User
from msp.accounts.registry import ON_ACCEPTED
from msp.accounts.rules import Actor, Letter
from msp.accounts.signals import letter_written
from msp.tenancy.ids import new_id
from msp.tenancy.models import current_tenant
from msp.tenancy.tokens import Token

from .limits import count_letter
from .telling import tell

GOOD_FOR = timedelta(days=14)


class InvitationClosed(RuntimeError):
    """The invitation was accepted, withdrawn or replaced, or has expired."""


class AddressTaken(RuntimeError):
    """The invited address has an account: its owner signs in and accepts as themselves."""


class Invited(NamedTuple):
    """An invitation and its link, which is known here alone: afterwards only the mail holds it."""

    invitation: Invitation
    link: str


def invite_person(
    *,
    actor: Actor,
    now: datetime,
    email: str,
    name: str,
    kind: MembershipKind = MembershipKind.STAFF,
    roles: Iterable[str] = (),
    granted: Iterable[str] = (),
    subject_id: UUID | None = None,
) -> Invited:
    """Ask someone to join the current shop and write to them. Open invitations for the same place are withdrawn: of a
    contact every one, whatever address it went to.

    Whether the address has an account makes no difference, so that a shop cannot find out. `subject_id` is the contact
    for whom a client's person is invited; registry.ON_ACCEPTED hears it when they accept. Raises TooManyLetters.
    """
    email = email.strip().lower()
    with transaction.atomic():
        place = {"kind": kind, "subject_id": subject_id} | ({} if subject_id else {"email": email})
        for older in _open(now).filter(**place).select_for_update():
            older.withdrawn_at = now
            older.save(update_fields=["withdrawn_at"])
        invitation = Invitation(
            id=new_id(),
            email=email,
            kind=kind,
            name=name,
            roles=list(roles),
            granted=list(granted),
            subject_id=subject_id,
            invited_by=actor.name,
            created_at=now,
        )
        link = _write_to(invitation, actor, now)
        invitation.save(force_insert=True)
        tell(actor=actor, verb="invitation.sent", subject=invitation, now=now, name=name, email=email)
    return Invited(invitation, link)


def resend_invitation(*, actor: Actor, now: datetime, invitation: Invitation) -> Invited:
    """Write again with a fresh link; the old one stops working. Raises InvitationClosed unless it may still be accepted
    or has only expired, and TooManyLetters."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.accepted_at or invitation.withdrawn_at:
            raise InvitationClosed
        link = _write_to(invitation, actor, now)
        invitation.save(update_fields=["secret_hash", "expires_at"])
        data = {"name": invitation.name, "email": invitation.email}
        tell(actor=actor, verb="invitation.sent_again", subject=invitation, now=now, data=data)
    return Invited(invitation, link)


def withdraw_invitation(*, actor: Actor, now: datetime, invitation: Invitation) -> Invitation:
    """Take the invitation back. Raises InvitationClosed once it was accepted; withdrawing twice changes nothing."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.accepted_at:
            raise InvitationClosed
        if invitation.withdrawn_at is None:
            invitation.withdrawn_at = now
            invitation.save(update_fields=["withdrawn_at"])
            tell(actor=actor, verb="invitation.withdrawn", subject=invitation, now=now, name=invitation.name)
    return invitation


def withdraw_for(*, actor: Actor, now: datetime, subject_ids: Iterable[UUID]) -> int:
    """Take back every open invitation of these contacts; returns how many there were."""
    with transaction.atomic():
        found = list(_open(now).filter(subject_id__in=list(subject_ids)).order_by("pk").select_for_update())
        for invitation in found:
            withdraw_invitation(actor=actor, now=now, invitation=invitation)
    return len(found)


def accept_as_new(*, now: datetime, invitation: Invitation, name: str, password: str) -> Membership:
    """Make the account and the membership. The address counts as verified: the link came from its mailbox.

    Raises InvitationClosed, AddressTaken. Runs in the invitation's shop; the actor is who accepts.
    """
    with transaction.atomic():
        invitation = _claim(invitation, now)
        user = User(email=invitation.email, created_at=now)
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError as error:
            raise AddressTaken from error
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return _join(invitation, user, name, now)


def accept_as_user(*, now: datetime, invitation: Invitation, user: User) -> Membership:
    """Make the signed-in owner of the invited address a member. Who already is one keeps their membership and gains roles.

    Raises InvitationClosed, AddressTaken when `user` is not the one invited.
    """
    if user.email != invitation.email:
        raise AddressTaken
    with transaction.atomic():
        invitation = _claim(invitation, now)
        return _join(invitation, user, invitation.name, now)


def _open(now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


def _claim(invitation: Invitation, now: datetime) -> Invitation:
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not invitation.is_open(now):
        raise InvitationClosed
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    return invitation


def _join(invitation: Invitation, user: User, name: str, now: datetime) -> Membership:
    member = None
    if invitation.kind == MembershipKind.STAFF:
        member = Membership.objects.filter(user=user, kind=invitation.kind, ended_at=None).first()
    if member:
        member.roles = list(dict.fromkeys([*member.roles, *invitation.roles]))
        member.save(update_fields=["roles"])
    else:
        member = Membership.objects.create(
            user=user,
            kind=invitation.kind,
            name=name,
            roles=invitation.roles,
            granted=invitation.granted,
            created_at=now,
        )
    for linked in ON_ACCEPTED:
        if invitation.subject_id is not None:
            linked(invitation.subject_id, member)
    tell(actor=member.as_actor(), verb="membership.begun", subject=member, now=now)
    return member


def _write_to(invitation: Invitation, actor: Actor, now: datetime) -> str:
    """Give the invitation a fresh secret and fortnight, and write the mail; returns the link."""
    count_letter(actor=actor, to=invitation.email, now=now)
    tenant = current_tenant()
    token = Token.new(tenant.pk, invitation.pk)
    invitation.secret_hash, invitation.expires_at = token.hash, now + GOOD_FOR
    link = tenant.absolute_url(reverse("accounts:join", kwargs={"invitation_token": str(token)}))
    context = {"invitation": invitation, "shop": tenant.name, "link": link}
    subject, _, text = render_to_string("accounts/mail/invitation.txt", context).partition("\n")
    purpose, good_until = f"invitation:{invitation.pk}:{token.hash[:16]}", invitation.expires_at
    letter = Letter(purpose, tenant.pk, invitation.email, subject, text.strip(), good_until, link)
    letter_written.send(sender=Invitation, letter=letter, now=now)
    return link
