"""What profit offers to the shell and to the activity log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from msp.accounts.choices import Capability
from msp.accounts.registry import Command, NavItem

_SEES = Capability.PROFIT_VIEW
OFFERS = (
    NavItem(_("Profit"), "billing:profit", "coins", _SEES, "owner", 30, tab=_("Margins")),
    NavItem(_("Forecast"), "billing:forecast", "target", _SEES, "owner", 31, under="billing:profit"),
    NavItem(_("Utilisation"), "billing:utilisation", "clock", _SEES, "owner", 32, under="billing:profit"),
    Command(_("What an hour costs us"), "billing:costs", Capability.PROFIT_VIEW),
)

SENTENCES = {
    "costs.rate_set": _("%(actor)s set what an hour of %(name)s costs from %(day)s on"),
    "costs.overhead_set": _("%(actor)s set the overhead from %(day)s on"),
}
