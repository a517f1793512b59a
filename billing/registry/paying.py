"""What getting paid offers: pages, queues and the sentences of its acts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices.paying import CHECKOUTS, STATEMENTS
from billing.queries.counts import overdue
from msp.accounts.choices import Capability
from msp.accounts.registry import Command, Counted, NavItem, SettingsPage
from msp.jobs.registry import Queue

_OVERDUE = Counted(lambda _request: overdue(timezone.now()), "danger", _("past due"))
_VIEW, _PAY = Capability.BILLING_VIEW, Capability.PAYMENTS_RECORD
OFFERS = (
    NavItem(_("Overdue"), "billing:overdue", "hourglass", _VIEW, "billing", 70, counted=_OVERDUE),
    # Pages of the bookkeeper, not of every day: one entry.
    NavItem(_("Accounting"), "billing:ledger", "library", _VIEW, "billing", 120, tab=_("Ledger")),
    NavItem(_("Bank statements"), "billing:bank", "building", _PAY, "billing", 121, under="billing:ledger"),
    NavItem(_("Statements"), "billing:statements", "files", _VIEW, "billing", 122, under="billing:ledger"),
    SettingsPage(
        _("Accounts"),
        "billing:chart",
        "library",
        Capability.SETTINGS_MANAGE,
        45,
        _("Numbers of the accounts for your accountant's program"),
    ),
    SettingsPage(
        _("Card payments"),
        "billing:cards",
        "cash",
        Capability.SETTINGS_MANAGE,
        46,
        _("Let clients pay by card at Stripe's page"),
    ),
    Command(_("Who owes what"), "billing:overdue", _VIEW),
)

QUEUES = (
    Queue(CHECKOUTS, _("Card payment pages"), "billing.Checkout", "billing.actions.cards.MakeCheckout", max_attempts=5),
    Queue(
        STATEMENTS,
        _("Statements of account"),
        "billing.StatementPdf",
        "billing.actions.stating.RenderStatement",
        batch=4,
        lease=timedelta(seconds=180),  # as of an invoice
    ),
)

SENTENCES = {
    "payment.recorded": _("%(actor)s recorded a payment of %(amount)s %(currency)s"),
    "payment.on_account": _("%(actor)s recorded %(amount)s %(currency)s on account"),
    "payment.voided": _("%(actor)s took back a payment of %(amount)s %(currency)s: %(reason)s"),
    "payment.put_against": _("%(actor)s put %(amount)s %(currency)s against %(number)s"),
    "payment.taken_off": _("%(actor)s took %(amount)s %(currency)s off %(number)s"),
    "payment.refunded": _("%(actor)s paid back %(amount)s %(currency)s"),
    "statement.asked": _("%(actor)s asked for a statement of account from %(starts)s to %(ends)s"),
    "invoice.written_off": _("%(actor)s wrote off %(amount)s %(currency)s: %(reason)s"),
    "invoice.write_off_taken_back": _("%(actor)s took back a write-off of %(amount)s %(currency)s: %(reason)s"),
    "bank.account_added": _("%(actor)s added the bank account %(name)s"),
    "bank.account_changed": _("%(actor)s changed the bank account %(name)s"),
    "bank.imported": _("%(actor)s imported %(file)s: %(added)s new lines, %(known)s known"),
    "bank.line_left": _("%(actor)s left a line of %(amount)s %(currency)s: %(reason)s"),
    "bank.line_reopened": _("%(actor)s opened a line of %(amount)s %(currency)s again"),
    "cards.on": _("%(actor)s let clients pay by card"),
    "cards.off": _("%(actor)s changed the card payments: clients may not pay by card"),
    "cards.address": _("%(actor)s made a new address for Stripe"),
    "cards.asked": _("%(actor)s wants to pay %(number)s by card"),
    "cards.heard": _("%(actor)s told of %(kind)s: %(outcome)s"),
    "books.chart_changed": _("%(actor)s changed the numbers of the accounts"),
    "books.closed": _("%(actor)s closed the books through %(through)s"),
    "books.opened": _("%(actor)s opened the books again, closed through %(through)s now: %(reason)s"),
}
