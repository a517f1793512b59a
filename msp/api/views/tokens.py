"""Tokens: one's own, and the shop's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.models import Membership
from msp.accounts.requests import StaffRequest
from msp.api.access import own_token_or_404, owner_or_refuse, token_or_404
from msp.api.actions import AlreadyMade, make_token, revoke_token
from msp.api.forms import TokenForm
from msp.api.queries import own_tokens, service_tokens, tokens_of_people


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff(None)
def own(request: StaffRequest) -> HttpResponseBase:
    """My tokens, and a new one, whose text is shown this once."""
    me = request.membership
    context = _made(request, me.capabilities, member=me) | {"tokens": own_tokens(me)}
    return _page(request, "api/own_tokens.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def shop(request: StaffRequest) -> HttpResponseBase:
    """The shop's tokens, which the owner makes, and what its people have made for themselves."""
    owner_or_refuse(request.membership)
    context = _made(request, frozenset(Capability), member=None)
    context |= {"tokens": service_tokens(), "of_people": tokens_of_people()}
    return _page(request, "api/tokens.html", context)


def _made(request: StaffRequest, rights: frozenset[str], *, member: Membership | None) -> dict[str, Any]:
    """The form; and the text of the token that a good one has made, else nothing."""
    form, secret = TokenForm(request.POST or None, rights=rights), ""
    if form.is_valid():
        try:
            given = form.cleaned_data
            _row, text = make_token(actor=request.actor, now=timezone.now(), member=member, **given)
            secret = str(text)
        except AlreadyMade:
            messages.error(
                request, _("This token was made before, and its text is shown once only. If you lost it, revoke it.")
            )
        form = TokenForm(rights=rights)
    return {"form": form, "secret": secret, "now": timezone.now()}


def _page(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    bad = request.method == "POST" and not context["secret"]
    return render(request, template, context, status=422 if bad else 200)


@require_POST
@staff(None)
def revoke_own(request: StaffRequest, api_token_id: UUID) -> HttpResponseBase:
    token = own_token_or_404(request.membership, api_token_id)
    revoke_token(actor=request.actor, now=timezone.now(), token=token)
    messages.success(request, _("%(name)s opens nothing any more.") % {"name": token.name})
    return redirect("api:own-tokens")


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def revoke(request: StaffRequest, api_token_id: UUID) -> HttpResponseBase:
    token = token_or_404(api_token_id)
    owner_or_refuse(request.membership)
    revoke_token(actor=request.actor, now=timezone.now(), token=token)
    messages.success(request, _("%(name)s opens nothing any more.") % {"name": token.name})
    return redirect("api:tokens")
