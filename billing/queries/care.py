"""How the shop treats what clients ask and owe: its settings, and who looks after it."""

from __future__ import annotations

from billing.models import CareSettings
from msp.accounts.choices import Capability, Role
from msp.accounts.models import Membership
from msp.accounts.queries import staff
from msp.tenancy.kept import kept


@kept(CareSettings)
def care_settings() -> CareSettings:
    """The shop's settings; the defaults where nothing was set yet."""
    return CareSettings.objects.first() or CareSettings()


def office() -> list[Membership]:
    """Who checks invoices, office managers first: they are told, and the first of them keeps what is promised. One query."""
    people = [member for member in staff() if member.can(Capability.BILLING_DRAFT)]
    return sorted(people, key=lambda member: Role.OFFICE_MANAGER not in member.roles)
