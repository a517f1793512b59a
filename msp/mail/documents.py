"""Writing messages: templates in the shop's look, and the bytes that go to a server."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, cast

from django.template import Context, Engine
from django.utils import translation

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
