"""The client's approver reads what a draft would charge and says yes or no."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access.agreements import client_approval_or_404
from billing.forms.asking import ConsentForm
from billing.models import ClientApproval
from billing.rules.refusals import Refused
from msp.accounts.doors import portal
from msp.accounts.requests import PortalRequest
from msp.tenancy.context import on_behalf


@require_safe
@portal(None)
def approval(request: PortalRequest, client_approval_id: UUID) -> HttpResponse:
    return _page(request, client_approval_or_404(request, client_approval_id), ConsentForm())


@require_POST
@portal(None)
def answer(request: PortalRequest, client_approval_id: UUID) -> HttpResponseBase:
    """Yes, or with `decline` no and why."""
    found, form = client_approval_or_404(request, client_approval_id), ConsentForm(request.POST)
    if form.is_valid():
        said = {"approves": "decline" not in request.POST, "words": form.cleaned_data["words"]}
        try:
            with on_behalf():
                actions.answer_question(approval=found, actor=request.actor, now=timezone.now(), **said)
            messages.success(request, _("Thank you for your answer."))
            return redirect("billing:portal-approval", found.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _page(request, found, form)


def _page(request: PortalRequest, found: ClientApproval, form: ConsentForm) -> HttpResponse:
    context = {"asked": found, "form": form}
    return render(request, "billing/portal_approval.html", context, status=422 if form.is_bound else 200)


routes = [
    path("portal/approvals/<uuid:client_approval_id>/", approval, name="portal-approval"),
    path("portal/approvals/<uuid:client_approval_id>/answer/", answer, name="portal-answer-approval"),
]
