"""A template's terms as the columns of a version and its items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from billing.models import AgreementItem, AgreementTemplate, AgreementVersion
from billing.rules.signing import plain
from billing.rules.templates import built_in
from msp.tenancy.ids import id_from

from .agreements import terms_columns

_ITEM = ("label", "basis", "asset_kind", "count_rule", "quantity", "at_least", "unit_price")
# What belongs to one client, or to a day, and is no part of a template.
_OF_CLIENT = {"approver_id", "po_number", "po_limit"}


@dataclass(frozen=True)
class Start:
    """What an agreement begins with."""

    kind: str
    terms: dict[str, Any]
    items: list[dict[str, Any]]


def start_from(key: str) -> Start | None:
    """A built-in template by its key, or the shop's own by its id; None: there is none."""
    known = built_in(key)
    if known is not None:
        return Start(known.kind, _columns(known.terms), [_row(each) for each in known.items])
    pk: UUID | None = id_from(key)
    own = AgreementTemplate.objects.filter(pk=pk, archived_at=None).first() if pk else None
    return Start(own.kind, _columns(own.terms), [_row(each) for each in own.items]) if own else None


def kept_terms(version: AgreementVersion) -> dict[str, Any]:
    """A version's terms as a template keeps them."""
    return {name: plain(getattr(version, name)) for name in terms_columns() if name not in _OF_CLIENT}


def kept_items(version: AgreementVersion) -> list[dict[str, Any]]:
    return [{name: plain(getattr(item, name)) for name in _ITEM} for item in version.items.order_by("position")]


def _columns(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _read(AgreementVersion, name, value) for name, value in kept.items()}


def _row(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _read(AgreementItem, name, value) for name, value in kept.items()}


def _read(model: type[AgreementVersion] | type[AgreementItem], name: str, value: Any) -> Any:
    """A kept value as its column's type; lazy words become plain ones."""
    if value is None or isinstance(value, list):
        return value
    field = next(each for each in model._meta.local_concrete_fields if name in {each.name, each.attname})
    return field.to_python(str(value) if not isinstance(value, bool) else value)
