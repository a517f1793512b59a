"""Who of a client's people may use the portal, decided by the shop's staff."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients import actions
from clients.access import contact_or_404
from clients.forms import PortalRightsForm
from clients.models import Contact
from clients.queries import open_invitation
from msp.accounts.actions import TooManyLetters
from msp.accounts.actions.people import change_granted
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.CLIENTS_EDIT)
def portal_access(request: StaffRequest, client_slug: str, contact_id: UUID) -> HttpResponseBase:
    contact, now = contact_or_404(client_slug, contact_id), timezone.now()
    invitation = open_invitation(contact, now)
    holder = contact.membership or invitation
    form = PortalRightsForm(request.POST or None, initial={"granted": holder.granted if holder else []})
    if request.method == "POST" and form.is_valid():
        try:
            _grant(request, contact, form.cleaned_data["granted"])
            return redirect(contact.client)
        except (actions.NoAddress, TooManyLetters) as reason:
            form.add_error(None, str(reason))
    context = {"contact": contact, "client": contact.client, "invitation": invitation, "form": form}
    return render(request, "clients/portal_access.html", context, status=422 if form.errors else 200)


def _grant(request: StaffRequest, contact: Contact, granted: list[str]) -> None:
    now, said = timezone.now(), {"name": contact.name}
    if contact.membership is not None:
        change_granted(actor=request.actor, now=now, membership=contact.membership, granted=granted)
        messages.success(request, _("%(name)s's rights were saved.") % said)
    else:
        actions.invite_contact(actor=request.actor, now=now, contact=contact, granted=granted)
        messages.success(request, _("%(name)s was invited to the portal.") % said)


@require_POST
@staff(Capability.CLIENTS_EDIT)
def end(request: StaffRequest, client_slug: str, contact_id: UUID) -> HttpResponseBase:
    contact = contact_or_404(client_slug, contact_id)
    actions.end_portal_access(actor=request.actor, now=timezone.now(), contact=contact)
    messages.success(request, _("%(name)s can no longer use the portal.") % {"name": contact.name})
    return redirect(contact.client)


@require_POST
@staff(Capability.CLIENTS_EDIT)
def withdraw(request: StaffRequest, client_slug: str, contact_id: UUID) -> HttpResponseBase:
    """Take an invitation back, for example one that went to a wrong address."""
    contact = contact_or_404(client_slug, contact_id)
    if actions.withdraw_portal_invitation(actor=request.actor, now=timezone.now(), contact=contact):
        messages.success(request, _("The invitation of %(name)s is withdrawn.") % {"name": contact.name})
    return redirect("clients:portal-access", client_slug, contact.pk)
