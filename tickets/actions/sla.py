"""Service levels: policies, whom they hold for, why a deadline was broken, and whether it counts. And what a supplier promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions import exclude_promise, explain_broken
from clients.choices import PromiseState
from clients.models import Client, Site
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from tickets.choices import ExclusionState, Priority, Status
from tickets.models import SlaAssignment, SlaClock, SlaPolicy, SlaTarget, SupplierWait, Ticket
from tickets.rules import Refused

from .hand import follow_ticket
from .rows import hold


@dataclass(frozen=True)
class Targets:
    """What a policy promises at one priority, in minutes; None promises nothing."""

    priority: int
    first_response: int | None
    next_update: int | None
    resolution: int | None
    always: bool = False


_HOUR = 60
SENSIBLE = (
    Targets(Priority.URGENT, 30, 2 * _HOUR, 8 * _HOUR),
    Targets(Priority.HIGH, 1 * _HOUR, 4 * _HOUR, 16 * _HOUR),
    Targets(Priority.NORMAL, 4 * _HOUR, None, 24 * _HOUR),
    Targets(Priority.LOW, 8 * _HOUR, None, 40 * _HOUR),
)


def create_policy(
    *, actor: Actor, now: datetime, name: str, targets: Sequence[Targets], supplier_pauses: bool = False
) -> SlaPolicy:
    """Add a policy; the shop's first one is its default. It holds for tickets from now on."""
    with transaction.atomic():
        is_first = not SlaPolicy.objects.filter(is_default=True).exists()
        policy = SlaPolicy.objects.create(
            name=name, supplier_pauses=supplier_pauses, is_default=is_first, created_at=now
        )
        _write_targets(policy, targets)
        record(actor=actor, verb="sla.policy_created", subject=policy, now=now, data={"name": name})
    return policy


def create_default_policy(*, actor: Actor, now: datetime) -> SlaPolicy:
    """What a new shop begins with."""
    return create_policy(actor=actor, now=now, name=_("Standard"), targets=SENSIBLE)


def change_policy(
    *, actor: Actor, now: datetime, policy: SlaPolicy, name: str, targets: Sequence[Targets], supplier_pauses: bool
) -> SlaPolicy:
    """Change what is promised from now on: deadlines that stand are not touched. Nothing is written when nothing differs."""
    with transaction.atomic():
        policy = SlaPolicy.objects.select_for_update().get(pk=policy.pk)
        before = {row.priority: _plain(row) for row in policy.targets.all()}
        after = {row.priority: _plain(row) for row in targets}
        if before == after and (policy.name, policy.supplier_pauses) == (name, supplier_pauses):
            return policy
        policy.name, policy.supplier_pauses = name, supplier_pauses
        policy.save(update_fields=["name", "supplier_pauses"])
        _write_targets(policy, targets)
        data: Mapping[str, object] = {"name": name, "was": before, "now": after}
        record(actor=actor, verb="sla.policy_changed", subject=policy, now=now, data=data)
    return policy


def make_default_policy(*, actor: Actor, now: datetime, policy: SlaPolicy) -> SlaPolicy:
    """Let it hold for everybody without a policy of their own. Raises Refused for an archived one."""
    if policy.archived_at is not None:
        raise Refused(_("It is archived."))
    with transaction.atomic():
        before = SlaPolicy.objects.select_for_update().filter(is_default=True).first()
        if before is None or before.pk != policy.pk:
            SlaPolicy.objects.filter(is_default=True).update(is_default=False)
            policy.is_default = True
            policy.save(update_fields=["is_default"])
            record(actor=actor, verb="sla.made_default", subject=policy, now=now, data={"name": policy.name})
    return policy


def archive_policy(*, actor: Actor, now: datetime, policy: SlaPolicy) -> SlaPolicy:
    """Offer it no longer; running clocks keep it. Raises Refused for the default, and for one that somebody is assigned."""
    if policy.is_default:
        raise Refused(_("Make another policy the shop's own first."))
    used = SlaAssignment.objects.filter(policy=policy).select_related("client").first()
    if used is not None:
        raise Refused(_("%(name)s still has this policy.") % {"name": used.client})
    if policy.archived_at is None:
        with transaction.atomic():
            policy.archived_at = now
            policy.save(update_fields=["archived_at"])
            record(actor=actor, verb="sla.policy_archived", subject=policy, now=now, data={"name": policy.name})
    return policy


