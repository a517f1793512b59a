"""What mail wraps in formats of its own: winmail.dat (TNEF), calendar entries, reports of mail servers."""

from __future__ import annotations

import re
from typing import Any

from .words import addresses_in, clean, header_text, message_ids, text_of


def unpacked(content: bytes) -> tuple[str, str, list[tuple[str, bytes]]]:
    """(text, HTML, files) of a winmail.dat. Raises whatever the library meets in one that is broken."""
    from tnefparse import TNEF  # noqa: PLC0415  half of all mail never needs it

    tnef = TNEF(content, do_checksum=False)
    body, html = tnef.body, tnef.htmlbody
    text = body if isinstance(body, str) else text_of(bytes(body or b""))
    shown = html if isinstance(html, str) else text_of(bytes(html or b""))
    files = [(clean(str(each.long_filename() or each.name or "file")), bytes(each.data)) for each in tnef.attachments]
    return clean(text, lines=True), shown, files


_SHOWN = {"SUMMARY": "", "DTSTART": "", "DTEND": "", "LOCATION": "", "ORGANIZER": ""}
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Other time proposed",
}


def calendar_in_words(content: str) -> str:
    """What a calendar entry (RFC 5545) is about, in a few lines; "" when it says nothing."""
    lines = re.sub(r"\r?\n[ \t]", "", content[:200_000]).splitlines()
    found, method, inside = dict(_SHOWN), "", False
    for line in lines:
        name, _, value = line.partition(":")
        name, _, parameters = name.upper().partition(";")
        if name == "METHOD":
            method = value.strip().upper()
        if name == "BEGIN" and value.strip().upper() in ("VEVENT", "VTODO"):
            inside = True
        if name == "END" and inside:
            break
        if inside and name in found and not found[name]:
            zone = re.search(r"TZID=\"?([^;\":]+)", parameters)
            words = re.sub(r"\\([,;\\])", r"\1", value.replace("\\n", " ").replace("\\N", " "))
            found[name] = _time(words, zone[1] if zone else "") if name.startswith("DT") else clean(words)[:300]
    said = [f"{_METHODS.get(method, 'Calendar entry')}: {found['SUMMARY']}".rstrip(": ")]
    if found["DTSTART"]:
        said.append(" - ".join(filter(None, [found["DTSTART"], found["DTEND"]])))
    said += [
        each.removeprefix("mailto:").removeprefix("MAILTO:") for each in (found["LOCATION"], found["ORGANIZER"]) if each
    ]
    return "\n".join(said) if found["SUMMARY"] or found["DTSTART"] else ""


def _time(value: str, zone: str) -> str:
    """20261123T140000Z as 2026-11-23 14:00 UTC."""
    at = re.match(r"\s*(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?", value)
    if at is None:
        return clean(value)[:60]
    day = f"{at[1]}-{at[2]}-{at[3]}"
    return f"{day} {at[4]}:{at[5]} {'UTC' if at[6] else zone}".rstrip() if at[4] else day


def report_of(message: Any) -> dict[str, object]:
    """What a mail server reports (RFC 3464): the recipients and the id of the message it is about.

    Servers that keep to no standard still name the failed ones in X-Failed-Recipients, and enclose the message.
    """
    recipients: list[dict[str, str]] = []
    original = ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            recipients += _recipients(part)
        elif kind == "message/rfc822" and part is not message and isinstance(part.get_payload(), list):
            original = original or _id_in(str(part.get_payload(0).get("Message-ID", "")))
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            given = re.search(r"(?im)^message-id:\s*(<[^<>\s]+>)", text_of(part.get_payload(decode=True) or b""))
            original = original or (given[1] if given else "")
    if not recipients:
        failed = addresses_in([str(value) for value in message.get_all("X-Failed-Recipients", [])])
        recipients = [{"address": address, "action": "failed", "status": "", "words": ""} for _name, address in failed]
    for name in ("In-Reply-To", "References"):
        original = original or (message_ids(str(message.get(name, ""))) or [""])[-1]
    return {"recipients": recipients[:50], "original": original}


def _id_in(value: str) -> str:
    return next(iter(message_ids(value)), "")


def _recipients(part: Any) -> list[dict[str, str]]:
    blocks = part.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        address = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "").rpartition(";")[2]
        named = addresses_in([address])
        if named:
            said = {name: header_text(block.get(name, "")) for name in ("Action", "Status", "Diagnostic-Code")}
            words = said["Diagnostic-Code"].partition(";")[2].strip() or said["Diagnostic-Code"]
            found.append(
                {
                    "address": named[0][1],
                    "action": said["Action"].lower()[:20],
                    "status": said["Status"][:20],
                    "words": words[:300],
                }
            )
    return found
