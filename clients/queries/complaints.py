"""Private words: the owner's list, a contact's own. The walls decide who reads which."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from clients.models import Complaint
from msp.accounts.choices import MembershipKind
from msp.accounts.models import Membership


def complaints() -> list[Complaint]:
    """What this person may read, newest first."""
    rows = Complaint.objects.select_related("client", "contact", "about").order_by("-sent_at", "-id")
    return list(rows[:200])


def own_complaints() -> list[Complaint]:
    """A contact's own, newest first."""
    return list(Complaint.objects.select_related("about").order_by("-sent_at", "-id")[:50])


def unread_complaints() -> QuerySet[Complaint, Any]:
    """To be counted."""
    return Complaint.objects.filter(read_at=None).values("pk")


def staff_names() -> list[Membership]:
    """Who works in the shop, by name, as far as a contact may know."""
    return list(Membership.objects.filter(kind=MembershipKind.STAFF, ended_at=None).order_by("name"))
