"""Mail as plain values: who sends, through what, and the shop's colour where mail programs know no OKLCH."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Server:
    """An SMTP server. `security` is a value of choices.Security; without `user` nobody signs in.

    `shop` says whose it is; None: the installation's.
    """

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)
    shop: int | None = None


@dataclass(frozen=True)
class Sender:
    """In whose name a shop's mail goes out; `server` None means that nothing leaves and messages are kept."""

    name: str
    address: str
    reply_to: str
    server: Server | None


@dataclass(frozen=True)
class Look:
    """A shop on paper and in mail: colours as #rrggbb."""

    name: str
    accent: str
    soft: str
    address: str
    phone: str
    website: str
    reply_to: str
    has_logo: bool


@dataclass(frozen=True)
class Enclosure:
    """A stored file that goes with a message."""

    name: str
    content_type: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Parcel:
    """All that sending needs, taken from the row: `row_id` and `lease_until` say whether it is still ours to send."""

    row_id: UUID
    tenant_id: int | None
    lease_until: datetime | None
    taken_at: datetime
    last_try: bool
    server: Server
    sender: Sender
    to: Sequence[str]
    subject: str
    text: str
    message_id: str
    written_at: datetime
    cc: Sequence[str] = ()
    reply_to: str = ""
    html: str = ""
    in_reply_to: str = ""
    references: str = ""
    automatic: bool = True
    enclosures: Sequence[Enclosure] = ()
    logo: bytes = b""

    @property
    def recipients(self) -> list[str]:
        """Each address once, in the order written."""
        return list(dict.fromkeys(map(on_the_wire, [*self.to, *self.cc])))


@dataclass(frozen=True)
class Delivery:
    """What came of a message that was handed over. `refused` maps addresses to the server's words.

    `certain` False: the server answered neither yes nor no, so nobody knows whether it has the message.
    """

    certain: bool
    reply: str
    refused: dict[str, str]


def on_the_wire(address: str) -> str:
    """An address with its domain in ASCII (RFC 5890), as every server takes it. Before the @ we accept ASCII only."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.encode('idna').decode()}" if at else ""


def hex_of(lightness: float, chroma: float, hue: float) -> str:
    """An OKLCH colour (lightness 0..1, hue in degrees) as #rrggbb, with less chroma where sRGB cannot show it.

    Source: Björn Ottosson, "A perceptual color space for image processing" (OKLab), and IEC 61966-2-1 for the sRGB curve.
    """
    while chroma > 0 and not all(-1e-4 <= c <= 1 + 1e-4 for c in _linear(lightness, chroma, hue)):
        chroma -= 0.004
    return "#" + "".join(f"{round(255 * _curve(c)):02x}" for c in _linear(lightness, max(chroma, 0), hue))


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _curve(channel: float) -> float:
    channel = min(max(channel, 0.0), 1.0)
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
