"""Whose activity a request may read."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from msp.accounts.choices import Capability
from msp.accounts.requests import StaffRequest

from .registry import READERS


def check_readable(request: StaffRequest, subject_kind: str, subject_id: UUID) -> None:
    """Let through who may read the subject, and who may read the whole log. Raises Http404 or PermissionDenied."""
    if request.membership.can(Capability.AUDIT_VIEW):
        return
    reader = READERS.get(subject_kind)
    if reader is None:
        raise Http404
    reader(request, subject_id)
