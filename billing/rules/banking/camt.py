"""Bank statements as CAMT.053 (ISO 20022, Bank To Customer Statement), any version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree as ET

from django.utils.translation import gettext as _

from .lines import LONGEST_NAME, MOST_LINES, Line, Unreadable, tidy, tidy_iban


def read_camt(content: bytes) -> list[Line]:
    """The booked entries; of a batch its single transactions. Raises Unreadable.

    Entities are refused before parsing: a statement needs none, and they are what makes small files huge.
    """
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Unreadable(_("This is no bank statement: it brings a document type along."))
    try:
        root = ET.fromstring(content)  # noqa: S314  no entities, see above
    except ET.ParseError as error:
        raise Unreadable(_("This is no XML that can be read.")) from error
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]  # the namespace tells only the version
    if root.find(".//Stmt") is None:
        raise Unreadable(_("This XML is no CAMT.053 statement."))
    lines = [line for entry in root.iter("Ntry") for line in _lines(entry)]
    if len(lines) > MOST_LINES:
        raise Unreadable(_("The file has more than %d lines: import a shorter period.") % MOST_LINES)
    return lines


def _lines(entry: ET.Element) -> Iterator[Line]:
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status and status != "BOOK":
        return  # pending, or for information only
    day = _day(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt"))
    details = entry.findall("NtryDtls/TxDtls")
    key = _text(entry, "AcctSvcrRef")
    if len(details) < 2:
        yield _line(entry, details[0] if details else entry, entry, day, key)
        return
    for place, detail in enumerate(details, start=1):
        own = _text(detail, "Refs/AcctSvcrRef") or (f"{key}/{place}" if key else "")
        yield _line(entry, detail, detail, day, own)


def _line(entry: ET.Element, detail: ET.Element, amounts: ET.Element, day: date, key: str) -> Line:
    found = amounts.find("Amt") if amounts.find("Amt") is not None else amounts.find("AmtDtls/TxAmt/Amt")
    if found is None:
        raise Unreadable(_("An entry of %s has no amount.") % day.isoformat())
    is_out = (_text(amounts, "CdtDbtInd") or _text(entry, "CdtDbtInd")) == "DBIT"
    is_out ^= _text(entry, "RvslInd") == "true" and not _text(amounts, "CdtDbtInd")
    other = "Cdtr" if is_out else "Dbtr"
    name = _text(detail, f"RltdPties/{other}/Nm") or _text(detail, f"RltdPties/{other}/Pty/Nm")
    words = [each.text or "" for each in detail.findall("RmtInf/Ustrd")]
    words += [each.text or "" for each in detail.findall("RmtInf/Strd/CdtrRefInf/Ref")]
    words += [
        _text(detail, "Refs/EndToEndId").replace("NOTPROVIDED", ""),
        "" if words else _text(entry, "AddtlNtryInf"),
    ]
    return Line(
        booked_on=day,
        amount=-_amount(found) if is_out else _amount(found),
        currency=found.get("Ccy", "")[:3],
        name=tidy(name, LONGEST_NAME),
        iban=tidy_iban(_text(detail, f"RltdPties/{other}Acct/Id/IBAN")),
        text=tidy(" ".join(words)),
        key=tidy(key, 120),
    )


def _text(inside: ET.Element, path: str) -> str:
    return (inside.findtext(path) or "").strip()


def _amount(found: ET.Element) -> Decimal:
    try:
        return Decimal((found.text or "").strip())
    except InvalidOperation as error:
        raise Unreadable(_("“%s” is no amount.") % tidy(found.text, 40)) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Unreadable(_("“%s” is no date.") % tidy(text, 40)) from error
