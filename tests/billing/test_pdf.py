"""The PDF fetches nothing, breaks pages well, and shows the letters it says."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from gettext import GNUTranslations
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from PIL import Image
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from billing.documents import invoice as documents
from billing.documents.content import InvoiceDocument
from billing.documents.fetching import FONTS, FromMemory
from billing.documents.invoice import TooBig, invoice_html, invoice_pdf
from billing.documents.paycode import epc_code, swiss_slip
from billing.models import Invoice, InvoiceLine, InvoiceTax
from billing.queries.tax import Printed
from billing.rules import money

WEIGHTS = {"Medium": 500, "Semi-Bold": 600, "": 400}


def line(detail: str = "Replaced the switch", **given: Any) -> InvoiceLine:
    amount = money.line_amount(Decimal("1.25"), Decimal("90.00"), "GBP")
    values = {"description": "#4182 Front desk", "unit_price": Decimal("90.0000"), "amount": amount} | given
    return InvoiceLine(
        id=uuid4(), detail=detail, quantity=Decimal("1.25"), unit="hour", tax_rate=Decimal("20.00"), **values
    )


def document(*lines: InvoiceLine, **given: Any) -> InvoiceDocument:
    rows = list(lines) or [line()]
    net = sum((row.amount for row in rows), Decimal(0))
    tax = money.quantise(net / 5, "GBP")
    taxes = [InvoiceTax(name="VAT", category="S", rate=Decimal(20), base=net, amount=tax)]
    totals = Printed(net, tax, net + tax, Decimal(0), net + tax, taxes)
    values = {
        "number": "INV-0042",
        "currency": "GBP",
        "issued_on": date(2026, 11, 23),
        "due_on": date(2026, 12, 7),
        "tax_name": "VAT",
        "seller_name": "Northgate IT Ltd",
        "seller_address": "12 Quay Street\nNewcastle",
        "buyer_name": "Harbour Dental",
        "buyer_address": "1 Harbour Road",
        "language": "en",
        "total": totals.total,
    } | given
    return InvoiceDocument(Invoice(**values), rows, totals, hue=245, logo=None)


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **given: Any) -> Any:
        raise AssertionError("the renderer opened a connection")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


PROBES = [
    '<img src="http://tracker.example/x.png">',
    '<img src="file:///etc/passwd">',
    '<link rel="stylesheet" href="http://tracker.example/x.css">',
    '<link rel="attachment" href="file:///etc/passwd">',
    "<style>@import url(http://tracker.example/x.css);</style>",
    '<p style="background: url(http://tracker.example/x.png)">x</p>',
    "<style>@font-face { font-family: x; src: url(http://tracker.example/x.woff2); } p { font-family: x; }</style><p>x</p>",
    '<img src="mainstay:font/../../etc/passwd">',
    '<img src="data:text/html,hello">',
]


@pytest.mark.parametrize("probe", PROBES)
def test_markup_in_a_text_stays_text(no_network: None, probe: str) -> None:
    html = invoice_html(document(line(detail=probe), buyer_name=probe[:60], footer=probe))
    assert probe not in html
    text = re.sub(r"\s+", "", " ".join(pages(invoice_pdf(document(line(detail=probe))))))
    assert re.sub(r"\s+", "", probe) in text


@pytest.mark.parametrize("probe", PROBES)
def test_the_fetcher_refuses_what_the_template_would_not_let_through(
    no_network: None, monkeypatch: pytest.MonkeyPatch, probe: str
) -> None:
    monkeypatch.setattr(documents, "invoice_html", lambda _document, **_given: f"<html><body>{probe}</body></html>")
    with pytest.raises((FatalURLFetchingError, ValueError)):
        invoice_pdf(document())


def test_the_fetcher_answers_its_own_names_only() -> None:
    fetcher = FromMemory({"mainstay:logo": (b"logo", "image/png")})
    assert fetcher.fetch("mainstay:logo").read() == b"logo"
    for name, file in FONTS.items():
        plain = TTFont(BytesIO(fetcher.fetch(f"mainstay:font/{name}").read()))
        packed = TTFont(settings.BASE_DIR / "static/fonts" / file)
        assert (plain.flavor, packed.flavor, plain.getGlyphOrder()) == (None, "woff2", packed.getGlyphOrder())
    for asked in (
        "mainstay:font/x",
        "mainstay:logo2",
        "mainstay:",
        "file:///etc/passwd",
        "http://localhost/",
        "data:,x",
    ):
        with pytest.raises(ValueError, match="asked for"):
            fetcher.fetch(asked)


def test_the_logo_is_drawn() -> None:
    out = BytesIO()
    Image.new("RGB", (40, 20), (200, 30, 30)).save(out, "PNG")
    pdf = invoice_pdf(replace(document(), logo=out.getvalue()))
    [image] = PdfReader(BytesIO(pdf)).pages[0].images
    assert image.image is not None
    assert image.image.size == (40, 20)


def test_headings_repeat_and_pages_are_counted() -> None:
    found = pages(invoice_pdf(document(*[line(detail="Two\nlines") for _ in range(40)])))
    assert len(found) > 1
    for number, text in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in text
        assert "INV-0042" in text
    assert all("What was done" in text for text in found[:-1])


def test_long_words_do_not_leave_the_page_and_floods_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(pages(invoice_pdf(document(line(detail="x" * 4000), footer="y" * 600))))
    assert (text.count("x") >= 4000, text.count("y") >= 600) == (True, True)
    monkeypatch.setattr(documents, "MAX_HTML", 1000)
    with pytest.raises(TooBig):
        invoice_pdf(document())


def embedded_glyphs(pdf: bytes) -> Iterator[tuple[str, str, Any, str]]:
    """(font name, letter, glyph set, glyph name) of every letter that the page's fonts claim to draw."""
    fonts: Any = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
    for reference in fonts.values():
        font = reference.get_object()
        below = font["/DescendantFonts"][0].get_object()
        program = below["/FontDescriptor"]["/FontFile2"].get_data()
        drawn = TTFont(BytesIO(program))
        claimed = font["/ToUnicode"].get_data().decode()
        for code, letter in re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]{4})>", claimed):
            name = drawn.getGlyphOrder()[int(code, 16)]
            yield str(font["/BaseFont"]), chr(int(letter, 16)), drawn.getGlyphSet(), name


