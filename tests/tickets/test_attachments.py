"""Files on tickets: who may put them there, who sees them, and that none of them can run."""

from __future__ import annotations

import io
import mimetypes
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from msp.files.models import StoredFile
from msp.files.rules import NotAPicture, thumbnail_of
from msp.jobs.models import Job
from msp.mail.models import MailAttachment, OutgoingMail
from msp.tenancy.context import enter, system_scope
from tests.tickets.making import make_ticket
from tests.world import NOW, ShopWorld, World
from tickets import actions
from tickets.actions.thumbnails import DrawThumbnail
from tickets.models import Attachment, Message, Ticket, TicketSettings
from tickets.rules import Along, Refused

TEXT = b"Paper jam, tray 2"


@pytest.fixture(autouse=True)
def own_storage(tmp_path: Path, settings: Settings) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def picture(kind: str = "PNG", size: tuple[int, int] = (1600, 900)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def upload(name: str = "log.txt", content: bytes = TEXT) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, mimetypes.guess_type(name)[0] or "application/octet-stream")


def write(world: World, ticket: Ticket, role: str = "technician", **values: Any) -> Any:
    given = {
        "mode": "reply",
        "body": "See the file.",
        "to": str(ticket.contact_id or ""),
        "form_key": str(uuid4()),
    } | values
    return world.north.browser(role).post(f"/tickets/{ticket.number}/write/", given)


def path_of(attachment: Attachment, prefix: str = "/tickets", number: int = 1) -> str:
    return f"{prefix}/{number}/files/{attachment.pk}/"


def draw(shop: ShopWorld) -> None:
    """What the worker does with every thumbnail that was asked for."""
    handler, now = DrawThumbnail(), timezone.now()
    with enter(system_scope(shop.tenant.pk)):
        for job in Job.objects.filter(kind="tickets.thumbnail"):
            handler.finish(job, handler.work(handler.prepare(job, now)), now)  # type: ignore[arg-type]


