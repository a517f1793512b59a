"""The archive check: the rules of PDF/A-3B (ISO 19005-3) that can be read off a file's structure, by the standard's own numbers.

It is no full validation. Not looked at: whether content streams and font programs are well-formed, glyph widths of fonts that
are no TrueType, colours inside images, the XMP beyond the parts named here, and whatever a viewer does with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from fontTools.ttLib import TTFont
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import ContentStream, IndirectObject

_NS = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "schema": "http://www.aiim.org/pdfa/ns/schema#",
    "property": "http://www.aiim.org/pdfa/ns/property#",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
}
_BLENDS = {"Normal", "Compatible", "Multiply", "Screen", "Overlay", "Darken", "Lighten", "ColorDodge", "ColorBurn",
           "HardLight", "SoftLight", "Difference", "Exclusion", "Hue", "Saturation", "Color", "Luminosity"}  # fmt: skip
_FILTERS = {"/FlateDecode", "/DCTDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode", "/CCITTFaxDecode",
            "/JBIG2Decode", "/JPXDecode"}  # fmt: skip
_SHOWS = {b"Tj", b"TJ", b"'", b'"'}
_CMYK = {b"k", b"K"}


def flaws(pdf: bytes) -> list[str]:
    """The rules that a file breaks, each with its clause; empty when it keeps all that are looked at."""
    reader = PdfReader(BytesIO(pdf))
    if reader.is_encrypted:
        return ["6.1.3 encrypted"]
    root: Any = reader.trailer["/Root"]
    objects = [each for each in _objects(reader) if isinstance(each, dict)]
    checks = (_file(pdf, reader), _streams(objects), _output_intent(root), _looks(objects), _fonts(objects))
    more = (_texts(reader), _actions(root, objects), _metadata(root), _attachments(root, objects))
    return sorted({flaw for found in (*checks, *more) for flaw in found})


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Every object that can be reached from the trailer, once."""
    todo, seen = [reader.trailer], set()
    while todo:
        one: Any = todo.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()
        yield one
        if isinstance(one, dict):
            todo += [dict.__getitem__(one, key) for key in one]
        elif isinstance(one, list):
            todo += [list.__getitem__(one, place) for place in range(len(one))]


def _file(pdf: bytes, reader: PdfReader) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", pdf):
        yield "6.1.2 header"
    if not pdf.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "6.1.3 something follows the end of the file"
    if "/ID" not in reader.trailer:
        yield "6.1.3 no file identifier"
    root: Any = reader.trailer["/Root"]
    if "/OCProperties" in root:
        yield "6.9 optional content"
    if "/Requirements" in root or "/Perms" in root:
        yield "6.11 requirements or permissions"


def _streams(objects: list[dict[str, Any]]) -> Iterator[str]:
    for each in objects:
        used = each.get("/Filter", []) if hasattr(each, "get_data") else []
        for name in used if isinstance(used, list) else [used]:
            if name not in _FILTERS:
                yield f"6.1.7.2 filter {name}"
        if hasattr(each, "get_data") and {"/F", "/FFilter", "/FDecodeParms"} & set(each):
            yield "6.1.7.1 a stream outside the file"


def _output_intent(root: Any) -> Iterator[str]:
    intents = [one.get_object() for one in root.get("/OutputIntents", [])]
    archival = [one for one in intents if one.get("/S") == "/GTS_PDFA1"]
    if len(archival) != 1 or "/DestOutputProfile" not in archival[0]:
        yield "6.2.3 no output intent with a profile"
        return
    profile = archival[0]["/DestOutputProfile"].get_object()
    data = profile.get_data()
    if profile.get("/N") != 3 or data[36:40] != b"acsp" or data[16:20] != b"RGB " or data[8] > 4:
        yield "6.2.3 the profile is no RGB profile of ICC 4 or before"


def _looks(objects: list[dict[str, Any]]) -> Iterator[str]:
    """Graphics states, images, patterns, groups and annotations."""
    for each in objects:
        if {"/TR", "/HTP"} & set(each) or each.get("/TR2", "/Default") != "/Default":
            yield "6.2.5 a transfer function or halftone phase"
        modes = each.get("/BM", [])
        for mode in modes if isinstance(modes, list) else [modes]:
            if str(mode).lstrip("/") not in _BLENDS:
                yield f"6.2.10 blend mode {mode}"
        if each.get("/Subtype") == "/PS" or {"/Alternates", "/OPI", "/Ref"} & set(each):
            yield "6.2.8 PostScript, alternates or references"
        if each.get("/Subtype") == "/Image" and each.get("/Interpolate", False) != False:  # noqa: E712  pypdf's own kind, never falsy
            yield "6.2.8 an interpolated image"
        if "CMYK" in str(each.get("/ColorSpace", "")) or each.get("/CS") == "/DeviceCMYK":
            yield "6.2.4.3 CMYK without its profile"
        if each.get("/Type") == "/Annot":
            yield from _annotation(each)


def _annotation(each: dict[str, Any]) -> Iterator[str]:
    if each.get("/Subtype") not in ("/Link", "/Widget"):
        yield f"6.3.1 annotation {each.get('/Subtype')}"
    if int(each.get("/F", 0)) & 0b100111 != 0b100:
        yield "6.3.2 an annotation that is hidden or not printed"


