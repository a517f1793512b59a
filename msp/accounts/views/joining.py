"""Following an invitation's link."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from msp.accounts.access import invitation_of
from msp.accounts.actions import AddressTaken, InvitationClosed, accept_as_new, accept_as_user
from msp.accounts.choices import Role
from msp.accounts.doors import public
from msp.accounts.forms import JoinForm
from msp.accounts.models import Invitation, Membership, User
from msp.accounts.requests import choose
from msp.tenancy.context import enter, system_scope
from msp.tenancy.tokens import Token


@never_cache
@require_http_methods(["GET", "POST"])
@public("the link's secret says who may come in")
def join(request: HttpRequest, invitation_token: str) -> HttpResponseBase:
    """Accept an invitation: with a new account, or as the signed-in owner of the invited address."""
    token = Token.parse(invitation_token)
    if token is None:
        return _closed(request)
    with enter(system_scope(token.tenant_id)):
        invitation = invitation_of(token)
        if invitation is None or not invitation.is_open(timezone.now()):
            return _closed(request)
        try:
            if request.user.is_authenticated:
                return _as_user(request, invitation, request.user)
            return _as_new(request, invitation)
        except InvitationClosed:
            return _closed(request)


def _as_user(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponseBase:
    if user.email != invitation.email:
        return _page(request, "accounts/join_other.html", invitation)
    if request.method == "GET":
        return _page(request, "accounts/join_known.html", invitation)
    member = accept_as_user(now=timezone.now(), invitation=invitation, user=user)
    return _enter(request, member, redirect("/"))


def _as_new(request: HttpRequest, invitation: Invitation) -> HttpResponseBase:
    # Whoever holds the link owns the mailbox: they may learn that their own address has an account.
    if User.objects.filter(email=invitation.email).exists():
        return redirect_to_login(request.get_full_path())
    form = JoinForm(request.POST or None, email=invitation.email, initial={"name": invitation.name})
    if not form.is_valid():
        return _page(request, "accounts/join_new.html", invitation, form=form)
    try:
        member = accept_as_new(now=timezone.now(), invitation=invitation, **form.cleaned_data)
    except AddressTaken:
        return redirect_to_login(request.get_full_path())
    return _enter(request, member, perform_login(request, member.user))


def _enter(request: HttpRequest, member: Membership, answer: HttpResponseBase) -> HttpResponseBase:
    choose(request.session, member)
    return redirect(reverse("accounts:start")) if Role.OWNER in member.roles else answer


def _page(request: HttpRequest, template: str, invitation: Invitation, form: JoinForm | None = None) -> HttpResponse:
    status = 422 if form is not None and form.is_bound else 200
    return render(
        request, template, {"invitation": invitation, "shop": invitation.tenant.name, "form": form}, status=status
    )


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/join_closed.html", status=404)
