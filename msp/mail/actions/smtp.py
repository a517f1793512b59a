"""Handing one message to an SMTP server (RFC 5321), knowing at every step whether the server can have it.

Before the final dot it cannot: any failure may be tried again. After the dot only its answer tells.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from msp.jobs.actions.outbound import Cut, connect
from msp.jobs.rules import GiveUp
from msp.mail.choices import Security
from msp.mail.rules import Delivery, Parcel, Server, on_the_wire

TIMEOUT = 20  # seconds for each answer of the server
PATIENCE = 60  # seconds for all of it
SLOWEST = 500_000  # bytes a second that a large message may come down to
LONGEST = 110  # seconds for the largest: below a lease (settings.LEASE) and Celery's time limit


class NotNow(Exception):
    """The server cannot take the message at the moment; it does not have it."""


def deliver(parcel: Parcel, content: bytes, on_handover: Callable[[], None]) -> Delivery:
    """Send `content`. `on_handover` is called just before the last byte; what it raises stops the message in time.

    Raises NotNow when trying again may help, GiveUp when it cannot; the server has the message in neither case.
    """
    seconds = min(PATIENCE + len(content) / SLOWEST, LONGEST)
    with Cut(seconds) as cut, _connected(parcel.server, cut) as smtp:
        refused = _open(smtp, parcel)
        code, reply = smtp.docmd("DATA")
        if code != 354:
            _refuse(code, reply)
        smtp.send(_stuffed(content))
        on_handover()
        try:
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Delivery(certain=False, reply=_words(error), refused=refused)
        if code // 100 in (4, 5):
            _refuse(code, reply)
        return Delivery(certain=code // 100 == 2, reply=_text(code, reply), refused=refused)


class _Smtp(smtplib.SMTP):
    """Under a cut."""

    def __init__(self, server: Server, cut: Cut) -> None:
        self.server, self.cut = server, cut
        # Naming ourselves: the default asks the resolver, which may take its time.
        super().__init__(server.host, server.port, settings.BASE_HOST, timeout=TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        anywhere = self.server.shop is None or settings.MAIL_PRIVATE_HOSTS
        return connect(host, port, timeout=timeout, cut=self.cut, anywhere=anywhere)


class _SmtpOverTls(_Smtp):
    """With TLS from the start."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


@contextmanager
def _connected(server: Server, cut: Cut) -> Iterator[smtplib.SMTP]:
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _connect(server, cut)
        yield smtp
    except (OSError, smtplib.SMTPException) as error:
        # Our own setting may be wrong (password, name, certificate): that is no verdict on the message.
        raise NotNow(f"not done after {cut.seconds:.0f} s" if cut.fell else _words(error)) from error
    finally:
        if smtp is not None:
            _hang_up(smtp)


def _connect(server: Server, cut: Cut) -> smtplib.SMTP:
    smtp = (_SmtpOverTls if server.security == Security.TLS else _Smtp)(server, cut)
    smtp.ehlo_or_helo_if_needed()
    if server.security == Security.STARTTLS:
        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo()
    if server.user:
        smtp.login(server.user, server.password)
    return smtp


def _hang_up(smtp: smtplib.SMTP) -> None:
    """Say goodbye and wait for no answer: what came of the message is to be written down first."""
    try:
        smtp.putcmd("QUIT")
    except (OSError, smtplib.SMTPException):
        pass
    finally:
        smtp.close()


def _open(smtp: smtplib.SMTP, parcel: Parcel) -> dict[str, str]:
    """Name sender and recipients. Returns those who are refused while others are not.

    A recipient who is only refused for now delays the message for all, except on the last try.
    """
    code, reply = smtp.mail(on_the_wire(parcel.sender.address))
    if code != 250:
        _refuse(code, reply)
    answers = {address: smtp.rcpt(address) for address in parcel.recipients}
    refused = {address: answer for address, answer in answers.items() if answer[0] not in (250, 251)}
    later = [answer for answer in refused.values() if answer[0] // 100 == 4]
    if later and (not parcel.last_try or len(refused) == len(answers)):
        _refuse(*later[0])
    if len(refused) == len(answers):
        _refuse(*next(iter(refused.values())))
    return {address: _text(*answer) for address, answer in refused.items()}


def _refuse(code: int, reply: bytes) -> None:
    text = _text(code, reply)
    raise GiveUp(text) if code // 100 == 5 else NotNow(text)


def _stuffed(content: bytes) -> bytes:
    """Lines ending in CRLF, and a dot before each line that begins with one (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r?\n", b"\r\n", content)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _text(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
