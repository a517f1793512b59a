"""Public holidays by country and region, and a shop's own days. From the library `holidays`; no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from .calendars import Calendar, Holidays, Window

_WEEKEND = frozenset({5, 6})


@lru_cache(maxsize=256)
def public_holidays(country: str, region: str = "") -> Holidays:
    """The holidays of a country (ISO 3166-1 alpha-2), with those of a region; none for a country that the library lacks."""
    if not _knows(country, region):
        return {}
    found: Holidays = holidays.country_holidays(country, subdiv=region or None)
    return found


@lru_cache(maxsize=256)
def weekend_of(country: str) -> frozenset[int]:
    """The days of the weekend in a country (Monday is 0); Saturday and Sunday for a country that the library lacks."""
    known = frozenset[int](holidays.country_holidays(country).weekend) if _knows(country) else frozenset[int]()
    return known or _WEEKEND


def _knows(country: str, region: str = "") -> bool:
    """Whether the library has the country and, if one is named, its region, by code or by another name of it."""
    regions = holidays.list_supported_countries().get(country)
    return regions is not None and (not region or region in regions)


@lru_cache(maxsize=1)
def _supported() -> dict[str, list[str]]:
    return dict(holidays.list_supported_countries(include_aliases=False))


def countries_with_holidays() -> set[str]:
    """The countries whose holidays are known, by their alpha-2 code."""
    return set(_supported())


@lru_cache(maxsize=256)
def regions_of(country: str) -> tuple[tuple[str, str], ...]:
    """The regions of a country that have holidays of their own: code and name, by name."""
    codes = _supported().get(country, [])
    if not codes:
        return ()
    named = {code: name for name, code in holidays.country_holidays(country).subdivisions_aliases.items()}
    return tuple(sorted(((code, named.get(code, code)) for code in codes), key=lambda pair: pair[1]))


@dataclass(frozen=True)
class OwnDay:
    """A day of the shop's own: closed under its name, or, with `works`, open although it is a public holiday."""

    day: date
    name: str
    works: bool = False


@dataclass(frozen=True)
class DaysOff:
    """Public holidays and the shop's own days as one."""

    public: Holidays
    own: Mapping[date, OwnDay]

    def get(self, day: date, /) -> str | None:
        mine = self.own.get(day)
        if mine is None:
            return self.public.get(day)
        return None if mine.works else mine.name


@dataclass(frozen=True)
class Terms:
    """A service calendar as it is written down. A clock keeps the terms it began with, so that a change leaves it alone."""

    zone: str
    windows: tuple[Window, ...] = ()
    country: str = ""
    region: str = ""
    days: tuple[OwnDay, ...] = field(default=())

    def calendar(self, *, always: bool = False) -> Calendar:
        public = public_holidays(self.country, self.region) if self.country else {}
        days_off = DaysOff(public, {own.day: own for own in self.days})
        return Calendar(ZoneInfo(self.zone), self.windows, days_off, always)

    def to_json(self) -> dict[str, Any]:
        return {
            "zone": self.zone,
            "windows": windows_to_json(self.windows),
            "country": self.country,
            "region": self.region,
            "days": days_to_json(self.days),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Terms:
        windows, days = windows_from_json(kept["windows"]), days_from_json(kept["days"])
        return cls(kept["zone"], windows, kept["country"], kept["region"], days)


def windows_to_json(windows: tuple[Window, ...]) -> list[list[int]]:
    return [[window.weekday, window.opens, window.closes] for window in sorted(windows)]


def windows_from_json(kept: list[list[int]]) -> tuple[Window, ...]:
    return tuple(Window(*numbers) for numbers in kept)


def days_to_json(days: tuple[OwnDay, ...]) -> list[list[Any]]:
    return [[own.day.isoformat(), own.name, own.works] for own in sorted(days, key=lambda own: own.day)]


def days_from_json(kept: list[list[Any]]) -> tuple[OwnDay, ...]:
    return tuple(OwnDay(date.fromisoformat(day), name, works) for day, name, works in kept)
