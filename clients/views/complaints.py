"""Private words of clients' people, for the owner alone."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients import actions
from clients.access import complaint_or_404
from clients.forms.complaints import AnswerForm
from clients.queries.complaints import complaints
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest


@never_cache
@require_safe
@staff(Capability.COMPLAINTS_READ)
def complaint_list(request: StaffRequest) -> HttpResponse:
    rows = complaints()
    actions.read_complaints(now=timezone.now())
    return render(request, "clients/complaints.html", {"complaints": rows, "form": AnswerForm()})


@never_cache
@require_POST
@staff(Capability.COMPLAINTS_READ)
def answer(request: StaffRequest, complaint_id: UUID) -> HttpResponseBase:
    complaint, form = complaint_or_404(complaint_id), AnswerForm(request.POST)
    if not form.is_valid():
        context = {"complaints": complaints(), "form": form, "answering": complaint}
        return render(request, "clients/complaints.html", context, status=422)
    actions.answer_complaint(now=timezone.now(), complaint=complaint, answer=form.cleaned_data["answer"])
    messages.success(request, _("Your answer stands in their portal."))
    return redirect("clients:complaints")
