"""Which service level holds for a ticket, and its clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clients.models import Client, Site
from clients.queries import calendar_for, next_clock, shop_zone
from clients.rules.holidays import Terms
from tickets.models import SlaAssignment, SlaClock, SlaPolicy, SlaTarget, SupplierWait, Ticket

# A higher app may know a policy of a client's: an agreement's, say. Asked in turn when neither site nor client is assigned one;
# each takes the client and the site and gives the policy's id, or None. Filled in AppConfig.ready.
POLICY_SOURCES: list[Callable[[Client, Site | None], UUID | None]] = []


def policies() -> QuerySet[SlaPolicy]:
    """The living policies, the shop's own first."""
    return SlaPolicy.objects.filter(archived_at=None).order_by("-is_default", "name")


def policy_for(client: Client, site: Site | None) -> SlaPolicy | None:
    """The site's policy, else the client's, else one that a higher app knows, else the shop's. Two queries at most of our own."""
    assigned = {row.site_id: row.policy for row in SlaAssignment.objects.filter(client=client).select_related("policy")}
    found: SlaPolicy | None = (assigned.get(site.pk) if site else None) or assigned.get(None)
    if found is not None:
        return found
    known = next((pk for source in POLICY_SOURCES if (pk := source(client, site))), None)
    return SlaPolicy.objects.filter(pk=known).first() if known else SlaPolicy.objects.filter(is_default=True).first()


def target_of(policy: SlaPolicy | None, priority: int) -> SlaTarget | None:
    """What a policy promises at a priority, with the policy."""
    return SlaTarget.objects.filter(policy=policy, priority=priority).select_related("policy").first()


def terms_for(client: Client, site: Site | None) -> Terms | None:
    """The service hours that count for a new ticket of this client; None in a shop without any."""
    calendar = calendar_for(client, site)
    return calendar.terms if calendar else None


def zone_only() -> Terms:
    """For what counts around the clock in a shop without service hours."""
    return Terms(str(shop_zone()))


def clocks_of(ticket: Ticket) -> list[SlaClock]:
    """Every clock of a ticket with its promise, in order. One query."""
    rows = SlaClock.objects.filter(ticket=ticket).select_related("promise", "promise__contact")
    return list(rows.order_by("started_at", "kind", "ordinal"))


def supplier_wait_of(ticket: Ticket) -> SupplierWait | None:
    return SupplierWait.objects.filter(ticket=ticket, ended_at=None).first()


def next_clock_at(ticket: Ticket) -> datetime | None:
    """The next deadline about a ticket: what is owed to the client, or what a supplier owes us. Two queries."""
    promise, wait = next_clock(ticket), supplier_wait_of(ticket) if ticket.status == "waiting_supplier" else None
    moments = [promise.promised_at if promise else None, wait.promised_at if wait else None]
    return min((moment for moment in moments if moment), default=None)
