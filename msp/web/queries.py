"""What pages of several apps share."""

from __future__ import annotations

from msp.accounts.models import Membership
from msp.accounts.registry import SEARCH, Hit
from msp.tenancy.models import Tenant


def search(me: Membership, words: str, limit: int) -> list[Hit]:
    """Rows of every app that match what a member typed and may see; at most `limit` of each kind, best first."""
    providers = sorted((provider for provider in SEARCH if me.can(provider.capability)), key=lambda p: p.order)
    return [hit for provider in providers for hit in provider.find(words, limit)]


def is_a_shops_host(name: str) -> bool:
    """Whether a shop has this host name of its own."""
    name = name.lower()
    return name.isascii() and name.isprintable() and Tenant.objects.filter(host=name).exists()