def bounds(glyphs: Any, name: str) -> tuple[int, ...]:
    pen = BoundsPen(glyphs)
    glyphs[name].draw(pen)
    return tuple(round(value) for value in pen.bounds or (0, 0, 0, 0))


def close(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 2 for a, b in zip(one, other, strict=True))


def test_the_letters_drawn_are_the_letters_said() -> None:
    """Text extraction proves nothing: a mixed-up subset draws garbage under the right text. So outlines are compared."""
    words = "Łódź Žižkov café Straße 0123456789 £€"
    pdf = invoice_pdf(document(line(description=words, detail=words), buyer_name=words))
    sources: dict[tuple[str, int], TTFont] = {}
    letters = set()
    for base, letter, glyphs, name in embedded_glyphs(pdf):
        family, _, weight = base.split("+")[-1].partition("-")
        if not family.startswith("Geist") or not letter.strip() or letter == "\uffff":  # the last: a code for no letter
            continue
        key = ("geist-ext" if family == "GeistExt" else "geist", WEIGHTS[weight])
        if key not in sources:
            file = TTFont(settings.BASE_DIR / "static/fonts" / FONTS[key[0]])
            sources[key] = instantiateVariableFont(file, {"wght": key[1]})
        source = sources[key]
        plain, got = source.getBestCmap()[ord(letter)], bounds(glyphs, name)
        # Digits are drawn by a variant of one width (tnum), which fonts name after the plain glyph.
        variants = [glyph for glyph in source.getGlyphOrder() if glyph == plain or glyph.startswith(f"{plain}.")]
        wanted = [bounds(source.getGlyphSet(), glyph) for glyph in variants]
        assert any(close(got, one) for one in wanted), (base, letter, got, wanted)
        letters.add(letter)
    assert set("ŁódźŽžk0123456789£ß") <= letters


LANGUAGES = ("de", "fr", "es", "nl")
SAID = re.compile(
    r'{% translate "([^"]+)" context "document" %}|'
    r'{% blocktranslate [^%]*context "document" %}(.*?){% endblocktranslate %}|'
    r'n?pgettext(?:_lazy)?\(\s*"document",\s*"([^"]+)"(?:,\s*"([^"]+)")?'
)


