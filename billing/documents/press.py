"""HTML to PDF. WeasyPrint is loaded with the first document: that takes a second, which web, scheduler and commands never need."""

from __future__ import annotations

import re
from collections.abc import Mapping

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # would stand there as an empty box


def printed(
    html: str, given: Mapping[str, tuple[bytes, str]], *, tags: bool = False, variant: str | None = None
) -> bytes:
    """The PDF of a page that may load what is `given`, our fonts and nothing else. `tags`: for screen readers."""
    from weasyprint import HTML  # noqa: PLC0415

    from .fetching import FromMemory  # noqa: PLC0415

    page = HTML(string=_UNPRINTABLE.sub("", html), base_url="mainstay:", url_fetcher=FromMemory(given))
    pdf: bytes = page.write_pdf(pdf_tags=tags, pdf_variant=variant)
    return pdf
