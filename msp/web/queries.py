"""What pages of several apps share."""

from __future__ import annotations

from msp.accounts.models import Membership, ShopSettings
from msp.accounts.registry import SEARCH, Hit
from msp.accounts.requests import MemberRequest


def shop_settings(request: MemberRequest) -> ShopSettings:
    """The shop's settings row, read once a request. A shop that has set nothing yet reads as the defaults."""
    found = getattr(request, "shop_settings", None)
    if found is None:
        found = request.shop_settings = ShopSettings.objects.defer("logo").first() or ShopSettings()  # type: ignore[attr-defined]
    return found


def search(me: Membership, words: str, limit: int) -> list[Hit]:
    """Rows of every app that match what a member typed and may see; at most `limit` of each kind, best first."""
    providers = sorted((provider for provider in SEARCH if me.can(provider.capability)), key=lambda p: p.order)
    return [hit for provider in providers for hit in provider.find(words, limit)]
