"""Where each role begins its day, and where a client's contact does. Pages that do not exist are skipped: the first that does wins."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from msp.accounts.choices import Role
from msp.accounts.registry import NavItem, land, offer


def register() -> None:
    land(Role.OWNER, ["clients:promises", "billing:unbilled"])
    land(Role.OFFICE_MANAGER, ["billing:review", "billing:unbilled"])
    land(Role.DISPATCHER, ["tickets:calendar", "tickets:today"])
    land(Role.TECHNICIAN, ["tickets:today"])
    land(Role.READ_ONLY, ["tickets:list"])
    offer(NavItem(_("Home"), "web:portal", "home", "", "portal", 10, phone=True))
