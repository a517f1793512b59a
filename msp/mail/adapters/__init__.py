"""Doors of other programs: Django's to the outbox, other mail servers' to the mailboxes."""

from __future__ import annotations

from .outbox import OutboxBackend

__all__ = ["OutboxBackend"]
