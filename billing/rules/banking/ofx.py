"""Bank statements as OFX, both the old one (SGML, tags without ends) and the newer one (XML).

A reader of the few tags that a statement's lines have. The one Python library for all of OFX is under the GPL alone.
"""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .csv_file import decoded
from .lines import LONGEST_NAME, MOST_LINES, Line, Unreadable, tidy, tidy_iban

_TRANSACTION = re.compile(r"<STMTTRN>(.*?)(?=</STMTTRN>|<STMTTRN>|</BANKTRANLIST>|\Z)", re.DOTALL | re.IGNORECASE)
_CURRENCY = re.compile(r"<CURDEF>\s*([A-Z]{3})", re.IGNORECASE)


def read_ofx(content: bytes) -> list[Line]:
    """The lines of the statement. Raises Unreadable."""
    text = decoded(content)
    if "<OFX>" not in text.upper():
        raise Unreadable(_("This is no OFX file."))
    currency = _CURRENCY.search(text)
    found = _TRANSACTION.findall(text)
    if len(found) > MOST_LINES:
        raise Unreadable(_("The file has more than %d lines: import a shorter period.") % MOST_LINES)
    return [_line(each, currency.group(1).upper() if currency else "") for each in found]


def _line(said: str, currency: str) -> Line:
    words = [_value(said, "MEMO"), _value(said, "CHECKNUM"), _value(said, "REFNUM")]
    return Line(
        booked_on=_day(_value(said, "DTPOSTED")),
        amount=_amount(_value(said, "TRNAMT")),
        currency=currency,
        name=tidy(_value(said, "NAME"), LONGEST_NAME),
        iban=tidy_iban(_value(said, "ACCTID")),
        text=tidy(" ".join(words)),
        key=tidy(_value(said, "FITID"), 120),
    )


def _value(said: str, tag: str) -> str:
    found = re.search(rf"<{tag}>([^<\r\n]*)", said, re.IGNORECASE)
    return html.unescape(found.group(1)).strip() if found else ""


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise Unreadable(_("“%s” is no amount.") % tidy(text, 40)) from error


def _day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise Unreadable(_("“%s” is no date.") % tidy(text, 40)) from error
