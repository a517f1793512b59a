"""Who can sign in to the demo: printed by `up`, shown on the login page of a loopback installation."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from msp.accounts.choices import Role
from msp.accounts.models import User
from msp.accounts.registry import DemoLogin

from .plans import LOWMOOR, NORTHGATE, PASSWORD, PLANS

_PORTAL_SHOWN = 2


def demo_logins() -> list[DemoLogin]:
    """One sign-in for each role, of the demo's people who are there. One query."""
    wanted = list(_wanted())
    there = set(User.objects.filter(email__in=[login.email for login in wanted]).values_list("email", flat=True))
    return [login for login in wanted if login.email in there]


def with_public_password() -> list[str]:
    """The addresses of the demo's people who can sign in with the password that stands in this code."""
    emails = [shop.email_of(person) for shop in PLANS for person in shop.staff]
    emails += [person.email for shop in PLANS for person in shop.portal]
    people = User.objects.filter(email__in=emails, is_active=True).order_by("email")
    return [user.email for user in people if user.check_password(PASSWORD)]


def _wanted() -> Iterator[DemoLogin]:
    for role in Role:
        colleague = next(person for person in NORTHGATE.staff if role in person.roles)
        yield DemoLogin(role.label, NORTHGATE.email_of(colleague), PASSWORD)
    for person in NORTHGATE.portal[:_PORTAL_SHOWN]:
        label = _("Portal: %(title)s, %(clients)s") % {"title": person.title, "clients": ", ".join(person.clients)}
        yield DemoLogin(label, person.email, PASSWORD)
    owner = _("%(role)s of %(shop)s") % {"role": Role.OWNER.label, "shop": LOWMOOR.name}
    yield DemoLogin(owner, LOWMOOR.email_of(LOWMOOR.staff[0]), PASSWORD)
