"""What the product tells people when a part below, which knows no notifications, says something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from msp.accounts.choices import Capability
from msp.accounts.queries import staff
from msp.notify.actions import notify
from msp.webhooks.models import Endpoint


def on_endpoint_gave_up(*, endpoint: Endpoint, now: datetime, **kwargs: Any) -> None:
    """Whoever may mend a webhook hears that it was paused."""
    said = {"name": endpoint.name, "because": endpoint.paused_because}

    def words() -> str:
        return _("The webhook %(name)s was paused. %(because)s") % said

    for member in staff().order_by("id"):
        if member.can(Capability.SETTINGS_MANAGE):
            notify(to=member, now=now, words=words, url=endpoint.get_absolute_url(), key=f"webhook:{endpoint.pk}")
