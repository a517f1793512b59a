"""Parts and expenses on a ticket: written down, agreed to where the margin is odd, and billed with the ticket."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.choices import OldPart, Unit
from billing.models import Invoice, InvoiceLine, Part
from billing.queries.terms import billing_settings
from billing.rules import money
from billing.rules.margins import is_outside
from billing.rules.refusals import Refused
from billing.rules.terms import Terms
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by
from tickets.models import Ticket

from . import drafts
from .asking import ask_to_look

MAX_DETAIL = 4000


def add_part(*, ticket: Ticket, actor: Actor, now: datetime, form_key: UUID | None = None, **values: Any) -> Part:
    """Write down a part or an expense, in the client's currency; `values` by column. Sending the same form again makes no second one.

    Raises Refused on a ticket of nobody yet, and for amounts that the currency does not know.
    """
    client = ticket.client
    if client.is_unsorted:
        raise Refused(_("Say first whose ticket it is."))
    with transaction.atomic():
        twin, form_key = made_by(Part.objects.filter(ticket=ticket), form_key, **values)
        if twin:
            return twin
        part = Part(ticket=ticket, client=client, currency=client.currency, form_key=form_key, **values)
        part.added_by, part.added_at = actor.name, now
        _price(part)
        part.save(force_insert=True)
        data = {
            "what": part.description,
            "quantity": str(part.quantity),
            "cost": str(part.cost),
            "price": str(part.price),
        }
        record(actor=actor, verb="part.added", subject=ticket, now=now, data=data)
        if ticket.solved_at is not None:
            ask_to_look(actor=actor, now=now, client=client)
    return part


def change_part(*, part: Part, actor: Actor, now: datetime, **values: Any) -> Part:
    """Correct it. An agreed price that changes must be agreed to anew. Raises Refused once it is on an invoice, and as `add_part`."""
    with transaction.atomic():
        part = _held(part)
        was, priced = {name: str(getattr(part, name)) for name in values}, (part.cost, part.price)
        for name, value in values.items():
            setattr(part, name, value)
        if (part.cost, part.price) != priced:
            part.approved_by = part.approved_because = ""
        _price(part)
        part.save()
        data = {"what": part.description, "was": was, "now": {name: str(value) for name, value in values.items()}}
        record(actor=actor, verb="part.changed", subject=part.ticket, now=now, data=data)
        ask_to_look(actor=actor, now=now, client=part.ticket.client)
    return part


def remove_part(*, part: Part, actor: Actor, now: datetime) -> Part:
    """Take it off the ticket; the record stays. Raises Refused once it is on an invoice."""
    with transaction.atomic():
        part = _held(part)
        part.removed_at = now
        part.save(update_fields=["removed_at"])
        record(actor=actor, verb="part.removed", subject=part.ticket, now=now, data={"what": part.description})
        ask_to_look(actor=actor, now=now, client=part.ticket.client)
    return part


def approve_part(*, part: Part, because: str, actor: Actor, now: datetime) -> Part:
    """Agree to a price outside the band. Raises Refused without a reason, and for whoever wrote it down."""
    if not because.strip():
        raise Refused(_("Say why the price is right."))
    with transaction.atomic():
        part = _held(part)
        if actor.name == part.added_by:
            raise Refused(_("You wrote it down. Somebody else must agree to the price."))
        part.approved_by, part.approved_because = actor.name, because.strip()
        part.save(update_fields=["approved_by", "approved_because"])
        data = {"what": part.description, "because": because.strip()}
        record(actor=actor, verb="part.approved", subject=part.ticket, now=now, data=data)
        ask_to_look(actor=actor, now=now, client=part.ticket.client)
    return part


def parts_to_bill(client: Client, ticket_ids: Collection[UUID] | None, *, with_open: bool) -> list[Part]:
    """The parts a draft takes along, held in key order: of solved tickets, and none whose price waits for somebody."""
    rows = Part.objects.unbilled().filter(client=client)
    if ticket_ids is not None:
        rows = rows.filter(ticket__in=ticket_ids)
    if not with_open:
        rows = rows.filter(ticket__solved_at__isnull=False)
    held = list(rows.select_for_update(of=("self",)).select_related("ticket").order_by("ticket__number", "id"))
    return [part for part in held if not part.waits_for_approval]


def bill_parts(invoice: Invoice, parts: Iterable[Part], terms: Terms) -> None:
    """A line a part, behind what stands on the draft already; in the caller's transaction."""
    position = drafts.next_position(invoice)
    with translation.override(invoice.language):
        for place, part in enumerate(parts):
            part.line = _line(invoice, part, terms, position + place)
            part.save(update_fields=["line"])


def _line(invoice: Invoice, part: Part, terms: Terms, position: int) -> InvoiceLine:
    assert terms.tax_rate is not None
    return InvoiceLine.objects.create(
        invoice=invoice,
        client=invoice.client,
        ticket_id=part.ticket_id,
        position=position,
        description=part.description,
        detail=_words(part)[:MAX_DETAIL],
        quantity=part.quantity,
        unit=Unit.PIECE,
        unit_price=part.price,
        amount=money.line_amount(part.quantity, part.price, invoice.currency),
        tax_rate=terms.tax_rate,
        source={"added_by": part.added_by, "part": str(part.pk), "cost": str(part.cost)},
    )


def _words(part: Part) -> str:
    """What the client reads below the line: the serial number, and what became of the old part."""
    said = [_("Serial number %s") % part.serial] if part.serial else []
    if part.old_part != OldPart.NONE:
        said.append(_("The old part: %s") % part.get_old_part_display())
    return "\n".join(said)


def _price(part: Part) -> None:
    """Check the amounts, and say whether somebody must agree to them."""
    if not all(money.is_exact(Decimal(amount), part.currency) for amount in (part.cost, part.price)):
        raise Refused(_("The price has more decimals than %s knows.") % part.currency)
    band = billing_settings()
    part.needs_approval = is_outside(part.cost, part.price, band.least_margin, band.most_margin)


def _held(part: Part) -> Part:
    row = Part.objects.select_for_update(of=("self",)).select_related("ticket__client").get(pk=part.pk)
    if row.is_billed or row.removed_at is not None:
        raise Refused(_("It is on an invoice or was taken off. Reload the page to see where it stands."))
    return row
