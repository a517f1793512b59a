"""What tickets tell the apps above. All are sent inside the transaction and shop of the act; a receiver that raises undoes it."""

from __future__ import annotations

from django.dispatch import Signal

# What counts as finished work of a ticket's client is another now: it was solved, reopened, merged or given to a client, or time on a
# solved one was written, corrected or removed. ticket: Ticket, actor: Actor, now: datetime. Sent with sender=Ticket.
work_changed = Signal()
