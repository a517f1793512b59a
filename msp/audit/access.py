"""Whose activity a request may read."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from msp.accounts.choices import Capability
from msp.accounts.requests import StaffRequest

from .queries import activity
from .registry import READERS


def check_readable(request: StaffRequest, subject_kind: str, subject_id: UUID) -> None:
    """Let through who may read the subject; of kinds that nobody opened, who may read the whole log.

    Raises Http404 for a subject that is not there, whoever asks, and PermissionDenied.
    """
    if (reader := READERS.get(subject_kind)) is not None:
        reader(request, subject_id)
    elif not (request.membership.can(Capability.AUDIT_VIEW) and activity(subject_kind, subject_id).exists()):
        raise Http404
