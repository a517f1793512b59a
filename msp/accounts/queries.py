"""What pages ask about the shop and its people."""

from __future__ import annotations

from django.http import HttpRequest

from .models import ShopSettings


def shop_settings(request: HttpRequest) -> ShopSettings:
    """The shop's settings row, read once a request and without the logo's bytes. Needs a request inside a shop."""
    found: ShopSettings | None = getattr(request, "shop_settings", None)
    if found is None:
        found = ShopSettings.objects.defer("logo").get()
        request.shop_settings = found  # type: ignore[attr-defined]
    return found
