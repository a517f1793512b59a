"""Countries, currencies, zones and phone numbers, in the reader's language. From ISO (pycountry), CLDR (babel), IANA."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

import phonenumbers
import pycountry
from babel import Locale
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

Choices = list[tuple[str, str]]


def _language() -> str:
    return get_language() or str(settings.LANGUAGE_CODE)


@lru_cache(maxsize=16)
def _countries(language: str) -> Choices:
    names = Locale.parse(to_locale(language)).territories
    found = ((country.alpha_2, names.get(country.alpha_2, country.name)) for country in pycountry.countries)
    return sorted(found, key=lambda pair: pair[1])


@lru_cache(maxsize=16)
def _currencies(language: str) -> Choices:
    names = Locale.parse(to_locale(language)).currencies
    return sorted((c.alpha_3, f"{c.alpha_3} {names.get(c.alpha_3, c.name)}") for c in pycountry.currencies)


def country_choices() -> Choices:
    """ISO 3166-1 alpha-2 codes by name."""
    return _countries(_language())


def currency_choices() -> Choices:
    """ISO 4217 codes with their names."""
    return _currencies(_language())


def zone_choices() -> Choices:
    """IANA time zones."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]


def language_choices() -> Choices:
    """The languages that Mainstay speaks."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


def phone_number(text: str, country: str) -> str:
    """A phone number in international form; `country` is where it is without a prefix. Raises ValidationError."""
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        example = phonenumbers.example_number(country) or phonenumbers.parse("+44 20 7946 0000")
        shown = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        raise ValidationError(
            _("Write the phone number with its area code, for example %(example)s.") % {"example": shown}
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
