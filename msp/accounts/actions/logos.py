"""Making an uploaded picture harmless."""

from __future__ import annotations

import io

from PIL import Image, ImageFile, UnidentifiedImageError

LOGO_BYTES = 1_000_000
_LOGO_PIXELS = 25_000_000
_LOGO_BOX = (600, 240)  # twice the size it is shown at, so that it is sharp on paper


class NotALogo(ValueError):
    """The upload is no PNG, JPEG or WebP picture of a bearable size."""


def clean_logo(upload: bytes) -> bytes:
    """The picture as a small PNG drawn anew: nothing of the file itself survives. Raises NotALogo.

    The size is read from the header before any pixel is decoded, because a few bytes may claim to be a huge picture.
    """
    if len(upload) > LOGO_BYTES:
        raise NotALogo
    # WeasyPrint, once imported, has Pillow draw cut files for the whole process; nothing of ours wants one drawn.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(upload), formats=["PNG", "JPEG", "WEBP"]) as picture:
            if picture.width * picture.height > _LOGO_PIXELS:
                raise NotALogo
            drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise NotALogo from error
    drawn.thumbnail(_LOGO_BOX)
    clean = io.BytesIO()
    drawn.save(clean, "PNG", optimize=True)
    return clean.getvalue()
