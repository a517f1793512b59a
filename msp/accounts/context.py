"""What the pages before signing in show: whose host it is, and the demo's sign-ins."""

from __future__ import annotations

import ipaddress
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant

from .models import ShopSettings
from .registry import DEMO_LOGINS, DemoLogin
from .requests import is_at_home


def sign_in(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shop` and `hue` of the shop whose own host this is, `demo_logins`. No query unless shown."""
    here: Tenant | None = getattr(request, "host_tenant", None)
    found: dict[str, Any] = {
        "demo_logins": partial(demo_logins, request),
        "passkeys_here": passkeys_work_on(request.get_host().split(":")[0]),
    }
    if here is not None:
        found |= {"shop": here.name, "hue": SimpleLazyObject(lambda: _hue(here))}
    return found


def demo_logins(request: HttpRequest) -> list[DemoLogin]:
    """The sign-ins of the demo: only where `up` made it, and for this machine alone."""
    if not (settings.DEMO and is_at_home(request)):
        return []
    return [login for made in DEMO_LOGINS for login in made()]


def _hue(tenant: Tenant) -> int:
    with enter(system_scope(tenant.pk)):
        return ShopSettings.objects.values_list("hue", flat=True).get()


def passkeys_work_on(host: str) -> bool:
    """Whether a browser on `host` (without port) accepts passkeys of the base domain.

    They need HTTPS or localhost, and never work on a bare address, which has no domain.
    """
    base = settings.BASE_HOST
    try:
        ipaddress.ip_address(base)
    except ValueError:
        trusted = settings.SECURE or base.rpartition(".")[2] == "localhost"
        return trusted and (host == base or host.endswith(f".{base}"))
    return False
