"""The shop's settings of its service desk."""

from __future__ import annotations

from msp.tenancy.kept import kept
from tickets.models import TicketSettings


@kept(TicketSettings)
def ticket_settings() -> TicketSettings:
    """The current shop's row; a shop that has set nothing yet reads as the defaults."""
    return TicketSettings.objects.first() or TicketSettings()
