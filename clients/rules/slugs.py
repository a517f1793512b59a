"""Pure rules of the client records."""

from __future__ import annotations

from collections.abc import Container

from django.utils.text import slugify


def free_slug(name: str, taken: Container[str]) -> str:
    """A short name for URLs, made from `name`, that is not in `taken`: `harbour-dental`, `harbour-dental-2`, …"""
    base = slugify(name)[:70].strip("-") or "client"
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
