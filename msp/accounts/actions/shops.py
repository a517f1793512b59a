"""Making a shop, and saying who it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from msp.accounts.choices import Role
from msp.accounts.models import Invitation, ShopSettings
from msp.accounts.rules import Actor
from msp.accounts.signals import shop_created
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant

from .invitations import invite_person
from .logos import clean_logo
from .telling import change_of, tell

UNTOLD = {"logo"}  # the log keeps its hash


class NewShop(NamedTuple):
    """A shop, and the invitation of its first owner with its link."""

    tenant: Tenant
    invitation: Invitation
    link: str


def create_shop(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    slug: str,
    owner_email: str,
    owner_name: str,
    country: str,
    zone: str,
    currency: str,
    language: str,
    host: str | None = None,
) -> NewShop:
    """Make a shop with its settings and invite its first owner. `host` is the shop's own host name, if it has one.

    Raises IntegrityError when the slug or the host is taken.
    """
    with transaction.atomic():
        tenant = Tenant.objects.create(slug=slug, name=name, host=host, created_at=now)
        with enter(system_scope(tenant.pk)):
            settings = ShopSettings.objects.create(
                legal_name=name, country=country, zone=zone, currency=currency, language=language
            )
            tell(actor=actor, verb="shop.created", subject=settings, now=now, name=name)
            shop_created.send(sender=Tenant, tenant=tenant, actor=actor, now=now)
            invited = invite_person(actor=actor, now=now, email=owner_email, name=owner_name, roles=[Role.OWNER])
    return NewShop(tenant, invited.invitation, invited.link)


def save_shop(
    *, actor: Actor, now: datetime, settings: ShopSettings, part: str, values: Mapping[str, object]
) -> ShopSettings:
    """Change the settings of one page; `part` is company, region or security. Unchanged values write nothing."""
    changed = [field for field, value in values.items() if getattr(settings, field) != value]
    return _save(actor, now, settings, f"shop.{part}_changed", {field: values[field] for field in changed})


def save_company(
    *, actor: Actor, now: datetime, settings: ShopSettings, name: str, values: Mapping[str, object]
) -> ShopSettings:
    """Change the name under which clients know the shop, and the company behind it."""
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=settings.tenant_id)
        if tenant.name != name:
            before, tenant.name = tenant.name, name
            tenant.save(update_fields=["name"])
            tell(actor=actor, verb="shop.renamed", subject=settings, now=now, before=before, after=name)
        return save_shop(actor=actor, now=now, settings=settings, part="company", values=values)


def save_brand(*, actor: Actor, now: datetime, settings: ShopSettings, hue: int, logo: bytes | None) -> ShopSettings:
    """Change the brand. `logo`: an upload, drawn anew; empty bytes take the logo away, None keeps it.

    `hue` is in degrees, 0 to 359. Raises NotALogo.
    """
    values: dict[str, object] = {"hue": hue} if hue != settings.hue else {}
    if logo is not None:
        clean = clean_logo(logo) if logo else None
        values |= {"logo": clean, "logo_hash": hashlib.sha256(clean).hexdigest() if clean else ""}
    return _save(actor, now, settings, "shop.brand_changed", values)


def dismiss_start(*, actor: Actor, now: datetime, settings: ShopSettings) -> ShopSettings:
    """Put the first-run checklist away for everybody."""
    if settings.start_dismissed_at is not None:
        return settings
    return _save(actor, now, settings, "shop.start_dismissed", {"start_dismissed_at": now})


def _save(actor: Actor, now: datetime, settings: ShopSettings, verb: str, values: Mapping[str, object]) -> ShopSettings:
    if values:
        told = {field: value for field, value in values.items() if field not in UNTOLD}
        change = change_of({field: getattr(settings, field) for field in told}, told)
        with transaction.atomic():
            for field, value in values.items():
                setattr(settings, field, value)
            settings.save(update_fields=list(values))
            tell(actor=actor, verb=verb, subject=settings, now=now, data=change)
    return settings
