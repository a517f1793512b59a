"""How billing writes quantities and dates."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from django import template
from django.utils.translation import get_language, to_locale

from billing.models import InvoiceLine, LineQuery
from billing.queries.asking import Asked

register = template.Library()

_BREAK = "\u200b"  # zero width space
_LONG_RUN = re.compile(r"\S{24}(?=\S)")


def _locale() -> Locale:
    # Plain "en" is British here, as on the pages (msp.web.templatetags.ui).
    language = get_language() or "en"
    return Locale.parse("en_GB" if language == "en" else to_locale(language))


@register.filter
def quantity(value: Decimal) -> str:
    """A line's quantity with the two decimals it was multiplied with: 1.25, 3.00."""
    return format_decimal(value, format="#,##0.00", locale=_locale())


@register.filter
def date_in_words(value: date | None) -> str:
    """23 November 2026, as letters say it."""
    return "" if value is None else format_date(value, "long", locale=_locale())


@register.filter
def breakable(text: str) -> str:
    """The text with a place to break in every long word.

    WeasyPrint's own search for one grows with the square of the word: 4,000 letters took it three minutes.
    """
    return _LONG_RUN.sub(lambda run: run.group() + _BREAK, text)


@register.filter
def about(asked: Asked, line: InvoiceLine) -> LineQuery | None:
    """What the client asks about a line: asked|about:line."""
    return asked.about(line)


@register.filter
def block_hours(value: Decimal) -> str:
    """A block's minutes as hours with two decimals."""
    return format_decimal(value / 60, format="#,##0.00", locale=_locale())
