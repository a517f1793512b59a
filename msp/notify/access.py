"""One's own notifications and nobody else's."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from msp.accounts.models import Membership

from .models import Notification


def notification_or_404(me: Membership, notification_id: UUID) -> Notification:
    return get_object_or_404(Notification.objects.select_related("to"), pk=notification_id, to=me)
