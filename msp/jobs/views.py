"""The system page, a job's progress, and the answer for machines."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from msp.accounts.choices import Capability
from msp.accounts.doors import public, staff
from msp.accounts.requests import StaffRequest, wants_part

from . import actions
from .access import dead_letter_or_404, job_or_404
from .queries import installation_health, shop_health
from .registry import JOB_KINDS


@staff(Capability.SYSTEM_VIEW)
@require_GET
def system(request: StaffRequest) -> HttpResponse:
    """How the queues of this shop and the processes of the installation stand; refreshed in place by htmx."""
    partial = wants_part(request)
    return render(request, "jobs/_system.html" if partial else "jobs/system.html", shop_health(timezone.now()))


@staff(Capability.SYSTEM_VIEW)
@require_POST
def retry(request: StaffRequest, queue_name: str, due_row_id: UUID) -> HttpResponse:
    queue, row = dead_letter_or_404(queue_name, due_row_id)
    actions.retry(actor=request.actor, row=row, queue=queue, now=timezone.now())
    messages.success(request, _("It will be tried again now."))
    return redirect("jobs:system")


@staff(None)
@require_GET
def job(request: StaffRequest, job_id: UUID) -> HttpResponse:
    """How far a job is: a fragment that asks again until the job has come to rest."""
    row = job_or_404(request, job_id)
    kind = JOB_KINDS.get(row.kind)  # a newer or older release may have asked for it
    return render(request, "jobs/_job.html", {"job": row, "label": kind.label if kind else row.kind})


@public("for load balancers and monitoring; says nothing of any shop")
@never_cache
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, a worker lives and nothing waits for long; 503 otherwise, with what is wrong."""
    health = installation_health(timezone.now())
    answer = {
        "ok": health.ok,
        "database": health.database,
        "worker": health.worker,
        "scheduler": health.scheduler,
        "longest_wait_seconds": int(health.wait.total_seconds()),
        "given_up_within_a_day": health.lost,
    }
    return JsonResponse(answer, status=200 if health.ok else 503)
