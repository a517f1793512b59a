"""One statement for many rows that each get values of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db import connection, models


def write_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save `fields` of all rows of one table at once. Django's bulk_update writes a CASE over all rows for each field."""
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    columns = [cast("models.Field[Any, Any]", meta.get_field(name)) for name in fields]
    kinds = [(str(column.column), column.db_type(connection)) for column in columns]
    sets = ", ".join(f"{quote(name)} = v.{quote(name)}::{kind}" for name, kind in kinds)
    names = ", ".join(quote(name) for name in ["id", *(name for name, _ in kinds)])
    line = f"({', '.join(['%s'] * (len(kinds) + 1))})"
    values = [
        value
        for row in rows
        for value in (row.pk, *(c.get_db_prep_save(getattr(row, c.attname), connection) for c in columns))
    ]
    # Names come from models alone, values are parameters.
    statement = f"update {quote(meta.db_table)} t set {sets} from (values {', '.join([line] * len(rows))}) v ({names}) where t.id = v.id::uuid"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
