"""One folder on an IMAP server (RFC 3501), by UIDs. The standard library speaks the protocol; no message is parsed here.

imap-tools, which is built on the same library, parses every message while it fetches; a mail that its parser chokes on would stop
the folder (docs/decisions/0072).
"""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msp.jobs.actions.outbound import Cut
from msp.mail.choices import ImapSecurity

from .dialing import dial

TIMEOUT = 30.0  # seconds for each answer
LONGEST = 110.0  # seconds for all of a look, below a lease and Celery's time limit
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')


class FolderError(Exception):
    """The server refused; its words are the message."""


@dataclass(frozen=True)
class Login:
    """How to reach and open a folder. With `access_token` by XOAUTH2, else with `password`."""

    host: str
    port: int
    security: str
    user: str
    folder: str
    password: str = ""
    access_token: str = ""


@dataclass(frozen=True)
class Entry:
    """A message in the folder, not yet fetched."""

    uid: int
    size: int
    arrived_at: datetime | None


class _Line(imaplib.IMAP4):
    def __init__(self, login: Login, cut: Cut) -> None:
        self.cut = cut
        super().__init__(login.host, login.port, timeout=TIMEOUT)

    def _create_socket(self, timeout: float) -> socket.socket:
        return dial(self.host, self.port, timeout=timeout, cut=self.cut)


class _TlsLine(_Line):
    def _create_socket(self, timeout: float) -> ssl.SSLSocket:
        line = super()._create_socket(timeout)
        return ssl.create_default_context().wrap_socket(line, server_hostname=self.host)


@contextmanager
def opened(login: Login) -> Iterator[Folder]:
    """The folder, signed in and selected. Raises FolderError, OSError and imaplib's errors."""
    with Cut(LONGEST) as cut:
        line = _connect(login, cut)
        try:
            yield Folder(line, login.folder)
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                line.logout()


def _connect(login: Login, cut: Cut) -> imaplib.IMAP4:
    line = (_TlsLine if login.security == ImapSecurity.TLS else _Line)(login, cut)
    if login.security == ImapSecurity.STARTTLS:
        line.starttls(ssl.create_default_context())
    try:
        if login.access_token:
            said = f"user={login.user}\x01auth=Bearer {login.access_token}\x01\x01".encode()
            line.authenticate("XOAUTH2", lambda _challenge: said)
        else:
            line.login(login.user, login.password)
    except imaplib.IMAP4.error as error:
        line.shutdown()
        raise FolderError(_words(error.args)) from error
    return line


class Folder:
    """`uid_validity` changes when the server has numbered the folder anew; `uid_next` is what the next message will get."""

    def __init__(self, line: imaplib.IMAP4, name: str) -> None:
        self.line = line
        self._ask(line.select, quoted(name))
        self.uid_validity = self._told("UIDVALIDITY")
        self.uid_next = self._told("UIDNEXT")
        # What a server can do it says again after the sign-in; the library remembers its greeting.
        self.can = set(b" ".join(self._ask(line.capability)).decode("ascii", "replace").upper().split())

    def _told(self, what: str) -> int:
        _kind, values = self.line.response(what)
        said = values[-1] if values else None
        return int(said) if isinstance(said, bytes) and said.isdigit() else 0

    def entries_after(self, uid: int) -> list[Entry]:
        """What lies behind `uid`, in order. The server answers `n:*` with the last message even when that lies before n."""
        lines = self._ask(self.line.uid, "FETCH", f"{uid + 1}:*", "(UID RFC822.SIZE INTERNALDATE)")
        found = [_entry(line) for line in map(_flat, lines) if line]
        return sorted((each for each in found if each and each.uid > uid), key=lambda each: each.uid)

    def bytes_of(self, uid: int, *, head_only: bool = False) -> bytes | None:
        """A message without marking it read, or its head alone; None when it is gone."""
        what = "(BODY.PEEK[HEADER])" if head_only else "(BODY.PEEK[])"
        for part in self._ask(self.line.uid, "FETCH", str(uid), what):
            if isinstance(part, tuple) and len(part) == 2:
                return bytes(part[1])
        return None

    def mark_seen(self, uid: int) -> None:
        self._ask(self.line.uid, "STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")

    def move(self, uid: int, to: str) -> None:
        """Move a message; where the server knows no MOVE (RFC 6851), copy it and mark the original deleted."""
        if "MOVE" in self.can:
            self._into(to, "MOVE", uid)
            return
        self._into(to, "COPY", uid)
        self._ask(self.line.uid, "STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self.can:  # a plain EXPUNGE would also remove what other programs have marked
            self._ask(self.line.uid, "EXPUNGE", str(uid))

    def _into(self, to: str, command: str, uid: int) -> None:
        try:
            self._ask(self.line.uid, command, str(uid), quoted(to))
        except FolderError:
            with suppress(FolderError):
                self._ask(self.line.create, quoted(to))
            self._ask(self.line.uid, command, str(uid), quoted(to))

    def _ask(self, act: Any, *given: str) -> list[Any]:
        try:
            kind, answer = act(*given)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise FolderError(_words(error.args)) from error
        if kind != "OK":
            raise FolderError(_words(answer))
        return [each for each in answer if each is not None]


def _flat(line: Any) -> bytes:
    return b" ".join(line) if isinstance(line, tuple) else bytes(line)


def _entry(line: bytes) -> Entry | None:
    uid, size, date = _UID.search(line), _SIZE.search(line), _DATE.search(line)
    if uid is None:
        return None
    arrived_at = None
    if date is not None:
        with suppress(ValueError):
            arrived_at = datetime.strptime(date[1].decode("ascii", "replace").strip(), "%d-%b-%Y %H:%M:%S %z")
    return Entry(int(uid[1]), int(size[1]) if size else 0, arrived_at.astimezone(UTC) if arrived_at else None)


def quoted(name: str) -> str:
    """A folder's name as IMAP wants it: quoted, in its own UTF-7 (RFC 3501, section 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        coded = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{coded}-"

    coded = re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(said: Any) -> str:
    parts = said if isinstance(said, list | tuple) else [said]
    return " ".join(each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in parts)[:500]
