"""A private word to the owner. Nothing of it is written to the activity log, which others read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Complaint, Contact
from msp.accounts.choices import Role
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from msp.notify.actions import notify


def send_complaint(
    *, now: datetime, contact: Contact, words: str, form_key: UUID, about: Membership | None = None
) -> Complaint:
    """Keep a contact's private word, and tell the owners that something waits, without saying what or whose.

    Sending the same form again gives what the first one made.
    """
    with transaction.atomic():
        given = {"client_id": contact.client_id, "about": about, "words": words, "sent_at": now}
        complaint, is_new = Complaint.objects.get_or_create(contact=contact, form_key=form_key, defaults=given)
        owners = [member for member in staff() if Role.OWNER in member.roles] if is_new else []
        for owner in sorted(owners, key=lambda member: member.pk):
            url = reverse("clients:complaints")
            notify(to=owner, now=now, words=_("Something waits for you alone."), url=url, key="private", urgent=True)
    return complaint


def read_complaints(*, now: datetime) -> None:
    """The owner has seen what there is. Needs the owner's scope."""
    Complaint.objects.filter(read_at=None).update(read_at=now)


def answer_complaint(*, now: datetime, complaint: Complaint, answer: str) -> Complaint:
    """The owner answers; the contact reads it in the portal. Needs the owner's scope."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update(of=("self",)).get(pk=complaint.pk)
        complaint.answer, complaint.answered_at, complaint.read_at = answer, now, complaint.read_at or now
        complaint.save(update_fields=["answer", "answered_at", "read_at"])
    return complaint
