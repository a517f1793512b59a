"""HTML to PDF. WeasyPrint is loaded with the first document: that takes a second, which web, scheduler and commands never need."""

from __future__ import annotations

from collections.abc import Mapping


def printed(
    html: str, given: Mapping[str, tuple[bytes, str]], *, tags: bool = False, variant: str | None = None
) -> bytes:
    """The PDF of a page that may load what is `given`, our fonts and nothing else. `tags`: for screen readers."""
    from weasyprint import HTML  # noqa: PLC0415

    from .fetching import FromMemory  # noqa: PLC0415

    page = HTML(string=html, base_url="mainstay:", url_fetcher=FromMemory(given))
    pdf: bytes = page.write_pdf(pdf_tags=tags, pdf_variant=variant)
    return pdf
