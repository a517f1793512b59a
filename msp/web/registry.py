"""Where each role begins its day. Pages that do not exist yet are skipped, so the first that does wins."""

from __future__ import annotations

from msp.accounts.choices import Role
from msp.accounts.registry import land


def register() -> None:
    land(Role.OWNER, ["clients:promises", "billing:unbilled"])
    land(Role.OFFICE_MANAGER, ["billing:review", "billing:unbilled"])
    land(Role.DISPATCHER, ["tickets:calendar", "tickets:today"])
    land(Role.TECHNICIAN, ["tickets:today"])
    land(Role.READ_ONLY, ["tickets:list"])
