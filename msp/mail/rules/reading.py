"""Reading a message: from its bytes to what people and programs need of it.

Runs in a process of its own with limits on time and memory (reader.py), without Django. Python's parser is used with its oldest
policy, which fails on fewest mails, and every step has something to fall back to: whatever was readable comes out, and `problems`
says what was not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email import message_from_bytes
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any, ParamSpec, TypeVar, cast

from .enclosed import calendar_in_words, report_of, unpacked
from .html import LONGEST, harmless, text_from
from .nature import nature_of, verdicts
from .words import addresses_in, charset_of, clean, header_text, message_ids, text_of

LONGEST_TEXT = 400_000  # characters
MOST_PARTS = 100
DEEPEST = 30
# Headers that name where a copy was delivered, beside To and Cc: forwarders and list servers write them.
DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "X-Envelope-To", "Apparently-To")

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Part:
    """A file of the message."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass
class Read:
    """What a message says. Addresses are in lower case, texts hold no control characters."""

    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    from_name: str = ""
    from_address: str = ""
    one_sender: bool = True  # False: several From, so that nobody can say who wrote it
    reply_to: str = ""
    to: list[str] = field(default_factory=list)
    subject: str = ""
    sent_at: str = ""  # ISO 8601, UTC
    text: str = ""
    html: str = ""
    nature: str = "personal"
    told_by: str = ""
    silent: bool = False  # its sender asks for no automatic answers
    report: dict[str, Any] = field(default_factory=dict)
    verdicts: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def read(raw: bytes, *, envelope_from: str = "") -> Read:
    """Everything of a message that can be read. Raises only what ends the process: time and memory."""
    found = Read()
    message = _guarded(found, "structure", message_from_bytes, raw, policy=compat32)
    if message is None:
        return _read_source(raw, found)
    _guarded(found, "headers", _read_headers, message, found)
    _guarded(found, "headers", _read_nature, message, found, envelope_from)
    body = _Body(found)
    _guarded(found, "body", body.walk, message)
    body.settle()
    return found


