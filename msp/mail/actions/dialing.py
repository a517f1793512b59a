"""The way out to the mail servers and token addresses that a shop names."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from msp.jobs.actions.outbound import Cut, connect
from msp.jobs.actions.posting import post

ANSWER_LIMIT = 100_000  # bytes


def dial(host: str, port: int, *, timeout: float, cut: Cut) -> socket.socket:
    """A connection to a host that a shop names. Raises NotAllowed, OSError."""
    return connect(host, port, timeout=timeout, cut=cut, anywhere=settings.MAIL_PRIVATE_HOSTS)


def post_form(url: str, values: Mapping[str, str], *, timeout: float) -> tuple[int, dict[str, Any]]:
    """Post a form; the status and the JSON object that came back, {} for anything else. `timeout` seconds are for all of it.

    Follows no redirect. Raises NotAllowed, OSError and http.client.HTTPException.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    content = urlencode(values).encode()
    answer = post(url, content, headers, timeout=timeout, limit=ANSWER_LIMIT, anywhere=settings.MAIL_PRIVATE_HOSTS)
    try:
        said = json.loads(answer.content)
    except ValueError:
        said = {}
    return answer.status, said if isinstance(said, dict) else {}
