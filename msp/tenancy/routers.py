"""Tables are made by the owner role alone."""

from __future__ import annotations

from typing import Any


class OwnerMigrates:
    """Only the `owner` alias migrates; everything else is read and written as the app role."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
