"""Rows by COPY: 100,000 a second, without signals, locks or activity. For figures only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from msp.tenancy.ids import new_id

Row = dict[str, Any]
BATCH = 20_000


def copy(cursor: Any, model: type[models.Model], rows: Iterable[Row]) -> None:
    """Insert rows given as {attname: value}; what they leave out gets the field's default."""
    fields = [each for each in model._meta.local_concrete_fields if not each.has_db_default()]
    arrays = {each.attname for each in fields if isinstance(each, ArrayField)}
    blank = {each.attname: each.get_default() for each in fields}
    columns = ", ".join(f'"{each.column}"' for each in fields)
    statement = f'copy "{model._meta.db_table}" ({columns}) from stdin'
    page = StringIO()
    for count, row in enumerate(rows, 1):
        if unknown := row.keys() - blank.keys():
            raise KeyError(f"{model._meta.label} has no {unknown}")
        whole = blank | row
        if "id" not in row and not isinstance(fields[0], models.AutoField):
            whole["id"] = new_id()
        page.write("\t".join(_text(whole[each.attname], each.attname in arrays) for each in fields) + "\n")
        if count % BATCH == 0:
            _flush(cursor, statement, page)
            page = StringIO()
    _flush(cursor, statement, page)


def _flush(cursor: Any, statement: str, page: StringIO) -> None:
    page.seek(0)
    cursor.copy_expert(statement, page)


def _text(value: Any, is_array: bool) -> str:
    """A value in COPY's text format (PostgreSQL manual, COPY, "Text Format")."""
    if value is None:
        return r"\N"
    if value is True or value is False:
        return "t" if value else "f"
    if is_array:
        return "{" + ",".join(json.dumps(str(item)) for item in value) + "}"
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
