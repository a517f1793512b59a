"""What the PDF renderer may load: our own fonts and the shop's logo, from memory. Everything else is refused.

A subclass, because WeasyPrint before 70 bypassed plain functions for stylesheets, and because a document that asks for anything
else (a link in a logo, an address in a line's text) must stop the rendering instead of quietly leaving a trace on a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.conf import settings
from fontTools.ttLib import woff2
from weasyprint.urls import URLFetcher, URLFetcherResponse

FONTS = {"geist": "geist-latin-wght-normal.woff2", "geist-ext": "geist-latin-ext-wght-normal.woff2"}


@lru_cache(maxsize=len(FONTS))
def _font(name: str) -> bytes:
    """The font as TrueType. Unpacked once a process: WeasyPrint would unpack WOFF2 anew for every document, a third of its work."""
    packed, plain = (settings.BASE_DIR / "static" / "fonts" / FONTS[name]).read_bytes(), BytesIO()
    woff2.decompress(BytesIO(packed), plain)
    return plain.getvalue()


class FromMemory(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Answers `mainstay:font/<name>` and the names in `given`; raises for every other address, which ends the rendering."""

    def __init__(self, given: Mapping[str, tuple[bytes, str]]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._given = given

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url in self._given:
            content, kind = self._given[url]
        elif url.startswith("mainstay:font/") and (name := url.removeprefix("mainstay:font/")) in FONTS:
            content, kind = _font(name), "font/ttf"
        else:
            raise ValueError(f"a document asked for {url}")
        return URLFetcherResponse(url, content, {"Content-Type": kind})
