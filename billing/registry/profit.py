"""What profit offers to the shell and to the activity log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from msp.accounts.choices import Capability
from msp.accounts.registry import Command, NavItem

OFFERS = (
    NavItem(_("Profit"), "billing:profit", "coins", Capability.PROFIT_VIEW, "owner", 30),
    Command(_("What an hour costs us"), "billing:costs", Capability.PROFIT_VIEW),
)

SENTENCES = {
    "costs.rate_set": _("%(actor)s set what an hour of %(name)s costs from %(day)s on"),
    "costs.overhead_set": _("%(actor)s set the overhead from %(day)s on"),
}
