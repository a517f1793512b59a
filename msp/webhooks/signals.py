"""What webhooks tell the apps above."""

from __future__ import annotations

from django.dispatch import Signal

# An endpoint was paused because nothing got through to it. endpoint: Endpoint, now: datetime. Sent inside the shop's transaction;
# msp.web tells the people who may mend it.
endpoint_gave_up = Signal()
