"""Pages about oneself: profile, sign-in, the shops one belongs to."""

from __future__ import annotations

import copy
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.access import has_second_factor, own_membership_or_404
from msp.accounts.actions import save_preferences, save_profile
from msp.accounts.doors import signed_in
from msp.accounts.forms import PreferencesForm, ProfileForm
from msp.accounts.models import Membership
from msp.accounts.queries import shop_settings
from msp.accounts.regions import Choices
from msp.accounts.registry import NAV
from msp.accounts.requests import PORTAL_PREFIX, MemberRequest, choose, identity_of


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: MemberRequest) -> HttpResponseBase:
    """How Mainstay speaks to me, and, for staff, how I appear in this shop."""
    me: Membership | None = getattr(request, "membership", None)
    data = request.POST or None
    preferences = PreferencesForm(data, instance=copy.copy(request.user))
    form = None
    if me:
        country = shop_settings(request).country
        form = ProfileForm(data, instance=copy.copy(me), pages=_pages(me), country=country)
    if not preferences.is_valid() or not (form is None or form.is_valid()):
        context = {"form": form, "preferences": preferences, "me": me}
        return render(request, "accounts/profile.html", context, status=422 if data else 200)
    save_preferences(user=request.user, **preferences.cleaned_data)
    if me and form:
        save_profile(actor=request.actor, now=timezone.now(), membership=me, **form.cleaned_data)
    messages.success(request, _("Your profile is saved."))
    return redirect("accounts:profile")


def _pages(me: Membership) -> Choices:
    """The pages a member may choose to begin with."""
    found = []
    for item in sorted(NAV, key=lambda item: item.order):
        if item.group != "portal" and (not item.capability or me.can(item.capability)) and not item.query:
            try:
                reverse(item.url_name)
            except NoReverseMatch:
                continue
            found.append((item.url_name, str(item.label)))
    return found


@require_safe
@signed_in
def second_factor(request: MemberRequest) -> HttpResponseBase:
    """Why a second factor is asked for, and the two ways to set one up. Where the gate sends staff without one."""
    if has_second_factor(request.user):
        return redirect("/")
    return render(request, "accounts/second_factor.html")


@require_safe
@signed_in
def memberships(request: HttpRequest) -> HttpResponseBase:
    """The shops and clients that I belong to."""
    rows: list[Membership] = getattr(request, "memberships", [])
    known = [(row, identity_of(row) if not row.is_staff_member else None) for row in rows]
    living = [(row, identity) for row, identity in known if row.is_staff_member or identity]
    return render(request, "accounts/memberships.html", {"memberships": living})


@require_POST
@signed_in
def switch(request: HttpRequest, membership_id: UUID) -> HttpResponseBase:
    """Act in another of my shops, or for another of my clients, from now on."""
    membership = own_membership_or_404(request, membership_id)
    choose(request.session, membership)
    return redirect("/" if membership.is_staff_member else PORTAL_PREFIX)