def _guarded(found: Read, problem: str, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """What `act` gives; when it raises, `problem` (as in choices.Problem) is noted and the reading goes on."""
    try:
        return act(*args, **kwargs)
    except Exception as error:  # the library's parser meets whatever people send
        found.problems.append(f"{problem}: {type(error).__name__}")
        return None


def _read_source(raw: bytes, found: Read) -> Read:
    """The last resort: headers up to the first empty line by hand, the rest as it stands."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    headers: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", text_of(head[:200_000])).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value)
    found.subject = header_text(headers.get("subject", ""))[:500]
    found.message_id = next(iter(message_ids(headers.get("message-id", ""))), "")
    senders = addresses_in([headers.get("from", "")])
    found.from_name, found.from_address = senders[0] if senders else ("", "")
    found.to = [address for _name, address in addresses_in([headers.get("to", ""), headers.get("cc", "")])][:100]
    found.text = clean(text_of(body[:LONGEST_TEXT]), lines=True)
    return found


# --- headers ---


def _all(message: Message, name: str) -> list[str]:
    """Every header of that name, raw; the library wraps some values in an object, which str() unwraps."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def _one(message: Message, name: str) -> str:
    return next(iter(_all(message, name)), "")


def _read_headers(message: Message, found: Read) -> None:
    found.subject = header_text(_one(message, "Subject"))[:500]
    found.message_id = next(iter(message_ids(_one(message, "Message-ID"))), "")
    found.in_reply_to = next(iter(message_ids(_one(message, "In-Reply-To"))), "")
    found.references = message_ids(" ".join(_all(message, "References")))[-50:]
    senders = addresses_in(_all(message, "From"))
    found.one_sender = len({address for _name, address in senders}) == 1 and len(_all(message, "From")) == 1
    senders = senders or addresses_in([_one(message, "Sender"), _one(message, "Return-Path")])
    if senders:
        found.from_name, found.from_address = senders[0][0][:200], senders[0][1]
    replies = addresses_in(_all(message, "Reply-To"))
    found.reply_to = replies[0][1] if replies else ""
    named = [value for name in ("To", "Cc", *DELIVERED) for value in _all(message, name)]
    found.to = list(dict.fromkeys(address for _name, address in addresses_in(named)))[:100]
    found.sent_at = _sent_at(_one(message, "Date"))
    found.verdicts = verdicts([header_text(value) for value in _all(message, "Authentication-Results")])
    silent = header_text(_one(message, "X-Auto-Response-Suppress")).lower()
    found.silent = any(word in silent for word in ("all", "autoreply", "oof"))


def _sent_at(value: str) -> str:
    try:
        at = parsedate_to_datetime(header_text(value))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return ""
    return at.isoformat() if 1980 <= at.year <= 2100 else ""


def _read_nature(message: Message, found: Read, envelope_from: str) -> None:
    headers = {name.lower(): header_text(value) for name, value in reversed(list(message.raw_items())[:500])}
    is_report = message.get_content_type() == "multipart/report"
    report_type = _parameter(message, "report-type").lower() if is_report else ""
    found.nature, found.told_by = nature_of(
        headers | {"from-address": found.from_address},
        report_type=report_type,
        from_address=found.from_address,
        envelope_from=envelope_from,
    )
    if found.nature == "bounce":
        found.report = report_of(message)


# --- body ---


class _Body:
    """Walks the parts with a list of its own, because mail nests deeper than Python calls."""

    def __init__(self, found: Read) -> None:
        self.found = found
        self.texts: list[str] = []
        self.htmls: list[str] = []

    def walk(self, message: Message) -> None:
        waiting: list[tuple[Message, int]] = [(message, 0)]
        while waiting:
            part, depth = waiting.pop()
            if depth > DEEPEST or len(self.found.parts) >= MOST_PARTS:
                self.found.problems.append("parts")
                return
            inside, kind = part.get_payload(), part.get_content_type()
            if not isinstance(inside, list) or kind.startswith("message/"):
                _guarded(self.found, "body", self.leaf, part)
            elif kind == "multipart/alternative":
                _guarded(self.found, "body", self.alternative, inside, waiting, depth)
            else:
                waiting += [(each, depth + 1) for each in reversed(inside) if isinstance(each, Message)]

    def alternative(self, inside: list[Any], waiting: list[tuple[Message, int]], depth: int) -> None:
        """One text in several forms: the plain one is read, the HTML is kept to be shown, everything else waits its turn."""
        plain = [each for each in inside if _is_text(each, "plain")]
        htmls = [each for each in inside if _is_text(each, "html")]
        words = "".join(self.decoded(each) for each in plain)
        shown = "".join(self.decoded(each) for each in htmls)
        if words.strip():
            self.texts.append(words)
        if shown:
            self.htmls.append(shown)
            if not words.strip():
                self.texts.append(text_from(shown))
        rest = [each for each in inside if isinstance(each, Message) and each not in plain and each not in htmls]
        # Words that stand in the HTML's own branch, beside its pictures, say the same again.
        nested = [each for each in rest if each.is_multipart()]
        if words.strip() and nested:
            self.only_shown(nested, waiting, depth)
            rest = [each for each in rest if each not in nested]
        waiting += [(each, depth + 1) for each in reversed(rest)]

    def only_shown(self, nested: list[Message], waiting: list[tuple[Message, int]], depth: int) -> None:
        for branch in nested:
            for each in _leaves(branch):
                if _is_text(each, "html"):
                    self.htmls.append(self.decoded(each))
                elif not _is_text(each, "plain"):
                    waiting.append((each, depth + 2))

    def leaf(self, part: Message) -> None:
        kind = part.get_content_type()
        # What says to be in parts and is not is shown as it stands.
        if _is_text(part, "plain") or _is_text(part, "enriched") or kind.startswith("multipart/"):
            self.texts.append(self.decoded(part))
        elif _is_text(part, "html"):
            html = self.decoded(part)
            self.htmls.append(html)
            self.texts.append(text_from(html))
        elif kind not in ("message/delivery-status", "text/rfc822-headers", "message/disposition-notification"):
            self.file(part, kind)

    def decoded(self, part: Message) -> str:
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            return ""
        said = _parameter(part, "charset")
        if said and not charset_of(said):
            self.found.problems.append(f"charset: {clean(said)[:40]}")
        if part.get_content_type() == "text/html" and not charset_of(said):
            meta = re.search(rb"charset=[\"']?([A-Za-z0-9_-]{2,30})", content[:2000])
            said = meta[1].decode() if meta else said
        text = clean(text_of(content, said), lines=True)
        if part.get_content_type() == "text/plain" and _parameter(part, "format").lower() == "flowed":
            return unflowed(text, delsp=_parameter(part, "delsp").lower() == "yes")
        return text

    def file(self, part: Message, kind: str) -> None:
        name = _name_of(part)
        content = _bytes_of(part)
        if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
            opened = _guarded(self.found, "winmail", unpacked, content)
            if opened is not None:
                self.take_unpacked(*opened)
                return
        if kind == "text/calendar":
            self.texts.append(calendar_in_words(text_of(content, _parameter(part, "charset"))))
        content_id = str(part.get("Content-ID", "")).strip().strip("<>")[:200]
        inline = bool(content_id) and part.get_content_disposition() != "attachment"
        self.found.parts.append(Part(name or _called(part, kind), kind, content, clean(content_id), inline))

    def take_unpacked(self, text: str, html: str, files: list[tuple[str, bytes]]) -> None:
        if html:
            self.htmls.append(html)
        if not any(each.strip() for each in self.texts):
            self.texts.append(text or text_from(html))
        for name, content in files[:MOST_PARTS]:
            self.found.parts.append(Part(name, "application/octet-stream", content))

    def settle(self) -> None:
        """Put the pieces together and keep them within bounds."""
        text = "\n".join(each.strip("\n") + "\n" for each in self.texts if each.strip())
        if len(text) > LONGEST_TEXT:
            text = text[:LONGEST_TEXT]
            self.found.problems.append("long_text")
        self.found.text = text
        html = "<hr>".join(self.htmls)
        if len(html) <= LONGEST:
            self.found.html = clean(_guarded(self.found, "html", harmless, html) or "", lines=True)
        else:
            self.found.problems.append("long_html")


def _leaves(branch: Message) -> Iterator[Message]:
    waiting = [branch]
    while waiting:
        part = waiting.pop()
        inside = part.get_payload()
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            waiting += [each for each in reversed(inside) if isinstance(each, Message)]
        else:
            yield part


def _is_text(part: Any, subtype: str) -> bool:
    if not isinstance(part, Message) or isinstance(part.get_payload(), list):
        return False
    as_file = part.get_content_disposition() == "attachment" or bool(_name_of(part))
    return part.get_content_type() == f"text/{subtype}" and not as_file


def _parameter(part: Message, name: str) -> str:
    """A parameter of the Content-Type, also one in RFC 2231's three pieces."""
    value = part.get_param(name) or ""
    return str(value[2] if isinstance(value, tuple) else value)


def _name_of(part: Message) -> str:
    try:
        return header_text(part.get_filename() or "")
    except (ValueError, LookupError, UnicodeError):  # broken RFC 2231 parameters
        return "file"


def _called(part: Message, kind: str) -> str:
    """A name for a file without one."""
    if kind.startswith("message/") and isinstance(part.get_payload(), list):
        subject = header_text(part.get_payload(0).get("Subject", ""))  # type: ignore[union-attr]
        return f"{subject[:80] or 'message'}.eml"
    endings = {
        "text/calendar": "ics",
        "text/html": "html",
        "text/plain": "txt",
        "image/jpeg": "jpg",
        "application/pdf": "pdf",
    }
    ending = endings.get(kind) or re.sub(r"[^a-z0-9]", "", kind.partition("/")[2].lower())[:8] or "bin"
    return f"{'picture' if kind.startswith('image/') else 'file'}.{ending}"


def _bytes_of(part: Message) -> bytes:
    inside = part.get_payload()
    if not isinstance(inside, list):
        content = part.get_payload(decode=True)
        return content if isinstance(content, bytes) else str(inside or "").encode("utf-8", "surrogateescape")
    out = BytesIO()
    for each in cast(list[Message], inside):
        try:
            BytesGenerator(out, mangle_from_=False, policy=compat32).flatten(each)
        except Exception:  # what cannot be written as it was at least says what it was about
            out.write(str(each.get("Subject", "")).encode("utf-8", "replace"))
    return out.getvalue()


def unflowed(text: str, *, delsp: bool) -> str:
    """Lines that a sender broke only to fit (RFC 3676) made whole again; quotes and signatures stay lines."""
    lines: list[str] = []
    open_quote: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")  # stuffed
        if open_quote == depth and lines and words != "-- ":
            lines[-1] = (lines[-1][:-1] if delsp else lines[-1]) + words
        else:
            lines.append(f"{'>' * depth}{' ' if depth else ''}{words}")
        open_quote = depth if words.endswith(" ") and words != "-- " else None
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines)
