"""The shop's settings of its service desk."""

from __future__ import annotations

from tickets.models import TicketSettings


def ticket_settings() -> TicketSettings:
    """The current shop's row; a shop that has set nothing yet reads as the defaults."""
    return TicketSettings.objects.first() or TicketSettings()
