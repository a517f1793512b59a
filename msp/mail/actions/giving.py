"""Mail that went out for one client, and is another's."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from msp.mail.models import OutgoingMail


def give_mail(*, purpose_keys: Collection[str], client_id: UUID) -> None:
    """What these messages are about belongs to another client than was thought. Whoever gives it away writes that down."""
    OutgoingMail.objects.filter(purpose_key__in=purpose_keys).update(client_id=client_id)
