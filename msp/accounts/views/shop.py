"""Settings: the shop itself, and its first steps."""

from __future__ import annotations

import copy

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.actions import dismiss_start, save_brand, save_company, save_shop
from msp.accounts.choices import Capability
from msp.accounts.doors import public, staff
from msp.accounts.forms import BrandForm, CompanyForm, RegionForm, SecurityForm
from msp.accounts.models import ShopSettings
from msp.accounts.queries import shop_settings
from msp.accounts.registry import CHECKLIST, SETTINGS
from msp.accounts.requests import StaffRequest
from msp.tenancy.context import enter, scope_or_none, system_scope
from msp.tenancy.models import Tenant


def _url(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


@require_safe
@staff(Capability.SETTINGS_MANAGE)
def index(request: StaffRequest) -> HttpResponse:
    """Every settings page of every app that this person may open."""
    mine = [page for page in sorted(SETTINGS, key=lambda page: page.order) if request.membership.can(page.capability)]
    pages = [(page, url) for page in mine if (url := _url(page.url_name))]
    return render(request, "accounts/settings.html", {"pages": pages})


@require_http_methods(["GET", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def company(request: StaffRequest) -> HttpResponseBase:
    settings = shop_settings(request)
    form = CompanyForm(request.POST or None, instance=copy.copy(settings), initial={"name": request.tenant.name})
    if not form.is_valid():
        return _form(request, "accounts/company.html", form)
    values = dict(form.cleaned_data)
    name = values.pop("name")
    save_company(actor=request.actor, now=timezone.now(), settings=settings, name=name, values=values)
    return _saved(request, "accounts:company")


@require_http_methods(["GET", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def brand(request: StaffRequest) -> HttpResponseBase:
    settings = shop_settings(request)
    form = BrandForm(request.POST or None, request.FILES or None, initial={"hue": settings.hue})
    if not form.is_valid():
        return _form(request, "accounts/brand.html", form)
    logo, hue = form.cleaned_data["logo"], form.cleaned_data["hue"]
    save_brand(actor=request.actor, now=timezone.now(), settings=settings, hue=hue, logo=logo)
    return _saved(request, "accounts:brand")


@require_http_methods(["GET", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def region(request: StaffRequest) -> HttpResponseBase:
    settings = shop_settings(request)
    before = {"zone": settings.zone, "currency": settings.currency, "language": settings.language}
    form = RegionForm(request.POST or None, initial=before)
    if not form.is_valid():
        return _form(request, "accounts/region.html", form)
    save_shop(actor=request.actor, now=timezone.now(), settings=settings, part="region", values=form.cleaned_data)
    return _saved(request, "accounts:region")


@require_http_methods(["GET", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def security(request: StaffRequest) -> HttpResponseBase:
    settings = shop_settings(request)
    data = request.POST if request.method == "POST" else None  # an unticked box posts nothing but the token
    form = SecurityForm(data, initial={"staff_mfa_required": settings.staff_mfa_required})
    if not form.is_valid():
        return _form(request, "accounts/shop_security.html", form)
    save_shop(actor=request.actor, now=timezone.now(), settings=settings, part="security", values=form.cleaned_data)
    return _saved(request, "accounts:shop-security")


@require_safe
@staff(Capability.SETTINGS_MANAGE)
def start(request: StaffRequest) -> HttpResponse:
    """The first steps of a new shop, each checked against its real rows."""
    mine = [step for step in sorted(CHECKLIST, key=lambda step: step.order) if request.membership.can(step.capability)]
    steps = [(step, url, step.done()) for step in mine if (url := _url(step.url_name))]
    context = {"steps": steps, "done": sum(done for _step, _url, done in steps), "settings": shop_settings(request)}
    return render(request, "accounts/start.html", context)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def dismiss(request: StaffRequest) -> HttpResponseBase:
    dismiss_start(actor=request.actor, now=timezone.now(), settings=shop_settings(request))
    messages.success(request, _("Put away. You find everything under Settings."))
    return redirect("/")


@require_safe
@public("a shop's logo stands on its own sign-in page and in its mails")
def logo(request: HttpRequest) -> HttpResponseBase:
    """The logo of the shop that the request is in, or whose host it came to. Raises Http404 without a shop or a logo."""
    here: Tenant | None = getattr(request, "host_tenant", None)
    scope = scope_or_none() or (system_scope(here.pk) if here else None)
    if scope is None:
        raise Http404
    with enter(scope):
        kept = get_object_or_404(ShopSettings.objects.exclude(logo_hash="").defer("logo"))
        etag = f'"{kept.logo_hash}"'
        unchanged = get_conditional_response(request, etag=etag)
        if unchanged is not None:
            return unchanged
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        return HttpResponse(bytes(kept.logo or b""), content_type="image/png", headers=headers)


def _form(request: HttpRequest, template: str, form: forms.BaseForm) -> HttpResponse:
    context = {"form": form, "settings": shop_settings(request)}
    return render(request, template, context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, url_name: str) -> HttpResponseBase:
    messages.success(request, _("Saved."))
    return redirect(url_name)
