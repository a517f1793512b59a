"""A line on a draft that the product puts there by itself: a fee, a gift."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from billing.choices import Unit
from billing.models import Invoice, InvoiceLine
from billing.rules import money
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record

from . import drafts

LONGEST = 300


def put_line(
    *, invoice: Invoice, words: str, amount: Decimal, tax_rate: Decimal, actor: Actor, now: datetime
) -> InvoiceLine:
    """One line of a flat amount, negative for a gift, in the caller's transaction. Raises Refused unless it is a draft, and for
    an amount that the currency does not know.
    """
    invoice = drafts.locked_draft_of_lines(invoice)
    if not money.is_exact(amount, invoice.currency):
        raise Refused(f"{amount} {invoice.currency}")
    line = InvoiceLine.objects.create(
        invoice=invoice,
        client=invoice.client,
        position=drafts.next_position(invoice),
        description=words[:LONGEST],
        quantity=Decimal(1),
        unit=Unit.FLAT,
        unit_price=amount,
        amount=amount,
        tax_rate=tax_rate,
        source={"added_by": actor.name, "tax_by_hand": True},
    )
    drafts.add_up(invoice)
    record(actor=actor, verb="invoice.line_added", subject=invoice, now=now, data={"line": line.description})
    return line
