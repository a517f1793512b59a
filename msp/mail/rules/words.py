"""Bytes of a message as words, whatever its sender says about them. Nothing here raises for any input."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
import unicodedata
from email.utils import getaddresses

# What senders write and what they mean (WHATWG Encoding Standard, section 4.2, as far as mail needs it).
_MEANT = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "x-mac-roman": "mac-roman",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
# Python calls these text encodings, too, but no mail is written in them, and punycode takes quadratic time.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@<>,;:\"()\[\]]{1,253}")
_INVISIBLE = {"Cc", "Cs"}
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they make one name look like another


def charset_of(name: str) -> str:
    """Python's name of a charset that text can be in, or "" for what is none."""
    name = name.strip().strip("\"'").lower()
    try:
        codec = codecs.lookup(_MEANT.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return ""
    is_text = getattr(codec, "_is_text_encoding", False)
    return codec.name if is_text and codec.name.replace("-", "_") not in _NO_CHARSETS else ""


def text_of(content: bytes, charset: str = "") -> str:
    """Words from bytes: in the charset it is said to be, else UTF-8, else the Western one that loses nothing."""
    for name in filter(None, [charset_of(charset), "utf-8", "cp1252"]):
        try:
            return content.decode(name)
        except (UnicodeError, ValueError):
            continue
    return content.decode("latin-1")


def clean(text: str, *, lines: bool = False) -> str:
    """Without control characters, which neither Postgres nor a page can hold; `lines` keeps line ends and tabs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if lines:
        return text if text.isascii() and text.isprintable() else "".join(map(_shown_in_lines, text))
    shown = text if text.isascii() and text.isprintable() else "".join(map(_shown, text))
    return " ".join(shown.split())


def _shown_in_lines(character: str) -> str:
    return character if character in "\n\t" or unicodedata.category(character) not in _INVISIBLE else " "


def _shown(character: str) -> str:
    return " " if character in _TURNING or unicodedata.category(character) in _INVISIBLE else character


def header_text(value: object) -> str:
    """A header as people read it: unfolded, encoded words decoded (RFC 2047), raw 8-bit bytes guessed."""
    raw = _undamaged(str(value))
    return clean(_decoded(_BETWEEN_WORDS.sub(r"\1", raw)))


def _undamaged(raw: str) -> str:
    """The library hands raw 8-bit bytes on as halves of surrogate pairs; here they become characters, and NUL a space."""
    if raw.isascii():
        return raw.replace("\x00", " ")
    return text_of(raw.encode("utf-8", "surrogatepass" if _has_true_halves(raw) else "surrogateescape")).replace(
        "\x00", " "
    )


def _has_true_halves(raw: str) -> bool:
    return any("\ud800" <= c <= "\udfff" and not "\udc80" <= c <= "\udcff" for c in raw)


def _decoded(text: str) -> str:
    """Encoded words that touch are joined as bytes first, because senders cut characters in two."""
    found, held, held_charset, end = [], b"", "", 0
    for word in _ENCODED_WORD.finditer(text):
        charset, content = word[1].partition("*")[0], _word_bytes(word[2], word[3])
        if word.start() > end or charset.lower() != held_charset.lower():
            found += [text_of(held, held_charset), text[end : word.start()]]
            held = b""
        held, held_charset, end = held + content, charset, word.end()
    return "".join([*found, text_of(held, held_charset), text[end:]])


def _word_bytes(kind: str, content: str) -> bytes:
    given = content.encode("utf-8", "surrogateescape")
    if kind in "qQ":
        return quopri.decodestring(given.replace(b"_", b" "), header=False)
    return bytes_from_base64(given)


def bytes_from_base64(given: bytes) -> bytes:
    """As much as there is: senders lose padding, add spaces, and stop in the middle."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", given)
    try:
        return base64.b64decode(kept[: len(kept) - (len(kept) % 4 == 1)] + b"=" * (-len(kept) % 4))
    except binascii.Error:
        return given


def addresses_in(values: list[str]) -> list[tuple[str, str]]:
    """(name, address in lower case) of everybody named in address headers, as far as each is an address at all."""
    found: list[tuple[str, str]] = []
    for value in values:
        try:
            pairs = getaddresses([" ".join(value.split())])
        except Exception:  # the library's parser meets whatever people send
            pairs = []
        good = [(header_text(name), plain_address(address)) for name, address in pairs]
        good = [(name, address) for name, address in good if address]
        # Names with unquoted commas and worse: then whatever looks like an address is one.
        found += good or [
            ("", address) for each in ADDRESS.findall(header_text(value)) if (address := plain_address(each))
        ]
    return found


def plain_address(address: str) -> str:
    """An address in lower case, or "" for what is none."""
    address = address.strip().strip("<>").lower()
    return address if len(address) <= 254 and ADDRESS.fullmatch(address) and address.isprintable() else ""


def message_ids(value: str) -> list[str]:
    """The ids in Message-ID, In-Reply-To or References, each as <…>, in order and once."""
    value = _undamaged(value)
    found = re.findall(r"<[^<>\s]{1,500}>", value)
    if not found and (word := value.strip()) and "@" in word and len(word) <= 500 and " " not in word:
        found = [f"<{word}>"]
    return list(dict.fromkeys(found))
