"""Boosted clients, and who is kept apart from whom."""

from __future__ import annotations

from django.db.models import Max

from clients.models import Client, Promise
from msp.accounts.models import Membership
from msp.jobs.choices import DueState
from tickets.choices import Face
from tickets.models import Boost, KeptApart, Rating
from tickets.rules.care import Healing


def boost_of(client: Client) -> Boost | None:
    """The boost in force."""
    return Boost.objects.filter(client=client, state=DueState.QUEUED).first()


def boosts_in_force() -> int:
    return Boost.objects.filter(state=DueState.QUEUED).count()


def healing_of(boost: Boost) -> Healing:
    """Two queries."""
    since = {"client": boost.client_id, "at__gte": boost.started_at}
    good = Rating.objects.filter(face=Face.GOOD, **since).count()
    broken = Promise.objects.filter(client=boost.client_id, broken_at__gte=boost.started_at, excluded_because="")
    quiet_since = broken.aggregate(last=Max("broken_at"))["last"] or boost.started_at
    return Healing(good, boost.good_ratings, quiet_since, boost.quiet_days, boost.until)


def kept_apart(client: Client) -> list[KeptApart]:
    return list(KeptApart.objects.filter(client=client).select_related("member").order_by("member__name"))


def are_kept_apart(client: Client, member: Membership) -> bool:
    return KeptApart.objects.filter(client=client, member=member).exists()
