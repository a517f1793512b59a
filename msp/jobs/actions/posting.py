"""Posting to an address that a shop names: through the guarded way out, under one deadline, following no redirect."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from .outbound import Cut, NotAllowed, connect


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the body's beginning up to the limit that was asked for."""

    status: int
    content: bytes


class _Http(http.client.HTTPConnection):
    def __init__(self, host: str, port: int | None, cut: Cut, *, anywhere: bool) -> None:
        super().__init__(host, port, timeout=cut.seconds)
        self.cut, self.anywhere = cut, anywhere

    def connect(self) -> None:
        self.sock: socket.socket = connect(
            self.host, self.port, timeout=self.cut.seconds, cut=self.cut, anywhere=self.anywhere
        )


class _Https(_Http):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def post(
    url: str, content: bytes, headers: Mapping[str, str], *, timeout: float, limit: int, anywhere: bool = False
) -> Answer:
    """Post `content`; `timeout` seconds are for all of it, and of the answer's body `limit` bytes are read.

    Only https leaves, and only to public addresses, unless `anywhere`. Raises NotAllowed for others, ValueError for what is no
    address, OSError and http.client.HTTPException for what goes wrong on the way; TimeoutError, an OSError, when it took too long.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not anywhere:
        raise NotAllowed(_("Only https addresses are asked."))
    kind = _Https if parts.scheme == "https" else _Http
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    with Cut(timeout) as cut, closing(kind(parts.hostname or "", parts.port, cut, anywhere=anywhere)) as line:
        try:
            line.request("POST", path, content, dict(headers))
            answer = line.getresponse()
            return Answer(answer.status, answer.read(limit))
        except (OSError, http.client.HTTPException):
            cut.left()  # what fell under the cut took too long, whatever it looks like
            raise