def words_said() -> set[str]:
    """Every word that documents say, as catalogues key it."""
    root = settings.BASE_DIR
    sources = [root / "templates/pdf/invoice.html", *(root / "billing/documents").glob("*.py")]
    found = [match for source in sources for match in SAID.findall(source.read_text())]
    assert len(found) > 40
    blocks = {re.sub(r"{{ (\w+) }}", r"%(\1)s", block.replace("%", "%%")) for _word, block, *_rest in found if block}
    return blocks | {word for word, _block, one, more in found for word in (word, one, more) if word}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_documents_is_said_in_every_language(language: str) -> None:
    folder = settings.BASE_DIR / "billing/locale" / language / "LC_MESSAGES"
    with (folder / "django.po").open("rb") as source, (folder / "django.mo").open("rb") as compiled:
        written, shipped = [message for message in read_po(source) if message.id], GNUTranslations(compiled)
    ids = set()
    for message in written:
        assert (message.context, message.fuzzy) == ("document", False)
        if isinstance(message.id, str):
            assert shipped.pgettext("document", message.id) == message.string
            ids.add(message.id)
        else:
            said = [shipped.npgettext("document", *message.id, number) for number in (1, 2)]
            assert said == list(message.string)
            ids |= set(message.id)
    assert ids == words_said()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Invoice", "23 November 2026", "£112.50", "1.25 h", "Page 1 of 1")),
        ("de", ("Rechnung", "23. November 2026", "112,50 £", "1,25 Std.", "Seite 1 von 1")),
        ("fr", ("Facture", "23 novembre 2026", "112,50 £GB", "1,25 h", "Page 1 sur 1")),
        ("es", ("Factura", "23 de noviembre de 2026", "112,50 GBP", "1,25 h", "Página 1 de 1")),
        ("nl", ("Factuur", "23 november 2026", "£ 112,50", "1,25 uur", "Pagina 1 van 1")),
    ],
)
def test_it_is_written_in_the_clients_language(language: str, words: tuple[str, ...]) -> None:
    [text] = pages(invoice_pdf(document(language=language)))
    text = re.sub(r"\s+", " ", text)
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(("paper", "size"), [("A4", (595, 842)), ("letter", (612, 792))])
def test_it_has_the_shops_paper_and_columns(paper: str, size: tuple[int, int]) -> None:
    plain = replace(document(intro="Thank you"), paper=paper, columns=frozenset({"position"}))
    reader = PdfReader(BytesIO(invoice_pdf(plain)))
    box, text = reader.pages[0].mediabox, reader.pages[0].extract_text()
    assert (round(box.width), round(box.height)) == size
    assert [word in text for word in ("No.", "Quantity", "Price", "Thank you")] == [True, False, False, True]


def test_readers_get_tags_a_language_and_heads_of_columns() -> None:
    root: Any = PdfReader(BytesIO(invoice_pdf(document(language="de")))).trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "de")
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        for child in node if isinstance(node, list) else [node]:
            inner = child.get_object() if hasattr(child, "get_object") else child
            if isinstance(inner, dict):
                found.append(str(inner.get("/S", "")))
                if "/K" in inner:
                    walk(inner["/K"])

    walk(root["/StructTreeRoot"]["/K"])
    assert {"/H1", "/Table", "/TH", "/TD"} <= set(found)


@pytest.mark.parametrize(
    ("currency", "iban", "kind", "code", "slip"),
    [
        ("EUR", "DE89370400440532013000", "invoice", True, False),
        ("EUR", "DE89370400440532013000", "credit_note", False, False),
        ("EUR", "DE00370400440532013000", "invoice", False, False),
        ("GBP", "GB29NWBK60161331926819", "invoice", False, False),
        ("CHF", "CH9300762011623852957", "invoice", False, True),
        ("CHF", "CH4431999123000889012", "invoice", False, True),  # a QR account, which asks for a reference
        ("EUR", "CH9300762011623852957", "proforma", False, False),
    ],
)
def test_codes_to_pay_stand_where_there_is_a_standard(
    currency: str, iban: str, kind: str, code: bool, slip: bool
) -> None:
    seller = {"country": iban[:2], "postcode": "8000", "city": "Zürich", "iban": iban, "bic": ""}
    made = document(currency=currency, kind=kind, seller_details=seller)
    assert (epc_code(made.invoice) is not None, swiss_slip(made.invoice) is not None) == (code, slip)
    assert len(PdfReader(BytesIO(invoice_pdf(made))).pages) == 1 + slip


def test_what_was_out_in_time_says_so() -> None:
    finished = datetime(2026, 11, 22, 16, tzinfo=UTC)
    for hours, within, words in (
        (0, 48, "1 hour later"),
        (5, 48, "5 hours later"),
        (47, 48, "2 days later"),
        (49, 48, ""),
        (5, 4, ""),  # an agreement that promises more
        (71, 72, "3 days later"),
    ):
        issued, promised = finished + timedelta(hours=hours), finished + timedelta(hours=within)
        made = replace(document(work_finished_at=finished, issued_at=issued), promised_at=promised)
        text = re.sub(r"\s+", " ", pages(invoice_pdf(made))[0])
        assert ("Work finished on 22 November 2026, billed " in text, words in text) == (words != "", True)


def test_nested_tags_end_the_rendering_and_not_the_worker(no_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text can bring tags along; if a template ever did, the document is given up and the next one is made."""
    deep = "<div>" * 400 + "x" + "</div>" * 400
    monkeypatch.setattr(documents, "invoice_html", lambda _document, **_given: f"<html><body>{deep}</body></html>")
    with pytest.raises(TooBig, match="nested"):
        invoice_pdf(document())
    monkeypatch.undo()
    assert pages(invoice_pdf(document(line(detail=deep))))[0]


@pytest.mark.deep
def test_two_thousand_lines_are_a_matter_of_seconds(no_network: None) -> None:
    found = pages(invoice_pdf(document(*[line(detail="Two\nlines") for _ in range(2_000)])))
    assert all("What was done" in text for text in found[:-1])