def _fonts(objects: list[dict[str, Any]]) -> Iterator[str]:
    for font in (each for each in objects if each.get("/Type") == "/Font"):
        name = font.get("/BaseFont")
        if font.get("/Subtype") == "/Type0":
            below = font["/DescendantFonts"][0].get_object()
            yield from _composite(str(name), font, below)
        elif font.get("/Subtype") not in ("/CIDFontType0", "/CIDFontType2", "/Type3") and not _program(font):
            yield f"6.2.11.4.1 {name} is not embedded"


def _program(font: Any) -> bytes:
    descriptor = font.get("/FontDescriptor", {})
    descriptor = descriptor.get_object() if hasattr(descriptor, "get_object") else descriptor
    found = [descriptor[key] for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in descriptor]
    return found[0].get_object().get_data() if found else b""


def _composite(name: str, font: Any, below: Any) -> Iterator[str]:
    program = _program(below)
    if not program:
        yield f"6.2.11.4.1 {name} is not embedded"
        return
    if below["/Subtype"] == "/CIDFontType2" and "/CIDToGIDMap" not in below:
        yield f"6.2.11.3.2 {name} does not say which glyph a code is"
    coded = font["/Encoding"]
    coded = coded.get_object() if hasattr(coded, "get_object") else coded
    if hasattr(coded, "get_data"):
        if re.search(
            rb"^<[0-9a-f]+> 0\r?$", coded.get_data(), re.MULTILINE
        ):  # so WeasyPrint notes what it found no letter for
            yield f"6.2.11.8 a letter that no font has, in {name}"
    elif coded not in ("/Identity-H", "/Identity-V"):
        yield f"6.2.11.3.3 the encoding of {name} is not embedded"
    if "/FontFile2" in below["/FontDescriptor"].get_object() and below["/CIDToGIDMap"] == "/Identity":
        yield from _widths(name, below["/W"], program)


def _widths(name: str, said: Any, program: bytes) -> Iterator[str]:
    """6.2.11.5: what the PDF says of a glyph's width is what the program says, within a thousandth of an em."""
    font = TTFont(BytesIO(program))
    order, scale = font.getGlyphOrder(), 1000 / font["head"].unitsPerEm
    rows = iter([one.get_object() if hasattr(one, "get_object") else one for one in said])
    for first in rows:
        for glyph, width in enumerate(next(rows), start=int(first)):
            if 0 < glyph < len(order) and abs(float(width) - font["hmtx"][order[glyph]][0] * scale) > 1:
                yield f"6.2.11.5 width of glyph {glyph} in {name}"


def _texts(reader: PdfReader) -> Iterator[str]:
    """What pages show: no glyph that stands for none, no inline image with a filter of its own, no CMYK."""
    for number, page in enumerate(reader.pages, start=1):
        for operands, operator in ContentStream(page["/Contents"].get_object(), reader).operations:
            if operator in _CMYK:
                yield f"6.2.4.3 CMYK on page {number}"
            if operator in _SHOWS and any(_shows_nothing(operand) for operand in operands):
                yield f"6.2.11.8 a letter that no font has, on page {number}"


def _shows_nothing(operand: Any) -> bool:
    if isinstance(operand, list):
        return any(_shows_nothing(one) for one in operand)
    raw = getattr(operand, "original_bytes", None)
    return isinstance(raw, bytes) and b"\0\0" in [raw[at : at + 2] for at in range(0, len(raw), 2)]


def _actions(root: Any, objects: list[dict[str, Any]]) -> Iterator[str]:
    """Links within the document and to the web, and nothing that runs."""
    if {"/OpenAction", "/AA", "/AcroForm"} & set(root):
        yield "6.5 something happens when it is opened"
    for each in objects:
        if "/AA" in each or ("/JS" in each) or each.get("/S") in ("/JavaScript", "/Launch", "/ImportData", "/Sound"):
            yield "6.5.1 an action that is not allowed"


def _metadata(root: Any) -> Iterator[str]:
    if "/Metadata" not in root:
        yield "6.6.2 no metadata"
        return
    data = root["/Metadata"].get_object().get_data()
    if re.search(rb"<\?xpacket begin=[^>]*(bytes|encoding)=", data):
        yield "6.6.2 an old header of the metadata"
    tree = etree.fromstring(data)
    said = [tree.findtext(f".//pdfaid:{name}", namespaces=_NS) for name in ("part", "conformance")]
    if said != ["3", "B"]:
        yield f"6.6.4 the metadata say PDF/A {said}"
    explained = {one.text for one in tree.iterfind(".//schema:namespaceURI", _NS)}
    used = {one.tag for one in tree.iter(f"{{{_NS['fx']}}}*")}
    named = {f"{{{_NS['fx']}}}{one.text}" for one in tree.iterfind(".//property:name", _NS)}
    if used and (_NS["fx"] not in explained or not used <= named):
        yield "6.6.2.3 the properties of Factur-X are not explained"


def _attachments(root: Any, objects: list[dict[str, Any]]) -> Iterator[str]:
    named = {id(one.get_object()) for one in root.get("/AF", [])}
    for each in objects:
        if each.get("/Type") == "/EmbeddedFile" and not re.match(r"/\w+/[\w.+-]+$", str(each.get("/Subtype"))):
            yield "6.8 an attachment without its type"
        if each.get("/Type") != "/Filespec" and "/EF" not in each:
            continue
        if not {"/F", "/UF", "/AFRelationship"} <= set(each):
            yield "6.8 an attachment without its names or its relationship"
        if id(each) not in named:
            yield "6.8 an attachment that is no associated file"
