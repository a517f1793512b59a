from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pytest_django import Settings

from msp.accounts.rules import system_actor
from msp.files.actions import store_file, write_file
from msp.files.choices import Visibility
from msp.files.documents import CHUNK, content_of, response_of
from msp.files.models import StoredFile
from msp.files.rules import FileDamaged, FileTooLarge, safe_name, true_type
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld, World

pytestmark = pytest.mark.django_db
PDF, PNG = b"%PDF-1.7 invented", b"\x89PNG\r\n\x1a\n invented"


@pytest.fixture(autouse=True)
def own_storage(tmp_path: Path, settings: Settings) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def store(shop: ShopWorld, content: bytes = PDF, **given: Any) -> StoredFile:
    given = {
        "name": "invoice.pdf",
        "content_type": "application/pdf",
        "client_id": shop.one.client.pk,
        "visibility": Visibility.PUBLIC,
    } | given
    with enter(shop.scope()):
        return store_file(actor=system_actor("tests"), content=content, now=NOW, **given)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_file_lies_under_its_shop_and_comes_back_whole(world: World) -> None:
    big = PDF + bytes(range(256)) * (CHUNK // 100)
    file = store(world.north, big)
    assert file.path.startswith(f"{world.north.tenant.pk}/")
    assert (file.size, file.content_type, file.stored_by, file.created_at) == (
        len(big),
        "application/pdf",
        "tests",
        NOW,
    )
    assert content_of(file) == big
    assert body(response_of(file)) == big
    assert store(world.north).path != file.path


def test_damaged_bytes_are_never_given_out_whole(world: World) -> None:
    file = store(world.north, PDF * CHUNK)
    location = Path(default_storage.path(file.path))
    location.write_bytes(location.read_bytes()[:-1] + b"!")
    with pytest.raises(FileDamaged):
        content_of(file)
    sent: list[bytes] = []
    with pytest.raises(FileDamaged):
        sent.extend(response_of(file).streaming_content)
    assert sum(map(len, sent)) < file.size


def test_a_response_runs_nothing_and_shows_only_what_is_safe(world: World) -> None:
    shown = response_of(store(world.north), inline=True)
    assert shown.headers["Content-Disposition"] == 'inline; filename="invoice.pdf"'
    assert shown.headers["Content-Length"] == str(len(PDF))
    for name, content in (
        ("photo.svg", b"<svg onload=alert(1)>"),
        ("page.html", b"<script>"),
        ("invoice.pdf", b"<html>"),
    ):
        response = response_of(store(world.north, content, name=name, content_type="image/svg+xml"), inline=True)
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    saved = response_of(store(world.north))
    assert saved.headers["Content-Disposition"] == 'attachment; filename="invoice.pdf"'


def test_a_name_cannot_break_the_header(world: World) -> None:
    file = store(world.north, name='a"\r\nSet-Cookie: x=1;é.pdf')
    header = response_of(file).headers["Content-Disposition"]
    assert "\r" not in header
    assert "\n" not in header


def test_clients_see_their_own_public_files_only(world: World) -> None:
    shop = world.north
    own = store(shop)
    store(shop, visibility=Visibility.INTERNAL)
    store(shop, client_id=shop.two.client.pk)
    store(shop, client_id=None)
    store(world.low)
    with enter(shop.portal_scope(shop.one.anna)):
        assert list(StoredFile.objects.all()) == [own]
        with connection.cursor() as cursor:
            cursor.execute("select id from files_storedfile")
            assert cursor.fetchall() == [(own.pk,)]
    with enter(shop.scope()):
        assert StoredFile.objects.count() == 4


def test_a_file_above_the_limit_is_refused_before_it_is_written(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    settings.FILE_LIMIT = 10
    with pytest.raises(FileTooLarge):
        store(world.north)
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(
    ("declared", "head", "kept"),
    [
        ("application/pdf", PDF, "application/pdf"),
        ("text/html", PNG, "image/png"),
        ("image/jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("image/webp", b"RIFF\0\0\0\0WEBP", "image/webp"),
        ("image/png", b"<svg>", "application/octet-stream"),
        ("text/html; charset=utf-8", b"<p>", "application/octet-stream"),
        ("TEXT/CSV; charset=utf-8", b"a,b", "text/csv"),
        ("application/vnd.oasis.opendocument.text", b"PK", "application/vnd.oasis.opendocument.text"),
        ("application/vnd.oasis.opendocument.text", b"<html>", "application/octet-stream"),
        ("text/plain", b"MZ\x90 a program", "application/octet-stream"),
        ("text/plain", b"a\0b", "application/octet-stream"),
        ("image/gif", b"GIF89a\x01\0\x01\0", "image/gif"),
        ("image/gif", b"<script>", "application/octet-stream"),
        ("", b"", "application/octet-stream"),
    ],
)
def test_the_bytes_decide_the_type(declared: str, head: bytes, kept: str) -> None:
    assert true_type(declared, head) == kept


def test_the_name_proposes_a_type_that_the_bytes_must_bear_out() -> None:
    assert true_type("", b"a,b\r\n", "list.csv") == "text/csv"
    assert true_type("", b"<svg onload=alert(1)>", "photo.svg") == "application/octet-stream"


def test_a_file_is_kept_in_pieces_and_hashed_on_the_way(world: World) -> None:
    content = bytes(range(256)) * 3000
    source = ContentFile(content, name="dump.bin")
    written = write_file(tenant_id=world.north.tenant.pk, name="dump.bin", source=source, content_type="")
    assert (written.size, written.sha256) == (len(content), sha256(content).hexdigest())
    with default_storage.open(written.path) as kept:
        assert kept.read() == content
    with pytest.raises(FileTooLarge):
        write_file(tenant_id=world.north.tenant.pk, name="x", source=source, content_type="", limit=len(content) - 1)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mo\\report.docx", "report.docx"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\r\nb\x00.txt", "ab.txt"),
        ("...", "file"),
        ("", "file"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_made_safe(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_request_of_endless_files_is_refused_unread(world: World, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 2000
    upload = SimpleUploadedFile("logo.png", b"x" * 3000)
    answer = world.north.browser("owner").post("/settings/brand/", {"hue": "10", "logo": upload})
    assert answer.status_code == 400
