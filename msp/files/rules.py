"""What a file is, judged by its bytes and never by what its sender called it."""

from __future__ import annotations

import io
import mimetypes
import unicodedata
from collections.abc import Iterable

import puremagic
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

BINARY = "application/octet-stream"
NAME_LENGTH = 120
_PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
_MOST_PIXELS = 50_000_000
_THUMBNAIL = (640, 480)

# Types that a browser may show: they run nothing in our origin. SVG and HTML would.
_SIGNATURES: dict[str, tuple[tuple[int, bytes], ...]] = {
    "application/pdf": ((0, b"%PDF-"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/jpeg": ((0, b"\xff\xd8\xff"),),
    "image/webp": ((0, b"RIFF"), (8, b"WEBP")),
}
# Types that keep their name when downloaded, so that the right program opens them; a browser is told to save them. Of text and of
# archives all bytes look alike: there the sender's word chooses among what the bytes allow.
_TEXTS = frozenset({"text/plain", "text/csv", "text/calendar", "application/json", "application/xml", "message/rfc822"})
_ARCHIVED = frozenset({"application/zip"})
_ARCHIVED_FAMILIES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
_PROVED = frozenset({"image/gif", "image/tiff", "image/heic", "video/mp4", "application/x-7z-compressed"})


class FileTooLarge(ValueError):
    """The file has more bytes than settings.FILE_LIMIT."""


class TooManyRows(ValueError):
    """A table for spreadsheets has more rows than it may."""


class NotAPicture(ValueError):
    """The bytes are no picture that we would draw: broken, of another kind, or far too large."""


class FileDamaged(RuntimeError):
    """The stored bytes are not the ones that were recorded."""


def is_shown(content_type: str) -> bool:
    """Whether a browser may show a stored file of this type in place."""
    return content_type in _SIGNATURES


def true_type(declared: str, head: bytes, name: str = "") -> str:
    """The content type to keep for a file that begins with `head` and was declared as `declared`, or called `name`.

    The sender proposes, the bytes confirm: a showable type must be proved by its signature, and what nothing proves is
    `application/octet-stream`. HTML and SVG are never more than that.
    """
    for content_type, marks in _SIGNATURES.items():
        if all(head[at : at + len(mark)] == mark for at, mark in marks):
            return content_type
    proposed = [declared.partition(";")[0].strip().lower(), mimetypes.guess_type(name)[0] or ""]
    return next((each for each in proposed if _bears_out(each, head)), BINARY)


def _bears_out(proposed: str, head: bytes) -> bool:
    if proposed in _TEXTS:
        return bool(head) and b"\0" not in head and not _is_program(head)
    if proposed in _ARCHIVED or proposed.startswith(_ARCHIVED_FAMILIES):
        return head.startswith(b"PK")
    return proposed in _PROVED and proposed in _candidates(head)


def _is_program(head: bytes) -> bool:
    return head.startswith((b"MZ", b"#!", b"\x7fELF"))


def _candidates(head: bytes) -> Iterable[str]:
    """Every type that puremagic's tables allow for these bytes; its single best guess is often one of several equals."""
    try:
        return {match.mime_type for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return ()


def safe_name(name: str) -> str:
    """A file name without folders, control or direction characters; the ending survives shortening."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    if len(shown) > NAME_LENGTH and dot and len(ending) <= 10:
        return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}"
    return shown[:NAME_LENGTH] or "file"


def is_picture(content_type: str) -> bool:
    """Whether a thumbnail can be drawn of a stored file of this type."""
    return content_type in _PICTURES


def thumbnail_of(content: bytes) -> bytes:
    """A picture drawn anew as a small WebP, turned as its camera was held: nothing of the file itself survives. Raises NotAPicture.

    The size is read from the header before any pixel is decoded, because a few bytes may claim to be a huge picture.
    """
    # WeasyPrint, once imported, has Pillow draw cut files for the whole process; nothing of ours wants one drawn.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(content), formats=list(_PICTURES.values())) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise NotAPicture
            picture.draft("RGB", _THUMBNAIL)  # a JPEG is decoded at the size it is needed in
            drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise NotAPicture from error
    drawn.thumbnail(_THUMBNAIL)
    clean = io.BytesIO()
    drawn.save(clean, "WEBP", quality=80)
    return clean.getvalue()
