"""How the demo shop stays friends with its clients: reminders with an hour to hold them, a query that waits, a promise, a rule."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from billing import actions
from billing.models import InvoiceLine, Receivable
from clients.models import Contact
from msp.accounts.choices import Role

from .shop import Shop

_PAYS_IN = timedelta(days=5)
_SEND_HOUR = 16  # so that most visitors see what goes out before it does


def stay_friends(shop: Shop) -> None:
    """At the end of the past: switch reminders on, and leave something to answer."""
    owner = shop.with_role(Role.OWNER)[0].as_actor()
    care = {"reminds": True, "send_hour": _SEND_HOUR, "hour_cost": Decimal(42), "margin_floor": Decimal(25)}
    actions.change_care_settings(values=care, actor=owner, now=shop.now)
    rule = {
        "name": "Years together",
        "counts": "years",
        "threshold": 2,
        "repeats": True,
        "gift": "percent",
        "percent": Decimal(5),
        "yearly_cap": Decimal(60),
        "thanks": "Thank you for {years} years with us",
        "automatic": False,
    }
    actions.add_rule(values=rule, actor=owner, now=shop.now)
    _ask(shop)
    _promise(shop)


def _ask(shop: Shop) -> None:
    """Somebody wonders about a line of the latest invoice."""
    owed = Receivable.objects.owing().order_by("-issued_at").select_related("client").first()
    contact = _payer(owed)
    if owed is None or contact is None:
        return
    line = InvoiceLine.objects.filter(invoice=owed.invoice_id).select_related("invoice__client").order_by("position")[0]
    words = "We thought that this was part of the last visit. Could you look it up?"
    actor = contact.membership.as_actor()
    actions.ask_about_line(line=line, contact=contact, words=words, actor=actor, now=shop.now)


def _promise(shop: Shop) -> None:
    """Whoever owes for the longest said when they pay."""
    owed = Receivable.objects.overdue(shop.now.date()).order_by("due_on").select_related("invoice").first()
    contact = _payer(owed)
    if owed is None or contact is None:
        return
    office = shop.one(Role.OFFICE_MANAGER).as_actor()
    pay_on = (shop.now + _PAYS_IN).date()
    actions.note_pay_promise(invoice=owed.invoice, pay_on=pay_on, who=contact.name, actor=office, now=shop.now)


def _payer(owed: Receivable | None) -> Contact | None:
    """A contact who signs in to the client's portal."""
    if owed is None:
        return None
    people = Contact.objects.living().filter(client=owed.client_id, membership__isnull=False)
    found: Contact | None = people.select_related("membership", "site").order_by("-gets_invoices", "name").first()
    return found
