"""Fields that take exactly the JSON which their schema describes, and the shapes that every endpoint shares.

Django REST framework is generous: a number is text to it, "yes" is true. Whoever sends the wrong type has a mistake to hear of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from msp.accounts.regions import country_choices, currency_choices, language_choices, phone_number, zone_choices

from .rules import Conflict

NO_NUL = RegexValidator(r"^[^\x00]+$", _("No NUL characters."))
SOME_WORDS = RegexValidator(r"^[^\x00]*[^\s\x00][^\x00]*$", _("Write something."))
WEB_ADDRESS = RegexValidator(r"^https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[!-~]*)?$", _("Begin with https://."))
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


class Strict(serializers.Serializer[Any]):
    """A body of known members only."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(str(name) for name in data.keys() - known):
                raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """Text; without `allow_blank` it says something."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        # One pattern: the schema names the last one only.
        validators = kwargs.pop("validators", None) or [NO_NUL if kwargs.get("allow_blank") else SOME_WORDS]
        super().__init__(**kwargs)
        self.validators = [*self.validators, *validators]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Line(Text):
    """Text of one line, without the blanks around it."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        said = super().run_validation(data)
        return said.strip() if isinstance(said, str) else said


class Email(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | str) or (isinstance(data, float) and not data.is_integer()):
            self.fail("invalid")
        return super().to_internal_value(data)


class YesNo(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Key(serializers.UUIDField):
    """A row's id."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str | int) and not isinstance(data, bool):
            for value in self.choices:
                if value == data:
                    return value
        return self.fail("invalid_choice", input=data)


class Day(serializers.DateField):
    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class Moment(serializers.DateTimeField):
    """A time with its zone. What lies centuries away is no mistake of form, but nothing that anybody means."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not (value[-1:] in "Zz" or value[-6:-5] in "+-"):
            self.fail("invalid", format="2026-11-23T09:30:00Z")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        """Overridden: in UTC, and without an overflow at either end of time."""
        if value.tzinfo is None:
            self.fail("invalid", format="2026-11-23T09:30:00Z")
        if not EARLIEST.year <= value.year < LATEST.year:
            raise Conflict(_("That time is too far away."))
        return value.astimezone(UTC)


def zone(**kwargs: Any) -> Choice:
    """An IANA time zone."""
    return Choice(choices=[value for value, _label in zone_choices()], **kwargs)


def country(**kwargs: Any) -> Choice:
    """ISO 3166-1 alpha-2."""
    return Choice(choices=sorted(value for value, _label in country_choices()), **kwargs)


def currency(**kwargs: Any) -> Choice:
    """ISO 4217."""
    return Choice(choices=sorted(value for value, _label in currency_choices()), **kwargs)


def language(**kwargs: Any) -> Choice:
    return Choice(choices=[value for value, _label in language_choices()], **kwargs)


def with_phones(values: dict[str, Any], of_country: str) -> dict[str, Any]:
    """Phone numbers in international form. Raises Conflict for one that cannot be."""
    for name in ("phone", "mobile"):
        if values.get(name):
            try:
                values[name] = phone_number(values[name], of_country)
            except Exception as error:  # Django's ValidationError
                raise Conflict(
                    _("That is no phone number."), **{name: " ".join(getattr(error, "messages", []))}
                ) from None
    return values


class Problem(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457). `code` is for programs, `detail` for people, `errors` says which fields."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.JSONField(), required=False)  # type: ignore[assignment]
    leaks = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), required=False)


class ListQuery(serializers.Serializer[Any]):
    """What every list takes: how many rows at once, and where to go on."""

    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=100, default=50, help_text=_("Rows at once.")
    )
    after = serializers.CharField(required=False, allow_blank=True, help_text=_("Where to go on: take it from `next`."))
    before = serializers.CharField(
        required=False, allow_blank=True, help_text=_("Where to go back to: take it from `previous`.")
    )

    def to_internal_value(self, data: Any) -> Any:
        if unknown := sorted(set(data) - set(self.fields)):
            raise serializers.ValidationError({name: [_("There is no such filter.")] for name in unknown})
        return super().to_internal_value({name: value.replace("\0", "") for name, value in data.items()})


@cache
def page_of_rows(row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The serializer of one page of a list."""
    name = row.__name__.removesuffix("Out")
    address: dict[str, Any] = {"allow_null": True}
    fields: dict[str, Any] = {
        "items": row(many=True),
        "next": serializers.CharField(**address, help_text=_("The address of the next page, null at the end.")),
        "previous": serializers.CharField(**address, help_text=_("The address of the page before, null at the start.")),
    }
    return type(f"{name}Page", (serializers.Serializer,), fields)
