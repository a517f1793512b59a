"""Factur-X files keep the archive check, and the check is awake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject, TextStringObject

from billing.choices import EInvoice
from billing.documents.content import InvoiceDocument
from billing.documents.invoice import render_invoice

from .archive import flaws
from .varied import varied


def made(document: InvoiceDocument) -> bytes:
    return render_invoice(document).pdf


def logo(mode: str, kind: str) -> bytes:
    out = BytesIO()
    Image.new(mode, (40, 20), (200, 30, 30, 128)[: len(mode)]).save(out, kind)
    return out.getvalue()


def test_what_we_write_keeps_the_rules(scale: Callable[[int, int], int]) -> None:
    """Several currencies, with and without codes to pay by; logos with and without transparency; letters of other fonts."""
    broken: dict[Any, list[str]] = {}
    for seed in range(1, 1 + scale(4, 60)):
        document = varied(seed, EInvoice.FACTURX)
        document.lines[0].description += " Łódź Ελλάδα Привет ☎"
        drawn = (None, None), (logo("RGBA", "PNG"), "image/png"), (logo("RGB", "JPEG"), "image/jpeg")
        image, kind = drawn[seed % 3]
        found = flaws(made(replace(document, logo=image, logo_kind=kind or "image/png")))
        if found:
            broken[seed] = found
    assert broken == {}


@pytest.fixture(scope="module")
def good() -> bytes:
    return made(varied(1, EInvoice.FACTURX))


def _root(writer: PdfWriter) -> Any:
    return writer._root_object


def without_intent(writer: PdfWriter) -> None:
    del _root(writer)["/OutputIntents"]


def without_metadata(writer: PdfWriter) -> None:
    del _root(writer)["/Metadata"]


def with_script(writer: PdfWriter) -> None:
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    _root(writer)[NameObject("/Names")][NameObject("/JavaScript")] = DictionaryObject(script)


def without_relationship(writer: PdfWriter) -> None:
    del _root(writer)["/AF"][0].get_object()["/AFRelationship"]


def unassociated(writer: PdfWriter) -> None:
    del _root(writer)["/AF"]


def _font(writer: PdfWriter) -> Any:
    fonts = writer.pages[0]["/Resources"]["/Font"].get_object()
    return next(iter(fonts.values())).get_object()["/DescendantFonts"][0].get_object()


def without_font(writer: PdfWriter) -> None:
    del _font(writer)["/FontDescriptor"].get_object()["/FontFile2"]


def wrong_width(writer: PdfWriter) -> None:
    widths = _font(writer)["/W"]
    widths[3][0] = NumberObject(1)


def odd_blend(writer: PdfWriter) -> None:
    states = writer.pages[0]["/Resources"]["/ExtGState"]
    states[NameObject("/x")] = DictionaryObject({NameObject("/BM"): NameObject("/Sparkle")})


def encrypted(writer: PdfWriter) -> None:
    writer.encrypt("secret")


def interactive(writer: PdfWriter) -> None:
    _root(writer)[NameObject("/OpenAction")] = DictionaryObject({NameObject("/JS"): TextStringObject("1")})


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (without_intent, "6.2.3"),
        (without_metadata, "6.6.2"),
        (with_script, "6.5.1"),
        (without_relationship, "6.8"),
        (unassociated, "6.8"),
        (without_font, "6.2.11.4.1"),
        (wrong_width, "6.2.11.5"),
        (odd_blend, "6.2.10"),
        (encrypted, "6.1.3"),
        (interactive, "6.5"),
    ],
)
def test_the_check_is_awake(good: bytes, spoil: Callable[[PdfWriter], None], rule: str) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(good)))
    spoil(writer)
    out = BytesIO()
    writer.write(out)
    assert any(flaw.startswith(f"{rule} ") for flaw in flaws(out.getvalue()))


def test_a_letter_that_no_font_has_is_told() -> None:
    document = varied(1, EInvoice.FACTURX)
    document.lines[0].description = "\U0001f9ff\U000e0041"
    assert any(flaw.startswith("6.2.11.8") for flaw in flaws(made(document)))
