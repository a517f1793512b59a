"""A real IMAP server for the tests: Dovecot as Debian has it, in a directory of its own.

Without it those tests skip and say why; with CI=true they fail instead, so that CI can't be green by not looking.
"""

from __future__ import annotations

import getpass
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.launch.running import unused_port

MISSING = "Dovecot is not installed (./mainstay test says how), so no mailbox was fetched from a real IMAP server"
USER, PASSWORD = "desk", "four words and more"
PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def ensure_dovecot() -> str:
    if PROGRAM is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return PROGRAM


def configuration(base: Path, port: int, extra: str) -> str:
    """As root it takes the package's own users, as anybody else everything runs as oneself."""
    me = getpass.getuser()
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    users = "" if os.geteuid() == 0 else f"default_login_user = {me}\ndefault_internal_user = {me}\n"
    # A login process in a chroot needs root.
    roots = "service anvil {\n chroot =\n}\nservice imap-login {\n chroot =\n}\n"
    return f"""
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
mail_location = maildir:{base}/mail/%u
first_valid_uid = 1
{users}
passdb {{
 driver = static
 args = password={PASSWORD.replace(" ", "_")}
}}
userdb {{
 driver = static
 args = uid={owner.pw_uid} gid={owner.pw_gid} home={base}/home/%u
}}
service imap-login {{
 inet_listener imap {{
  port = {port}
 }}
 inet_listener imaps {{
  port = 0
 }}
}}
{roots if os.geteuid() != 0 else ""}{extra}
"""


@dataclass
class Dovecot:
    """The running server. `line` is a mail program's connection, for what people do in their mailbox."""

    base: Path
    port: int
    user: str = USER
    password: str = PASSWORD.replace(" ", "_")

    @contextmanager
    def line(self) -> Iterator[imaplib.IMAP4]:
        line = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        line.login(self.user, self.password)
        try:
            yield line
        finally:
            line.logout()

    def append(self, raw: bytes, folder: str = "INBOX", date: str = "") -> None:
        """Deliver a message into a folder."""
        with self.line() as line:
            assert line.append(folder, "", f'"{date}"' if date else "", raw)[0] == "OK"

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of each message in a folder."""
        with self.line() as line:
            if line.select(folder, readonly=True)[1] == [b"0"]:
                return []
            _kind, found = line.fetch("1:*", "(FLAGS)")
            return [each.decode() for each in found if isinstance(each, bytes)]

    def empty(self, folder: str = "INBOX") -> None:
        with self.line() as line:
            line.select(folder)
            line.store("1:*", "+FLAGS", r"(\Deleted)")
            line.expunge()

    def number_anew(self) -> None:
        """Lose what the server knew of its folders, as a restore or a move does: the messages stay, their UIDs do not."""
        for name in (
            "dovecot-uidlist",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.index.cache",
            "dovecot-uidvalidity",
        ):
            for path in (self.base / "mail" / USER).glob(f"{name}*"):
                path.unlink()
        time.sleep(1.1)  # UIDVALIDITY is a time in seconds


@contextmanager
def running(base: Path, extra: str = "") -> Iterator[Dovecot]:
    program, port = ensure_dovecot(), unused_port()
    base.chmod(0o755)
    for name in ("run", "state", "mail", "home"):
        (base / name).mkdir()
    for name in ("mail", "home"):
        (base / name).chmod(0o777)
    for parent in base.parents:  # the mail's owner must get through pytest's private folders
        if parent.stat().st_uid == os.geteuid() and parent != Path(parent.anchor):
            parent.chmod(parent.stat().st_mode | 0o011)
    (base / "dovecot.conf").write_text(configuration(base, port, extra))
    process = subprocess.Popen([program, "-F", "-c", str(base / "dovecot.conf")], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, base, process)
        yield Dovecot(base, port)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, base: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    log = base / "dovecot.log"
    pytest.fail(f"Dovecot did not start: {log.read_text()[-2000:] if log.exists() else 'no log'}")
