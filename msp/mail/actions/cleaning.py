"""Deleting mail that nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from msp.mail.choices import OPEN
from msp.mail.models import OutgoingMail, SignInMail
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant

KEPT_FOR = timedelta(days=7)  # mail of no shop, without its text: System and /healthz count a day of it
GOOD_FOR = timedelta(days=14)  # for a text that lets somebody in and does not say how long


def forget_secrets(now: datetime) -> int:
    """Wipe the texts of every shop that would let nobody in any more; returns how many."""
    wiped = 0
    late = Q(good_until__lte=now) | Q(good_until=None, created_at__lte=now - GOOD_FOR)
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        with enter(system_scope(tenant_id)):
            rows = OutgoingMail.objects.filter(late, secret=True).exclude(state__in=OPEN).exclude(text="", html="")
            wiped += rows.update(text="", html="")
    return wiped


def delete_old_sign_in_mail(now: datetime) -> int:
    """Mail of no shop that has been at rest for a week; returns how much."""
    return SignInMail.objects.filter(finished_at__lte=now - KEPT_FOR).delete()[0]