def test_a_replys_files_go_with_its_mail_and_are_seen_when_it_is(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    assert write(world, ticket, uploads=[upload(), upload("photo.png", picture())]).status_code == 302
    with enter(north.scope()):
        first, second = Attachment.objects.select_related("file").order_by("added_at", "id")
        message = Message.objects.order_by("-id").first()
        assert message is not None
        assert {first.message_id, second.message_id} == {message.pk}
        assert (first.visibility, first.file.visibility, first.file.content_type) == ("public", "public", "text/plain")
        assert second.file.client_id == ticket.client_id
        mail = OutgoingMail.objects.get()
        assert list(MailAttachment.objects.filter(mail=mail).values_list("file", flat=True)) == [
            first.file_id,
            second.file_id,
        ]
    portal = north.portal(north.one.anna)
    assert portal.get(path_of(first, "/portal/requests")).status_code == 404  # it can still be taken back
    with enter(north.scope()):
        Message.objects.filter(pk=message.pk).update(visible_at=timezone.now() - timedelta(seconds=1))
    answer = portal.get(path_of(first, "/portal/requests"))
    assert b"".join(answer.streaming_content) == TEXT  # type: ignore[attr-defined]
    assert "log.txt" in portal.get("/portal/requests/1/").content.decode()
    for stranger in (north.portal(north.two.anna), world.low.portal(world.low.one.anna)):
        assert stranger.get(path_of(first, "/portal/requests")).status_code == 404
    assert world.low.browser("owner").get(path_of(first)).status_code == 404
    assert north.browser("read_only").get(path_of(first)).status_code == 200


def test_a_notes_files_stay_with_the_team(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    assert write(world, ticket, mode="note", body="", note="Between us", uploads=[upload()]).status_code == 302
    with enter(north.scope()):
        kept = Attachment.objects.select_related("file").get()
        assert (kept.visibility, kept.file.visibility) == ("internal", "internal")
    assert north.portal(north.one.anna).get(path_of(kept, "/portal/requests")).status_code == 404
    assert "log.txt" not in north.portal(north.one.anna).get("/portal/requests/1/").content.decode()
    assert "log.txt" in north.browser("owner").get("/tickets/1/").content.decode()


def test_nobody_chooses_a_file_twice_when_the_words_were_missing(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    answer = write(world, ticket, body="", uploads=[upload()])
    assert answer.status_code == 422
    with enter(north.scope()):
        held = Attachment.objects.get()
        assert (held.message_id, held.holder, held.visibility) == (None, north.staff["technician"], "internal")
    assert f'name="held" value="{held.pk}"' in answer.content.decode()
    assert str(held.pk) not in north.browser("owner").get("/tickets/1/").content.decode()
    assert north.browser("owner").get(path_of(held)).status_code == 404
    assert north.browser("owner").post(path_of(held) + "drop/").status_code == 404
    write(world, ticket, held=[str(held.pk)])
    with enter(north.scope()):
        assert Attachment.objects.get().message_id == Message.objects.order_by("-id")[0].pk


def test_a_held_file_is_thrown_away_with_its_bytes(world: World, django_capture_on_commit_callbacks: Any) -> None:
    north, ticket = world.north, make_ticket(world.north)
    write(world, ticket, body="", uploads=[upload()])
    with enter(north.scope()):
        held = Attachment.objects.select_related("file").get()
    with django_capture_on_commit_callbacks(execute=True):
        assert north.browser("technician").post(path_of(held) + "drop/").status_code == 302
    with enter(north.scope()):
        assert not StoredFile.objects.exists()
    assert not default_storage.exists(held.file.path)


def test_a_reply_taken_back_leaves_its_files_in_the_box(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    tech = north.staff["technician"]
    with enter(north.scope()):
        kept = actions.keep_files([("log.txt", ContentFile(TEXT), "text/plain")])
        given = {"actor": tech.as_actor(), "now": NOW, "ticket": ticket}
        held = actions.hold_files(**given, holder=tech, kept=kept)
        along = Along(held=[each.pk for each in held])
        message = actions.reply_publicly(**given, author=tech, body="There", to=north.one.anna, along=along)
        assert Attachment.objects.get().message_id == message.pk
        actions.take_back_reply(actor=tech.as_actor(), now=NOW, message=message)
        again = Attachment.objects.select_related("file").get()
        assert (again.message_id, again.holder, again.visibility, again.file.visibility) == (
            None,
            tech,
            "internal",
            "internal",
        )


def test_files_of_somebody_else_do_not_go_along(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    write(world, ticket, body="", uploads=[upload()])
    with enter(north.scope()):
        held = Attachment.objects.get()
    assert write(world, ticket, "owner", held=[str(held.pk), "nonsense"]).status_code == 302
    with enter(north.scope()):
        assert Attachment.objects.get().message_id is None


def test_what_is_too_large_for_mail_waits_in_the_portal(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    with enter(north.scope()):
        TicketSettings.objects.update(mailed_mb=1)
    write(world, ticket, uploads=[upload("big.bin", b"\0" * 1_100_000), upload()])
    with enter(north.scope()):
        mail = OutgoingMail.objects.get()
        assert [row.file.name for row in MailAttachment.objects.filter(mail=mail).select_related("file")] == ["log.txt"]
        assert "big.bin is too large for an e-mail" in mail.text
        assert "big.bin is too large for an e-mail" in mail.html


def test_the_shops_limits_are_said_in_words(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    with enter(north.scope()):
        TicketSettings.objects.update(file_mb=1, files_each=2)
    big = write(world, ticket, uploads=[upload("big.bin", b"\0" * 1_100_000)])
    assert (big.status_code, "A file may have 1 MB at most." in big.content.decode()) == (422, True)
    many = write(world, ticket, uploads=[upload(), upload(), upload()])
    assert "At most 2 files go with a message." in many.content.decode()
    portal = north.portal(north.one.anna).post(
        "/portal/requests/1/reply/",
        {"body": "Here", "form_key": str(uuid4()), "uploads": [upload("big.bin", b"\0" * 1_100_000)]},
    )
    assert (portal.status_code, "A file may have 1 MB at most." in portal.content.decode()) == (422, True)
    with enter(north.scope()):
        assert (Attachment.objects.count(), Message.objects.count()) == (0, 1)
        with pytest.raises(Refused):
            actions.keep_files([("a", ContentFile(b"a"), "")] * 3)


def test_a_client_sends_files_and_their_colleague_sees_them(world: World) -> None:
    north = world.north
    portal = north.portal(north.one.anna)
    answer = portal.post(
        "/portal/requests/new/",
        {"subject": "Jam", "body": "See photo", "uploads": [upload("jam.jpg", picture("JPEG"))]},
    )
    assert answer.status_code == 302
    portal.post("/portal/requests/1/reply/", {"body": "And the log", "form_key": str(uuid4()), "uploads": [upload()]})
    with enter(north.scope()):
        first, second = Attachment.objects.select_related("message").order_by("added_at")
        assert (first.message.body, second.message.body) == ("See photo", "And the log")  # type: ignore[union-attr]
    assert north.portal(north.one.ben).get(path_of(first, "/portal/requests")).status_code == 200
    draw(north)
    small = north.portal(north.one.ben).get(path_of(first, "/portal/requests") + "small/")
    assert small.headers["Content-Type"] == "image/webp"
    assert f"/portal/requests/1/files/{first.pk}/small/" in portal.get("/portal/requests/1/").content.decode()
    assert portal.get(path_of(second, "/portal/requests") + "small/").status_code == 404


def test_thumbnails_are_drawn_anew_and_shown_as_the_message_is(world: World) -> None:
    north, ticket = world.north, make_ticket(world.north)
    comment = b"<script>alert(1)</script>"
    photo = picture("JPEG").replace(
        b"\xff\xd8", b"\xff\xd8\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment, 1
    )
    write(
        world,
        ticket,
        mode="note",
        body="",
        note="Look",
        uploads=[upload("a.jpg", photo), upload("b.png", b"\x89PNG\r\n\x1a\n")],
    )
    draw(north)
    with enter(north.scope()):
        drawn, broken = Attachment.objects.select_related("thumbnail").order_by("added_at", "id")
        assert broken.thumbnail is None
        assert (drawn.thumbnail.visibility, drawn.thumbnail.client_id) == ("internal", ticket.client_id)  # type: ignore[union-attr]
    answer = north.browser("read_only").get(path_of(drawn) + "small/")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert comment not in body
    assert Image.open(io.BytesIO(body)).size == (640, 360)
    assert north.portal(north.one.anna).get(path_of(drawn, "/portal/requests") + "small/").status_code == 404
    page = north.browser("technician").get("/tickets/1/").content.decode()
    assert page.count("/small/") == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:500], b"GIF89a" + b"\xff\xff\xff\xff" + b"\0" * 20],
)
def test_what_is_no_picture_of_a_bearable_size_is_not_drawn(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        thumbnail_of(content)


@pytest.mark.parametrize("name", ["page.html", "photo.svg", "run.js", "bomb.zip.exe"])
def test_nothing_runs_in_our_origin(world: World, name: str) -> None:
    ticket = make_ticket(world.north)
    write(
        world,
        ticket,
        mode="note",
        body="",
        note="x",
        uploads=[upload(name, b"<svg onload=alert(1)><script>1</script>")],
    )
    with enter(world.north.scope()):
        kept = Attachment.objects.get()
    answer = world.north.browser("owner").get(path_of(kept) + "?show")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
