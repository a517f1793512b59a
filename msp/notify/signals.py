"""What notifications ask of the apps above."""

from __future__ import annotations

from django.dispatch import Signal

# News of a person are to leave by mail. to: Membership with its user, news: list[Notification], newest first, key: str (the same
# news ask once), now: datetime. Sent inside the shop's transaction; mail, which stands above, puts it into the outbox.
news_written = Signal()
