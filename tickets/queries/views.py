"""Saved views of the ticket list."""

from __future__ import annotations

from django.db.models import Q

from clients.models import ArchivableQuerySet
from msp.accounts.models import Membership
from tickets.models import SavedView

from .queues import Asked, queue

COUNTED = 100  # more than so many are not counted: a view may hold every ticket there ever was


def views_for(me: Membership) -> ArchivableQuerySet[SavedView]:
    """The shared ones and one's own, by name."""
    found: ArchivableQuerySet[SavedView] = SavedView.objects.living()
    return found.filter(Q(owner=None) | Q(owner=me)).order_by("name", "id")


def count_of(asked: Asked, me: Membership) -> int:
    """How many tickets a view holds, COUNTED at most. One query."""
    return queue(asked, me).order_by()[:COUNTED].count()
