"""What every endpoint of every app is made of."""

from __future__ import annotations

from .endpoint import Endpoint, described

__all__ = ["Endpoint", "described"]
