"""What clients do when accounts says something."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from msp.accounts.models import Membership, ShopSettings
from msp.accounts.rules import Actor

from . import actions
from .models import Contact


def on_accepted(subject_id: UUID, membership: Membership) -> None:
    """A contact took up the invitation: from now on they sign in as that contact. Raises InvitationClosed."""
    contact = Contact.objects.filter(pk=subject_id).first()
    if contact is not None:
        now = membership.created_at  # a contact's membership begins with the acceptance
        actions.link_contact(actor=membership.as_actor(), now=now, contact=contact, membership=membership)


def on_shop_created(*, actor: Actor, now: datetime, **kwargs: Any) -> None:
    """Every shop has hours of service, and a client for mail from strangers."""
    settings = ShopSettings.objects.get()
    actions.create_default_calendar(actor=actor, now=now, zone=settings.zone, country=settings.country)
    same = {name: getattr(settings, name) for name in ("country", "zone", "currency", "language")}
    actions.create_unsorted_client(actor=actor, now=now, values={"name": _("Unsorted"), **same})
