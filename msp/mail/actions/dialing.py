"""The one way out to a host that a shop names: never into the installation's own network, unless who runs it says so."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from msp.mail.rules.hosts import is_public

ANSWER_LIMIT = 100_000  # bytes


class NotAllowed(OSError):
    """The host is one that a shop may not make us talk to."""


def dial(host: str, port: int, timeout: float | None) -> socket.socket:
    """A connection to the host, to the very address that was judged: a name that is looked up twice may answer differently.

    Raises NotAllowed for a private address, OSError when nobody answers.
    """
    last: OSError | None = None
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not settings.MAIL_PRIVATE_HOSTS and not is_public(str(address[0])):
            raise NotAllowed(_("%(host)s lies in a private network, where shops may not connect to.") % {"host": host})
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(timeout)
            line.connect(address)
        except OSError as error:
            line.close()
            last = error
        else:
            return line
    raise last or OSError(f"{host} has no address")


class _Https(http.client.HTTPSConnection):
    def connect(self) -> None:
        line = dial(self.host, self.port, self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(line, server_hostname=self.host)


class _Http(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = dial(self.host, self.port, self.timeout)


def post_form(url: str, values: Mapping[str, str], *, timeout: float) -> tuple[int, dict[str, Any]]:
    """Post a form; the status and the JSON object that came back, {} for anything else. Follows no redirect.

    Raises NotAllowed, OSError and http.client.HTTPException.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not settings.MAIL_PRIVATE_HOSTS:
        raise NotAllowed(_("Only https addresses are asked."))
    kind = _Https if parts.scheme == "https" else _Http
    line = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        line.request(
            "POST", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", urlencode(values), headers
        )
        answer = line.getresponse()
        content = answer.read(ANSWER_LIMIT)
    finally:
        line.close()
    try:
        said = json.loads(content)
    except ValueError:
        said = {}
    return answer.status, said if isinstance(said, dict) else {}
