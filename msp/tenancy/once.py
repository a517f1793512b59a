"""A form sent twice makes one row: the row keeps the form's key, which is unique in its shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db import models

if TYPE_CHECKING:
    from .models import TenantModel

M = TypeVar("M", bound="TenantModel")


def made_by(rows: models.QuerySet[M], form_key: UUID | None, **said: object) -> tuple[M | None, UUID | None]:
    """The row that this very form has made already, or the key for the one it is about to make.

    An old form, opened again by the browser's Back with something else `said` in it, makes a new row: that has no key.
    """
    made = rows.filter(form_key=form_key).first() if form_key else None
    if made is None:
        return None, form_key
    is_same = all(getattr(made, name) == value for name, value in said.items())
    return (made, None) if is_same else (None, None)
