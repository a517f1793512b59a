"""The way out to the mail servers and token addresses that a shop names."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from msp.jobs.actions.outbound import Cut, NotAllowed, connect

ANSWER_LIMIT = 100_000  # bytes


def dial(host: str, port: int, *, timeout: float, cut: Cut) -> socket.socket:
    """A connection to a host that a shop names. Raises NotAllowed, OSError."""
    return connect(host, port, timeout=timeout, cut=cut, anywhere=settings.MAIL_PRIVATE_HOSTS)


class _Http(http.client.HTTPConnection):
    def __init__(self, host: str, port: int | None, timeout: float, cut: Cut) -> None:
        super().__init__(host, port, timeout=timeout)
        self.patience, self.cut = timeout, cut

    def connect(self) -> None:
        self.sock = dial(self.host, self.port, timeout=self.patience, cut=self.cut)


class _Https(_Http):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def post_form(url: str, values: Mapping[str, str], *, timeout: float) -> tuple[int, dict[str, Any]]:
    """Post a form; the status and the JSON object that came back, {} for anything else. `timeout` seconds are for all of it.

    Follows no redirect. Raises NotAllowed, OSError and http.client.HTTPException.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not settings.MAIL_PRIVATE_HOSTS:
        raise NotAllowed(_("Only https addresses are asked."))
    kind = _Https if parts.scheme == "https" else _Http
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    with Cut(timeout) as cut, closing(kind(parts.hostname or "", parts.port, timeout, cut)) as line:
        line.request("POST", path, urlencode(values), headers)
        answer = line.getresponse()
        content = answer.read(ANSWER_LIMIT)
    try:
        said = json.loads(content)
    except ValueError:
        said = {}
    return answer.status, said if isinstance(said, dict) else {}
