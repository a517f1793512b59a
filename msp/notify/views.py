"""A person's notifications, and what was paged."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.keyset import page_of

from . import actions
from .access import notification_or_404
from .forms import MailForm, UntilForm
from .queries import mail_choice, notifications_of, pages


@require_safe
@staff(None)
def notifications(request: StaffRequest) -> HttpResponse:
    page = page_of(notifications_of(request.membership), order=("-at", "-id"), params=request.GET.dict())
    form = MailForm(initial={"by_mail": mail_choice(request.membership)})
    return render(request, "notify/notifications.html", {"page": page, "form": form, "until": timezone.now()})


@require_safe
@staff(None)
def bell(request: StaffRequest) -> HttpResponse:
    """The number in the bell, asked for again while a page stands open."""
    return render(request, "notify/_bell.html", {"unread": request.membership.unread})


@require_POST
@staff(None)
def read(request: StaffRequest, notification_id: UUID) -> HttpResponseBase:
    """Open what it is about; it counts as read from then on."""
    notification = notification_or_404(request.membership, notification_id)
    actions.read(now=timezone.now(), notification=notification)
    return redirect(notification.url)


@require_POST
@staff(None)
def read_all(request: StaffRequest) -> HttpResponseBase:
    form, now = UntilForm(request.POST), timezone.now()
    until = form.cleaned_data["until"] if form.is_valid() else now
    number = actions.read_all(now=now, member=request.membership, until=until)
    messages.success(request, ngettext("%d notification read.", "%d notifications read.", number) % number)
    return redirect("notify:notifications")


@require_POST
@staff(None)
def choose_mail(request: StaffRequest) -> HttpResponseBase:
    form = MailForm(request.POST)
    if form.is_valid():
        actions.choose_mail(actor=request.actor, now=timezone.now(), member=request.membership, **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose which news come by mail."))
    return redirect("notify:notifications")


@require_safe
@staff(Capability.SYSTEM_VIEW)
def pager(request: StaffRequest) -> HttpResponse:
    """Every page of the shop with what became of it, newest first."""
    page = page_of(pages(), order=("-created_at", "-id"), params=request.GET.dict())
    return render(request, "notify/pager.html", {"page": page})
