"""Objects of the jobs pages, by what a request names."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from msp.accounts.choices import Capability
from msp.accounts.requests import StaffRequest

from .models import DueRow, Job
from .queries import shop_queues
from .registry import Queue


def dead_letter_or_404(queue_name: str, due_row_id: UUID) -> tuple[Queue, DueRow]:
    """A row of the current shop in the named queue. Raises Http404."""
    for queue, model in shop_queues():
        if queue.name == queue_name and (row := model.objects.filter(pk=due_row_id).first()):
            return queue, row
    raise Http404


def job_or_404(request: StaffRequest, job_id: UUID) -> Job:
    """A job that the person asked for, or any of the shop with the right to see jobs. Raises Http404."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise Http404
    if job.asked_by != request.actor.id and not request.membership.can(Capability.SYSTEM_VIEW):
        raise Http404
    return job
