"""Settings, Service levels: how soon, by priority, and for whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.access import assignment_or_404, policy_or_404
from tickets.actions.sla import SENSIBLE
from tickets.forms import AssignForm, PolicyForm
from tickets.models import SlaPolicy
from tickets.queries.sla import assignments_of, policies
from tickets.rules import Refused


@require_safe
@staff(Capability.SETTINGS_MANAGE)
def policy_list(request: StaffRequest) -> HttpResponse:
    return render(request, "tickets/sla_policies.html", {"policies": policies()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def create_policy(request: StaffRequest) -> HttpResponseBase:
    form = PolicyForm(request.POST or None, policy=None, targets=SENSIBLE)
    if form.is_bound and form.is_valid():
        policy = actions.create_policy(actor=request.actor, now=timezone.now(), **_values(form))
        messages.success(request, _("%(name)s was added.") % {"name": policy.name})
        return redirect(policy)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def edit_policy(request: StaffRequest, sla_policy_id: UUID) -> HttpResponseBase:
    policy = policy_or_404(sla_policy_id)
    form = PolicyForm(request.POST or None, policy=policy, targets=list(policy.targets.all()))
    if form.is_bound and form.is_valid():
        actions.change_policy(actor=request.actor, now=timezone.now(), policy=policy, **_values(form))
        messages.success(request, _("Saved. It holds for tickets from now on; deadlines that stand are not touched."))
        return redirect(policy)
    return _page(request, form, policy)


def _values(form: PolicyForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {"name": data["name"], "supplier_pauses": data["supplier_pauses"], "targets": form.targets}


def _page(
    request: StaffRequest, form: PolicyForm, policy: SlaPolicy | None, assign_form: AssignForm | None = None
) -> HttpResponse:
    wrong = form.is_bound or (assign_form is not None and assign_form.is_bound)
    context = {
        "form": form,
        "policy": policy,
        "assign_form": assign_form or AssignForm(),
        "assignments": assignments_of(policy) if policy else [],
    }
    return render(request, "tickets/sla_policy.html", context, status=422 if wrong else 200)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def make_default(request: StaffRequest, sla_policy_id: UUID) -> HttpResponseBase:
    policy = actions.make_default_policy(actor=request.actor, now=timezone.now(), policy=policy_or_404(sla_policy_id))
    messages.success(request, _("%(name)s holds for everybody without one of their own.") % {"name": policy.name})
    return redirect("tickets:sla-policies")


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def archive_policy(request: StaffRequest, sla_policy_id: UUID) -> HttpResponseBase:
    policy = policy_or_404(sla_policy_id)
    try:
        actions.archive_policy(actor=request.actor, now=timezone.now(), policy=policy)
        messages.success(request, _("%(name)s was archived.") % {"name": policy.name})
    except Refused as reason:
        messages.error(request, str(reason))
    return redirect("tickets:sla-policies")


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def assign_policy(request: StaffRequest, sla_policy_id: UUID) -> HttpResponseBase:
    policy, form = policy_or_404(sla_policy_id), AssignForm(request.POST)
    if not form.is_valid():
        rows = list(policy.targets.all())
        return _page(request, PolicyForm(policy=policy, targets=rows), policy, form)
    to = {"client": form.cleaned_data["client"], "site": form.cleaned_data["site"] or None}
    actions.assign_policy(actor=request.actor, now=timezone.now(), policy=policy, **to)
    messages.success(request, _("It holds for new tickets of %(name)s.") % {"name": to["site"] or to["client"]})
    return redirect(policy)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def unassign_policy(request: StaffRequest, sla_policy_id: UUID, sla_assignment_id: UUID) -> HttpResponseBase:
    row = assignment_or_404(sla_policy_id, sla_assignment_id)
    now = timezone.now()
    actions.assign_policy(actor=request.actor, now=now, client=row.client, site=row.site, policy=None)
    messages.success(request, _("It holds for %(name)s no longer.") % {"name": row.site or row.client})
    return redirect(row.policy)
