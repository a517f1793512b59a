"""Two people who change one row: a form carries a mark of what it showed, and the second to save is told what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from django.db import models


class ChangedMeanwhile(ValueError):
    """Somebody else changed the row since the form was shown. `row` is how it stands now."""

    def __init__(self, row: models.Model) -> None:
        super().__init__(f"{row._meta.label} was changed meanwhile")
        self.row = row


def mark_of(row: models.Model, names: Iterable[str]) -> str:
    """A mark of these columns of a row as they were read from the database."""
    stored = [(name, str(getattr(row, row._meta.get_field(name).attname))) for name in sorted(names)]  # type: ignore[union-attr]
    return hashlib.blake2b(repr(stored).encode(), digest_size=9).hexdigest()


def check_mark(row: models.Model, wanted: Mapping[str, object], mark: str) -> None:
    """Raises ChangedMeanwhile unless the locked `row` still shows what the form showed, or says what is `wanted` already.

    Without a mark nobody looked before.
    """
    if mark and mark != mark_of(row, wanted) and any(getattr(row, name) != value for name, value in wanted.items()):
        raise ChangedMeanwhile(row)
