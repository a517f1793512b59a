"""Writing the activity log, and sealing what has been written."""

from __future__ import annotations

from .recording import record, record_many
from .sealing import seal_all, seal_shop

__all__ = ["record", "record_many", "seal_all", "seal_shop"]
