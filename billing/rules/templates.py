"""Agreements to begin from, as most shops write them. A shop keeps its own beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.choices import AgreementKind, Basis, CountRule, RoundedPer, Rounding


@dataclass(frozen=True)
class BuiltIn:
    """`terms` by column of a version, `items` by column of an item; prices are left to the shop."""

    key: str
    name: StrOrPromise
    about: StrOrPromise
    kind: str
    terms: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[Mapping[str, Any]] = ()


_QUARTER = {"round_step": 15, "round_how": Rounding.UP, "round_per": RoundedPer.VISIT}
_ALL_WORK = ["remote", "on_site", "travel"]

BUILT_IN = (
    BuiltIn(
        "time",
        _("Time and materials"),
        _("Work is billed at the hourly rate, each visit to the next quarter of an hour."),
        AgreementKind.TIME,
        _QUARTER | {"after_multiplier": "1.50", "day_off_multiplier": "2.00"},
    ),
    BuiltIn(
        "users",
        _("Fixed monthly, per user"),
        _("A price for each user and each server; remote work in service hours is included."),
        AgreementKind.FIXED,
        {"includes": ["remote"], "after_multiplier": "1.50", "day_off_multiplier": "2.00"},
        (
            {
                "label": _("Support for each user"),
                "basis": Basis.USER,
                "count_rule": CountRule.START,
                "unit_price": "0",
            },
            {
                "label": _("Care of each server"),
                "basis": Basis.DEVICE,
                "asset_kind": "server",
                "count_rule": CountRule.START,
                "unit_price": "0",
            },
        ),
    ),
    BuiltIn(
        "flat",
        _("Fixed monthly, flat"),
        _("One price a month; remote work in service hours is included."),
        AgreementKind.FIXED,
        {"includes": ["remote"]},
        ({"label": _("Monthly support"), "basis": Basis.FLAT, "unit_price": "0"},),
    ),
    BuiltIn(
        "block",
        _("Prepaid hours"),
        _("Hours are bought ahead and used up by work; what goes beyond is billed at the rate."),
        AgreementKind.BLOCK,
        _QUARTER | {"after_multiplier": "1.50", "day_off_multiplier": "2.00"},
    ),
    BuiltIn(
        "retainer",
        _("Retainer"),
        _("A price a month with ten hours in it; up to five of them are carried over."),
        AgreementKind.RETAINER,
        {"included_minutes": 600, "carry_minutes": 300},
        ({"label": _("Retainer"), "basis": Basis.FLAT, "unit_price": "0"},),
    ),
    BuiltIn(
        "project",
        _("Project with milestones"),
        _("A fixed price in steps; the work on its tickets is included."),
        AgreementKind.PROJECT,
        {"includes": _ALL_WORK, "includes_after_hours": True},
    ),
)


def built_in(key: str) -> BuiltIn | None:
    return next((each for each in BUILT_IN if each.key == key), None)
