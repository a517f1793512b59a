"""Encrypted connections and signing in, against a real server with a certificate of its own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from msp.mail.actions import save_settings
from msp.tenancy.context import enter
from tests.world import NOW, World

from .conftest import ACTOR, fresh, send, write

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "hunter22"


class Inbox:
    def __init__(self) -> None:
        self.encrypted: list[bool] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.encrypted.append(session.ssl is not None)
        return "250 taken"


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that nobody vouches for, and a server's context with it."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)
    return pem, context


def checked(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given == LoginPassword(b"desk", PASSWORD.encode()), handled=False)


@pytest.fixture
def secure(tmp_path: Path, settings: Settings) -> Iterator[tuple[int, Inbox, Path]]:
    """A server that asks for encryption and a password: its port, what it took, and the certificate to trust."""
    pem, context = certificate(tmp_path)
    settings.MAIL_PRIVATE_HOSTS = True
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    asked = {"authenticator": checked, "auth_required": True, "auth_require_tls": True}
    inbox = Inbox()
    server = Controller(inbox, "127.0.0.1", port, tls_context=context, **asked)
    server.start()
    yield port, inbox, pem
    server.stop()


@pytest.mark.parametrize(
    ("trusted", "password", "error"),
    [
        (True, PASSWORD, ""),
        (True, "wrong", "SMTPAuthenticationError"),
        (False, PASSWORD, "certificate verify failed"),
    ],
)
def test_a_shops_server_is_reached_encrypted_and_signed_in(
    world: World, secure: tuple[int, Inbox, Path], trusted: bool, password: str, error: str
) -> None:
    port, inbox, pem = secure
    values = {
        "from_name": "", "reply_to": "", "own_server": True, "from_address": "desk@north.example",
        "host": "localhost", "port": port, "security": "starttls", "user": "desk",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as environment:
        if trusted:
            environment.setenv("SSL_CERT_FILE", str(pem))
        with enter(world.north.scope()):
            save_settings(actor=ACTOR, values=values, password=password, now=NOW)
        mail = write(world.north)
        send()
    row = fresh(world.north, mail)
    assert row.state == ("queued" if error else "sent")
    assert error in row.last_error
    assert password not in row.last_error
    assert inbox.encrypted == ([] if error else [True])
