"""Several PDFs as one to print: each begins on a page of its own, and on paper printed on both sides on a sheet of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from msp.files.documents import content_of
from msp.files.models import StoredFile


@dataclass(frozen=True)
class Paper:
    """A document and what it is called in the file's bookmarks."""

    title: str
    file: StoredFile


def merged(papers: Iterable[Paper]) -> bytes:
    """One PDF of all of them, in order. An odd number of pages is filled up with an empty one."""
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415  half a second that only the printing worker needs

    writer = PdfWriter()
    for paper in papers:
        reader, first = PdfReader(BytesIO(content_of(paper.file))), len(writer.pages)
        for page in reader.pages:
            writer.add_page(page)
        writer.add_outline_item(title=paper.title, page_number=first)
        if len(reader.pages) % 2:
            size = reader.pages[-1].mediabox
            writer.add_blank_page(size.width, size.height)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
