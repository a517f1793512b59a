"""Settings: people and their rights."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.access import colleague_or_404, staff_invitation_or_404
from msp.accounts.actions import (
    LastOwner,
    TooManyLetters,
    change_roles,
    end_membership,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from msp.accounts.choices import Capability, MembershipKind, Role
from msp.accounts.doors import staff
from msp.accounts.forms import InviteForm, RolesForm
from msp.accounts.queries import staff as everybody
from msp.accounts.queries import waiting_invitations
from msp.accounts.requests import StaffRequest
from msp.accounts.rules import CAPABILITIES


@require_safe
@staff(Capability.PEOPLE_MANAGE)
def people(request: StaffRequest) -> HttpResponseBase:
    """Who works here, who was invited, and what each role may do."""
    context = {
        "people": everybody(),
        "invitations": waiting_invitations(MembershipKind.STAFF),
        "now": timezone.now(),
        "roles": [Role(role).label for role in Role],
        "matrix": [(right.label, [right in CAPABILITIES[role] for role in Role]) for right in Capability],
    }
    return render(request, "accounts/people.html", context)


@require_http_methods(["GET", "POST"])
@staff(Capability.PEOPLE_MANAGE)
def invite(request: StaffRequest) -> HttpResponseBase:
    form = InviteForm(request.POST or None, me=request.membership)
    if not form.is_valid():
        return render(request, "accounts/invite.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        invited = invite_person(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    except TooManyLetters as reason:
        form.add_error(None, str(reason))
        return render(request, "accounts/invite.html", {"form": form}, status=422)
    messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": invited.invitation.email})
    return redirect("accounts:people")


@require_http_methods(["GET", "POST"])
@staff(Capability.PEOPLE_MANAGE)
def person(request: StaffRequest, membership_id: UUID) -> HttpResponseBase:
    """One colleague's roles."""
    colleague = colleague_or_404(membership_id)
    form = RolesForm(
        request.POST or None, me=request.membership, before=colleague.roles, initial={"roles": colleague.roles}
    )
    if form.is_valid():
        try:
            change_roles(actor=request.actor, now=timezone.now(), membership=colleague, **form.cleaned_data)
        except LastOwner:
            form.add_error("roles", _("This is the only owner. Make somebody else an owner first."))
        else:
            messages.success(request, _("The roles of %(name)s are saved.") % {"name": colleague.name})
            return redirect("accounts:people")
    reads_log = request.membership.can(Capability.AUDIT_VIEW)
    context = {"form": form, "colleague": colleague, "reads_log": reads_log}
    return render(request, "accounts/person.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.PEOPLE_MANAGE)
def end(request: StaffRequest, membership_id: UUID) -> HttpResponseBase:
    """End a colleague's membership, at once."""
    colleague = colleague_or_404(membership_id)
    if Role.OWNER in colleague.roles and Role.OWNER not in request.membership.roles:
        messages.error(request, _("Only an owner makes or unmakes an owner."))
        return redirect("accounts:person", membership_id)
    try:
        end_membership(actor=request.actor, now=timezone.now(), membership=colleague)
    except LastOwner:
        messages.error(request, _("This is the only owner. Make somebody else an owner first."))
        return redirect("accounts:person", membership_id)
    messages.success(request, _("%(name)s can no longer sign in to this shop.") % {"name": colleague.name})
    return redirect("accounts:people")


@require_POST
@staff(Capability.PEOPLE_MANAGE)
def resend(request: StaffRequest, invitation_id: UUID) -> HttpResponseBase:
    invitation = staff_invitation_or_404(invitation_id)
    try:
        resend_invitation(actor=request.actor, now=timezone.now(), invitation=invitation)
    except TooManyLetters as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("A new link is on its way to %(email)s.") % {"email": invitation.email})
    return redirect("accounts:people")


@require_POST
@staff(Capability.PEOPLE_MANAGE)
def withdraw(request: StaffRequest, invitation_id: UUID) -> HttpResponseBase:
    invitation = staff_invitation_or_404(invitation_id)
    withdraw_invitation(actor=request.actor, now=timezone.now(), invitation=invitation)
    messages.success(request, _("The invitation of %(name)s is withdrawn.") % {"name": invitation.name})
    return redirect("accounts:people")
