"""Following a ticket, and what it is about beside its first piece of equipment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Asset, Contact
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.notify.actions import notify
from tickets.models import LinkedAsset, Message, Ticket, Watcher
from tickets.queries.around import watching_staff
from tickets.rules import Refused

from .rows import hold_standing, write


def watch(*, actor: Actor, now: datetime, ticket: Ticket, person: Membership | Contact) -> Watcher:
    """Let somebody hear what is said on a ticket. Raises Refused for another client's people, and for who left."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        _check(ticket, person)
        row, is_new = Watcher.objects.get_or_create(
            ticket=ticket, **_who(person), defaults={"client": ticket.client, "since": now}
        )
        if is_new:
            _changed(actor, now, ticket, "ticket.watched", person)
    return row


def unwatch(*, actor: Actor, now: datetime, ticket: Ticket, person: Membership | Contact) -> None:
    """Let somebody hear no more of it. Nothing happens when they did not."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        number, _rows = Watcher.objects.filter(ticket=ticket, **_who(person)).delete()
        if number:
            _changed(actor, now, ticket, "ticket.unwatched", person)


def link_assets(*, actor: Actor, now: datetime, ticket: Ticket, assets: Sequence[Asset]) -> None:
    """Say what else it is about: these pieces of equipment and no others. Raises Refused for another client's."""
    with transaction.atomic():
        ticket = hold_standing(ticket)
        wanted = {asset.pk: asset for asset in assets if asset.pk != ticket.asset_id}
        if foreign := [asset.name for asset in wanted.values() if asset.client_id != ticket.client_id]:
            words = {"row": ", ".join(foreign), "client": ticket.client.name}
            raise Refused(_("%(row)s does not belong to %(client)s.") % words)
        have = set(LinkedAsset.objects.filter(ticket=ticket).values_list("asset", flat=True))
        if have == wanted.keys():
            return
        LinkedAsset.objects.filter(ticket=ticket).exclude(asset__in=wanted).delete()
        LinkedAsset.objects.bulk_create(
            LinkedAsset(ticket=ticket, client_id=ticket.client_id, asset=asset)
            for key, asset in wanted.items()
            if key not in have
        )
        write(ticket, now)
        names = ", ".join(asset.name for asset in wanted.values()) or _("nothing else")
        record(actor=actor, verb="ticket.assets_linked", subject=ticket, now=now, data={"names": names})


def tell_watchers(*, now: datetime, ticket: Ticket, message: Message) -> None:
    """Tell the staff who follow a ticket that something was said; who said it knows."""
    said = {"name": message.author_name, "number": ticket.number, "subject": ticket.subject}
    for member in watching_staff(ticket):
        if member.pk != message.author_id:
            notify(
                to=member,
                now=now,
                words=lambda: _("%(name)s wrote on #%(number)s, %(subject)s.") % said,
                url=ticket.get_absolute_url(),
                key=f"watch:{ticket.pk}",
            )


def _check(ticket: Ticket, person: Membership | Contact) -> None:
    if isinstance(person, Contact):
        if person.client_id != ticket.client_id:
            raise Refused(_("%(name)s belongs to another client.") % {"name": person.name})
    elif person.ended_at is not None or not person.is_staff_member:
        raise Refused(_("%(name)s does not work here (any more).") % {"name": person.name})


def _who(person: Membership | Contact) -> dict[str, Membership | Contact]:
    return {"contact": person} if isinstance(person, Contact) else {"member": person}


def _changed(actor: Actor, now: datetime, ticket: Ticket, verb: str, person: Membership | Contact) -> None:
    record(actor=actor, verb=verb, subject=ticket, now=now, data={"name": person.name})
