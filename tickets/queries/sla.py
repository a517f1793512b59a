"""Which service level holds for a ticket, and its clocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.choices import PromiseState
from clients.models import Client, Promise, Site
from clients.queries import calendar_for, next_clock, shop_zone
from clients.rules.holidays import Terms
from msp.tenancy.kept import kept
from tickets.choices import ClockKind
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
    return SlaPolicy.objects.filter(pk=known).first() if known else default_policy()


@kept(SlaPolicy)
def default_policy() -> SlaPolicy | None:
    """What holds for everybody without a policy of their own."""
    return SlaPolicy.objects.filter(is_default=True).first()


def assignments_of(policy: SlaPolicy) -> list[SlaAssignment]:
    """Whom a policy holds for, by name. One query."""
    rows = SlaAssignment.objects.filter(policy=policy).select_related("client", "site")
    return list(rows.order_by("client__name", "site__name"))


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


@dataclass(frozen=True)
class ClockShown:
    """A clock as the ticket's page shows it: what it is for, and what became of it when it is settled."""

    clock: SlaClock
    words: str
    met: str = ""
    late: str = ""

    @property
    def promise(self) -> Promise:
        found: Promise = self.clock.promise
        return found

    @property
    def wants_reason(self) -> bool:
        promise = self.promise
        return promise.state == PromiseState.BROKEN and not promise.broken_because and not promise.excluded_because


def shown_clocks(clocks: Sequence[SlaClock]) -> list[ClockShown]:
    """First reply and solution whatever became of them, and the update that is owed; what was cancelled is left out."""
    return [_shown(clock) for clock in sorted(clocks, key=_place) if _is_shown(clock)]


def broken_clocks(clocks: Sequence[SlaClock]) -> list[ClockShown]:
    """The broken ones that nobody has given a reason for."""
    return [shown for clock in clocks if (shown := _shown(clock)).wants_reason]


def _place(clock: SlaClock) -> int:
    return [ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION].index(ClockKind(clock.kind))


def _is_shown(clock: SlaClock) -> bool:
    if clock.promise.state == PromiseState.CANCELLED:
        return False
    return clock.kind != ClockKind.NEXT_UPDATE or clock.promise.is_unkept


def _shown(clock: SlaClock) -> ClockShown:
    kind, took = ClockKind(clock.kind), clock.took_minutes
    words = {
        ClockKind.FIRST_RESPONSE: _("to reply"),
        ClockKind.NEXT_UPDATE: _("to the next update"),
        ClockKind.RESOLUTION: _("to solve"),
    }[kind]
    time = f"{took // 60}:{took % 60:02d}" if took is not None else ""
    done = {ClockKind.FIRST_RESPONSE: _("Replied in %s"), ClockKind.RESOLUTION: _("Solved in %s")}.get(
        kind, "%s"
    ) % time
    if clock.promise.state == PromiseState.KEPT:
        return ClockShown(clock, words, met=done)
    return ClockShown(clock, words, late=done if clock.promise.is_late else "")