def assign_policy(
    *, actor: Actor, now: datetime, client: Client, site: Site | None = None, policy: SlaPolicy | None
) -> None:
    """Let a policy hold for a client, or for one of its sites; None: the one above. For tickets from now on."""
    if site is not None and site.client_id != client.pk:
        raise Refused(_("%(row)s does not belong to %(client)s.") % {"row": site, "client": client})
    with transaction.atomic():
        Client.objects.select_for_update().get(pk=client.pk)
        row = SlaAssignment.objects.filter(client=client, site=site).first()
        if (row.policy_id if row else None) == (policy.pk if policy else None):
            return
        if row is not None:
            row.delete()
        if policy is not None:
            SlaAssignment.objects.create(client=client, site=site, policy=policy)
        verb = "sla.assigned" if policy else "sla.unassigned"
        data = {"name": policy.name if policy else "", "to": str(site or client)}
        record(actor=actor, verb=verb, subject=client, now=now, data=data)


def explain_breach(*, actor: Actor, now: datetime, clock: SlaClock, because: str) -> SlaClock:
    """Say why a deadline was broken. Raises Refused for one that was not."""
    _check_broken(clock)
    explain_broken(actor=actor, now=now, promise=clock.promise, because=because)
    return clock


def ask_exclusion(*, actor: Actor, now: datetime, clock: SlaClock, asker: Membership, because: str) -> SlaClock:
    """Ask that a broken deadline be left out of the figures. Raises Refused when it was not broken, or is decided already."""
    _check_broken(clock)
    with transaction.atomic():
        clock = _hold_clock(clock)
        if clock.exclusion:
            raise Refused(_("That was asked already."))
        clock.exclusion, clock.exclusion_because = ExclusionState.ASKED, because
        clock.exclusion_asked_by, clock.exclusion_asked_at = asker, now
        clock.save(
            update_fields=["exclusion", "exclusion_because", "exclusion_asked_by", "exclusion_asked_at"],
        )
        data = {"what": str(clock), "because": because}
        record(actor=actor, verb="sla.exclusion_asked", subject=clock.ticket, now=now, data=data)
    return clock


def decide_exclusion(*, actor: Actor, now: datetime, clock: SlaClock, decider: Membership, approve: bool) -> SlaClock:
    """Another person than who asked says whether it counts. Raises Refused for the same person, and when nobody asks (any more)."""
    with transaction.atomic():
        clock = _hold_clock(clock)
        if clock.exclusion != ExclusionState.ASKED:
            raise Refused(_("Nobody asks for that any more."))
        if clock.exclusion_asked_by_id == decider.pk:
            raise Refused(_("Somebody else than who asked decides."))
        clock.exclusion = ExclusionState.APPROVED if approve else ExclusionState.REFUSED
        clock.exclusion_decided_by, clock.exclusion_decided_at = decider, now
        clock.save(update_fields=["exclusion", "exclusion_decided_by", "exclusion_decided_at"])
        if approve:
            exclude_promise(actor=actor, now=now, promise=clock.promise, because=clock.exclusion_because)
        verb = "sla.exclusion_approved" if approve else "sla.exclusion_refused"
        record(actor=actor, verb=verb, subject=clock.ticket, now=now, data={"what": str(clock)})
    return clock


def note_supplier(
    *, actor: Actor, now: datetime, ticket: Ticket, supplier: str, reference: str, promised_at: datetime | None
) -> SupplierWait:
    """Write down who we wait for, their number for it, and when they said it would be done. Raises Refused when we don't wait."""
    with transaction.atomic():
        ticket = hold(ticket)
        wait = SupplierWait.objects.filter(ticket=ticket, ended_at=None).first()
        if wait is None or ticket.status != Status.WAITING_SUPPLIER:
            raise Refused(_("This ticket does not wait for a supplier."))
        wait.supplier, wait.reference, wait.promised_at = supplier, reference, promised_at
        wait.save(update_fields=["supplier", "reference", "promised_at"])
        data = {"supplier": supplier, "reference": reference, "at": promised_at.isoformat() if promised_at else ""}
        record(actor=actor, verb="ticket.supplier_noted", subject=ticket, now=now, data=data)
        follow_ticket(ticket)
    return wait


def _plain(row: Targets | SlaTarget) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("first_response", "next_update", "resolution", "always")}


def _write_targets(policy: SlaPolicy, targets: Sequence[Targets]) -> None:
    for row in targets:
        SlaTarget.objects.update_or_create(policy=policy, priority=row.priority, defaults=_plain(row))


def _check_broken(clock: SlaClock) -> None:
    if clock.promise.state != PromiseState.BROKEN:
        raise Refused(_("This deadline was not broken."))


def _hold_clock(clock: SlaClock) -> SlaClock:
    rows = SlaClock.objects.select_for_update(of=("self",)).select_related("promise", "ticket")
    held: SlaClock = rows.get(pk=clock.pk)
    return held
