"""More care for a sore client, for a while; and keeping people apart."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from clients.models import Client
from msp.accounts.models import Membership
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.jobs.choices import DueState
from msp.jobs.rules import Again, Ended, Outcome, Plain
from tickets.choices import BoostEnd, Status
from tickets.models import Boost, KeptApart, Ticket
from tickets.queries.care import boost_of, boosts_in_force, healing_of
from tickets.rules import Refused
from tickets.rules.care import BOOST_BY, LONGEST_BOOST, MOST_BOOSTED

_HEALER = system_actor("healing boost")


def start_boost(
    *, actor: Actor, now: datetime, client: Client, reason: str, good_ratings: int, quiet_days: int, days: int
) -> Boost:
    """Let a client's tickets stand earlier until it has healed, `days` (LONGEST_BOOST at most) at the latest.

    Raises Refused for a client who has a boost, and when MOST_BOOSTED have one.
    """
    if not 1 <= days <= LONGEST_BOOST:
        raise Refused(_("A boost lasts between 1 and %(days)s days.") % {"days": LONGEST_BOOST})
    if boosts_in_force() >= MOST_BOOSTED:
        raise Refused(_("%(number)s clients have a boost. End one first.") % {"number": MOST_BOOSTED})
    boost = Boost(client=client, reason=reason, good_ratings=good_ratings, quiet_days=quiet_days, set_by=actor.name)
    boost.started_at, boost.until = now, now + timedelta(days=days)
    boost.due_at = healing_of(boost).look_again_at(now)
    with transaction.atomic():
        try:
            with transaction.atomic():
                boost.save(force_insert=True)
        except IntegrityError:
            raise Refused(_("This client has a boost already.")) from None
        rows = Ticket.objects.filter(~Q(status=Status.SOLVED), client=client, boosted=False)
        rows.update(boosted=True, queue_at=F("queue_at") - BOOST_BY, changed_at=now)
        data = {"client": client.name, "reason": reason}
        record(actor=actor, verb="boost.started", subject=client, now=now, data=data)
    return boost


def end_boost(*, actor: Actor, now: datetime, boost: Boost, because: BoostEnd = BoostEnd.ENDED) -> Boost:
    """The client's tickets stand where everybody's do. Ending it twice changes nothing."""
    with transaction.atomic():
        boost = Boost.objects.select_for_update(of=("self",)).select_related("client").get(pk=boost.pk)
        if boost.state == DueState.QUEUED:
            _let_go(actor, now, boost, because)
            boost.state, boost.finished_at = DueState.DONE, now
            boost.save(update_fields=["state", "finished_at", "ended_because"])
    return boost


def look_at_boost(*, now: datetime, client: Client) -> None:
    """A rating came in: perhaps that was the last one that was wanted."""
    boost = boost_of(client)
    if boost is not None and (because := healing_of(boost).over(now)) is not None:
        end_boost(actor=_HEALER, now=now, boost=boost, because=because)


class TendBoost(Plain[Boost]):
    """Ends a boost whose rule is met or whose time is up."""

    def act(self, row: Boost, now: datetime) -> Outcome:
        healing = healing_of(row)
        because = healing.over(now)
        if because is None:
            return Again(healing.look_again_at(now))
        _let_go(_HEALER, now, row, because)
        row.save(update_fields=["ended_because"])
        return Ended(DueState.DONE)


def _let_go(actor: Actor, now: datetime, boost: Boost, because: BoostEnd) -> None:
    boost.ended_because = because
    rows = Ticket.objects.filter(client=boost.client_id, boosted=True)
    rows.filter(~Q(status=Status.SOLVED)).update(queue_at=F("queue_at") + BOOST_BY, changed_at=now)
    rows.update(boosted=False)
    data = {"client": boost.client.name, "because": str(because.label)}
    record(actor=actor, verb="boost.ended", subject=boost.client, now=now, data=data)


def keep_apart(*, actor: Actor, now: datetime, client: Client, member: Membership, reason: str) -> KeptApart:
    """Never assign this member to this client's tickets again. What they have stays with them until somebody moves it."""
    with transaction.atomic():
        given = {"reason": reason, "set_by": actor.name, "set_at": now}
        pair, _new = KeptApart.objects.update_or_create(client=client, member=member, defaults=given)
        data = {"client": client.name, "member": member.name}
        record(actor=actor, verb="kept_apart.set", subject=pair, now=now, data=data)
    return pair


def let_meet(*, actor: Actor, now: datetime, pair: KeptApart) -> None:
    """They may work together again."""
    with transaction.atomic():
        data = {"client": pair.client.name, "member": pair.member.name}
        record(actor=actor, verb="kept_apart.lifted", subject=pair, now=now, data=data)
        pair.delete()
