"""Telling the owner of an invoice that may come late."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.queries.terms import shop
from clients.models import Promise
from msp.accounts.choices import Role
from msp.accounts.queries import staff
from msp.notify.actions import notify


def escalate(*, promise: Promise, now: datetime) -> None:
    """Tell every owner, in the order of their keys."""
    at = promise.promised_at.astimezone(ZoneInfo(shop().identity.zone))
    owners = sorted((member for member in staff() if Role.OWNER in member.roles), key=lambda member: member.pk)
    for member in owners:
        notify(
            to=member,
            now=now,
            words=lambda: (
                _("The invoice for %(client)s must be out by %(time)s: %(what)s")
                % {"client": promise.client.name, "time": f"{date_format(at, 'D')} {at:%H:%M}", "what": promise.words}
            ),
            url=reverse("billing:review"),
            key=f"invoice-out:{promise.client_id}",
        )
