"""What a file is, judged by its bytes and never by what its sender called it."""

from __future__ import annotations

import unicodedata

BINARY = "application/octet-stream"
NAME_LENGTH = 120

# Types that a browser may show: they run nothing in our origin. SVG and HTML would.
_SIGNATURES: dict[str, tuple[tuple[int, bytes], ...]] = {
    "application/pdf": ((0, b"%PDF-"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/jpeg": ((0, b"\xff\xd8\xff"),),
    "image/webp": ((0, b"RIFF"), (8, b"WEBP")),
}
# Types that keep their name when downloaded, so that the right program opens them; a browser is told to save them.
_SAVED = frozenset(
    {"text/plain", "text/csv", "application/zip", "application/json", "application/xml", "message/rfc822"}
)
_SAVED_FAMILIES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")


class FileTooLarge(ValueError):
    """The file has more bytes than settings.FILE_LIMIT."""


class FileDamaged(RuntimeError):
    """The stored bytes are not the ones that were recorded."""


def is_shown(content_type: str) -> bool:
    """Whether a browser may show a stored file of this type in place."""
    return content_type in _SIGNATURES


def true_type(declared: str, head: bytes) -> str:
    """The content type to keep for a file that begins with `head` and was declared as `declared`.

    A showable type must be proved by its signature; anything unknown is `application/octet-stream`.
    """
    declared = declared.partition(";")[0].strip().lower()
    for content_type, marks in _SIGNATURES.items():
        if all(head[at : at + len(mark)] == mark for at, mark in marks):
            return content_type
    known = declared in _SAVED or declared.startswith(_SAVED_FAMILIES)
    return declared if known else BINARY


def safe_name(name: str) -> str:
    """A file name without folders, control or direction characters; the ending survives shortening."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    if len(shown) > NAME_LENGTH and dot and len(ending) <= 10:
        return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}"
    return shown[:NAME_LENGTH] or "file"
