"""Pure rules of the client records."""

from __future__ import annotations

from collections.abc import Container

from django.utils.text import slugify

# What stands in the place of a client's short name in an address of ours: /clients/new/. A test compares it with the routes.
RESERVED = frozenset({"new"})


def slug_base(name: str) -> str:
    """What every short name made from `name` begins with."""
    return slugify(name)[:70].strip("-") or "client"


def free_slug(name: str, taken: Container[str]) -> str:
    """A short name for URLs, made from `name`, that is not in `taken`: `harbour-dental`, `harbour-dental-2`, …"""
    base = slug_base(name)
    if base not in taken and base not in RESERVED:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
