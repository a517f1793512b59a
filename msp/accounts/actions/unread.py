"""The number in a person's bell. It stands on the membership, which every request reads: no page pays for counting."""

from __future__ import annotations

from django.db.models import F

from msp.accounts.models import Membership


def count_unread(*, membership: Membership, by: int) -> None:
    """So many more, or fewer, notifications wait to be read; in the transaction that writes or reads them."""
    Membership.objects.filter(pk=membership.pk).update(unread=F("unread") + by)
