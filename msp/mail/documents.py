"""Writing messages: templates in the shop's look, and the bytes that go to a server."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template import Context, Engine
from django.utils import translation
from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from msp.files.documents import Kept, content_of, response_of
from msp.files.rules import is_shown

from .models import InboundMessage, InboundPart
from .queries import look_of_shop
from .rules import Parcel, on_the_wire

# Servers that know no 8BITMIME still exist.
_POLICY = SMTP.clone(cte_type="7bit")
LOGO_CID = "logo"


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def render_mail(template: str, context: Mapping[str, Any], language: str) -> Rendered:
    """Write a mail from `<template>.subject.txt`, `<template>.txt` and `<template>.html`, in the reader's language.

    The HTML extends mail/base.html, the text mail/base.txt; both know the shop's look as `shop`. Subject and text are not
    escaped. Raises TemplateDoesNotExist.
    """
    values = dict(context) | {"shop": look_of_shop()}
    with translation.override(language):
        subject = " ".join(_render(f"{template}.subject.txt", values, escape=False).split())
        text = _render(f"{template}.txt", values, escape=False).strip() + "\n"
        return Rendered(subject, text, _render(f"{template}.html", values, escape=True))


def with_link(text: str, link: str) -> SafeString:
    """Plain text as HTML in which `link` is the only address to press: whatever else looks like one, somebody else wrote."""
    paragraphs = linebreaks(text, autoescape=True)
    pressed = format_html('<a href="{0}">{0}</a>', link)
    return mark_safe(paragraphs.replace(escape(link), pressed) if link else paragraphs)  # noqa: S308  all of it is escaped


def _render(name: str, values: dict[str, Any], *, escape: bool) -> str:
    return str(Engine.get_default().get_template(name).render(Context(values, autoescape=escape)))


def bytes_of(parcel: Parcel, enclosed: Sequence[bytes]) -> bytes:
    """The message as it goes to the server; `enclosed` are the bytes of its enclosures, in order.

    The same parcel gives the same headers on every try; only the boundaries between parts differ.
    """
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(parcel).items():
        if value:
            message[name] = value
    message.set_content(parcel.text)
    if parcel.html:
        message.add_alternative(parcel.html, subtype="html")
        if parcel.logo and f"cid:{LOGO_CID}" in parcel.html:
            html = cast(list[MIMEPart], message.get_payload())[1]
            html.add_related(parcel.logo, "image", "png", cid=f"<{LOGO_CID}>", disposition="inline")
    for enclosure, content in zip(parcel.enclosures, enclosed, strict=True):
        maintype, _, subtype = enclosure.content_type.partition("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=enclosure.name)
    return message.as_bytes()


def _headers(parcel: Parcel) -> dict[str, Any]:
    return {
        "From": Address(parcel.sender.name, addr_spec=on_the_wire(parcel.sender.address)),
        "To": ", ".join(map(on_the_wire, parcel.to)),
        "Cc": ", ".join(map(on_the_wire, parcel.cc)),
        "Reply-To": on_the_wire(parcel.reply_to or parcel.sender.reply_to),
        "Subject": parcel.subject,
        "Date": format_datetime(parcel.written_at),
        "Message-ID": parcel.message_id,
        "In-Reply-To": parcel.in_reply_to,
        "References": parcel.references,
        # RFC 3834; Exchange listens to the second.
        "Auto-Submitted": ("auto-replied" if parcel.in_reply_to else "auto-generated") if parcel.automatic else "",
        "X-Auto-Response-Suppress": "All" if parcel.automatic else "",
    }


def preview_of(html: str, logo: bytes) -> str:
    """A message's HTML for a page: the enclosed logo is written into it, because nothing may be fetched."""
    return html.replace(f"cid:{LOGO_CID}", f"data:image/png;base64,{b64encode(logo).decode()}") if logo else html


# --- what came in ---

# The message is shown in a frame of ours and can do nothing: no script, no form, nothing fetched.
HTML_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
_BEFORE = (
    '<!doctype html><meta charset="utf-8"><title>mail</title><style>body{background:#fff;color:#171717;'
    "font:15px/1.5 system-ui,sans-serif;margin:16px;overflow-wrap:anywhere}img{max-width:100%;height:auto}"
    "blockquote{border-left:3px solid #ccc;margin-left:0;padding-left:12px}</style>"
)
_CID = re.compile(r'src="cid:([^"]{1,200})"')
MOST_PICTURES = 5 * 1024 * 1024  # bytes that one message shows in place


@dataclass(frozen=True)
class _Raw:
    """A big message as a file to download."""

    path: str
    sha256: str
    name: str
    content_type: str
    size: int


def response_with_html(message: InboundMessage) -> StreamingHttpResponse:
    """The sanitised HTML of a message, alone in a document that can do nothing, with its own pictures written into it."""
    shown = message.parts.filter(size__lte=MOST_PICTURES).exclude(content_id="").order_by("position")
    room, pictures = MOST_PICTURES, dict[str, InboundPart]()
    for part in shown:
        if is_shown(part.content_type) and part.content_type.startswith("image/") and part.size <= room:
            room -= part.size
            pictures[part.content_id] = part
    headers = {"Content-Security-Policy": HTML_POLICY, "Cache-Control": "private, no-store"}
    response = StreamingHttpResponse(_pieces(message.html, pictures), headers=headers)
    response.reads_no_rows = True  # type: ignore[attr-defined]  # the tenancy middleware asks
    return response


def _pieces(html: str, pictures: Mapping[str, InboundPart]) -> Iterator[bytes]:
    yield _BEFORE.encode()
    end = 0
    for found in _CID.finditer(html):
        yield html[end : found.start()].encode()
        end = found.end()
        if (part := pictures.get(found[1])) is not None:
            yield f'src="data:{part.content_type};base64,'.encode() + b64encode(_bytes_or_none(part)) + b'"'
    yield html[end:].encode()


def _bytes_or_none(part: Kept) -> bytes:
    try:
        return content_of(part)
    except (OSError, RuntimeError):
        return b""


def raw_response(message: InboundMessage) -> HttpResponseBase:
    """The bytes as they came in, to be saved: as plain text, which no program runs."""
    name = f"mail-{message.received_at:%Y%m%d-%H%M%S}.txt"
    if message.raw is None:
        return response_of(_Raw(message.raw_path, message.sha256, name, "text/plain", message.size))
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(message.raw), content_type="text/plain", headers=headers)
