"""Settings of the shop: each page writes its fields, its entry, and nothing else."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image, ImageFile

from msp.accounts.actions import NotALogo, clean_logo
from msp.accounts.models import ShopSettings
from msp.tenancy.context import enter
from tests.world import ShopWorld, World

from .conftest import acts

COMPANY = {
    "name": "Northgate IT",
    "legal_name": "Northgate IT Ltd",
    "address": "1 North Gate\nLeeds",
    "country": "GB",
    "phone": "020 7946 0000",
    "email": "hello@north.example",
    "website": "north.example",
    "tax_id": "GB123456789",
    "registration": "01234567",
}
PAGES = ["company", "brand", "region", "security"]


def kept(shop: ShopWorld) -> ShopSettings:
    with enter(shop.scope()):
        return ShopSettings.objects.get()


def picture(size: tuple[int, int] = (1200, 400), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (12, 90, 160)).save(file, kind)
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that claims to be 60,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9000))
        + chunk(b"IEND", b"")
    )


def test_the_company_is_saved_with_one_entry_for_what_changed(world: World) -> None:
    browser = world.north.browser("owner")
    assert browser.post("/settings/company/", COMPANY)["Location"] == "/settings/company/"
    settings = kept(world.north)
    wanted = COMPANY | {
        "phone": "+44 20 7946 0000",
        "website": "https://north.example",
        "address": "1 North Gate\nLeeds",
    }
    wanted.pop("name")
    assert {field: getattr(settings, field) for field in wanted} == wanted
    world.north.tenant.refresh_from_db()
    assert world.north.tenant.name == "Northgate IT"
    ((_who, change),) = acts(world.north, "shop.company_changed")
    assert change["now"] == {field: value for field, value in wanted.items() if field != "country"}
    assert (change["was"].keys(), change["was"]["legal_name"]) == (change["now"].keys(), "Northgate Ltd")
    assert acts(world.north, "shop.renamed") == [("Owner Northgate", {"before": "Northgate", "after": "Northgate IT"})]
    browser.post("/settings/company/", COMPANY)
    assert len(acts(world.north, "shop.company_changed")) == 1  # nothing changed, nothing written


def test_a_wrong_answer_is_explained_and_the_others_are_kept(world: World) -> None:
    answer = world.north.browser("owner").post("/settings/company/", COMPANY | {"phone": "12", "country": "XX"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"phone", "country"}
    assert "1 North Gate" in answer.content.decode()
    assert kept(world.north).address == ""


def test_zone_currency_and_language(world: World) -> None:
    form = {"zone": "Europe/Berlin", "currency": "EUR", "language": "en"}
    assert world.north.browser("owner").post("/settings/region/", form).status_code == 302
    settings = kept(world.north)
    assert (settings.zone, settings.currency, settings.language) == ("Europe/Berlin", "EUR", "en")
    assert acts(world.north, "shop.region_changed") == [
        (
            "Owner Northgate",
            {
                "was": {"currency": "GBP", "zone": "Europe/London"},
                "now": {"currency": "EUR", "zone": "Europe/Berlin"},
            },
        )
    ]


@pytest.mark.parametrize("wrong", [{"zone": "Mars/Olympus"}, {"currency": "QQQ"}, {"language": "tlh"}])
def test_invented_places_are_refused(world: World, wrong: dict[str, str]) -> None:
    form = {"zone": "Europe/Berlin", "currency": "EUR", "language": "en"} | wrong
    assert world.north.browser("owner").post("/settings/region/", form).status_code == 422
    assert kept(world.north).zone == "Europe/London"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_served_with_its_hash(world: World, kind: str) -> None:
    browser = world.north.browser("owner")
    upload = SimpleUploadedFile("logo", picture(kind=kind) + b"<script>")
    assert browser.post("/settings/brand/", {"hue": 25, "logo": upload}).status_code == 302
    settings = kept(world.north)
    image = Image.open(io.BytesIO(bytes(settings.logo or b"")))
    assert (settings.hue, image.format, image.size) == (25, "PNG", (600, 200))
    change = {"was": {"hue": 245, "logo_hash": ""}, "now": {"hue": 25, "logo_hash": settings.logo_hash}}
    assert acts(world.north, "shop.brand_changed") == [("Owner Northgate", change)]
    served = browser.get("/brand/logo")
    assert (served.content, served["Content-Type"]) == (bytes(settings.logo or b""), "image/png")
    again = browser.get("/brand/logo", headers={"if-none-match": served["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_logo_goes_again(world: World) -> None:
    browser = world.north.browser("owner")
    browser.post("/settings/brand/", {"hue": 25, "logo": SimpleUploadedFile("l.png", picture())})
    browser.post("/settings/brand/", {"hue": 25, "remove_logo": "on"})
    assert (kept(world.north).logo, kept(world.north).logo_hash) == (None, "")
    assert browser.get("/brand/logo").status_code == 404


@pytest.mark.parametrize(
    "upload", [b"", b"GIF89a", b"%PDF-1.7", bomb(), picture()[:200], picture((3, 3), "BMP"), b"\0" * 1_000_001]
)
def test_what_is_no_logo_is_refused(upload: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as WeasyPrint leaves it, wherever it was imported
    with pytest.raises(NotALogo):
        clean_logo(upload)


@pytest.mark.parametrize("upload", [bomb(), b"<svg/>", b"\0" * 1_000_001])
def test_a_refused_logo_is_explained_beside_the_field(world: World, upload: bytes) -> None:
    form = {"hue": 25, "logo": SimpleUploadedFile("logo.png", upload)}
    answer = world.north.browser("owner").post("/settings/brand/", form)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["logo"])
    assert kept(world.north).hue == 245


def test_the_logo_is_the_shops_own_for_staff_contacts_and_its_own_host(world: World) -> None:
    world.north.browser("owner").post("/settings/brand/", {"hue": 25, "logo": SimpleUploadedFile("l.png", picture())})
    world.north.tenant.host = "help.north.example"
    world.north.tenant.save()
    assert world.north.portal(world.north.one.anna).get("/portal/brand/logo").status_code == 200
    assert Browser(SERVER_NAME="help.north.example").get("/brand/logo").status_code == 200
    assert Browser(SERVER_NAME="localhost").get("/brand/logo").status_code == 404
    assert world.low.browser("owner").get("/brand/logo").status_code == 404


def test_a_shops_own_host_brands_the_sign_in_page(world: World) -> None:
    world.north.tenant.host = "help.north.example"
    world.north.tenant.save()
    world.north.browser("owner").post("/settings/brand/", {"hue": 33})
    page = Browser(SERVER_NAME="help.north.example").get("/account/login/").content.decode()
    assert "Northgate" in page
    assert "?h=33" in page
    assert "Northgate" not in Browser(SERVER_NAME="localhost").get("/account/login/").content.decode()


@pytest.mark.parametrize("role", ["office_manager", "dispatcher", "technician", "read_only"])
@pytest.mark.parametrize("page", ["", *(f"{page}/" for page in PAGES)])
def test_settings_are_the_owners(world: World, role: str, page: str) -> None:
    assert world.north.browser(role).get(f"/settings/{page}").status_code == 403


def test_the_index_shows_every_page_that_may_be_opened(world: World) -> None:
    browser = world.north.browser("owner")
    pages = [url for _page, url in browser.get("/settings/").context["pages"]]
    assert {f"/settings/{page}/" for page in [*PAGES, "people"]} <= set(pages)
    assert [browser.get(url).status_code for url in pages] == [200] * len(pages)


def test_the_first_steps_look_at_real_rows_and_can_be_put_away(world: World) -> None:
    def steps() -> dict[str, bool]:
        return {str(step.url_name): done for step, _url, done in browser.get("/start/").context["steps"]}

    browser = world.north.browser("owner")
    before = steps()
    assert (before["accounts:company"], before["accounts:brand"], before["accounts:invite"]) == (False, False, True)
    browser.post("/settings/company/", COMPANY)
    browser.post("/settings/brand/", {"hue": 25, "logo": SimpleUploadedFile("l.png", picture())})
    after = steps()
    assert (after["accounts:company"], after["accounts:brand"]) == (True, True)
    assert "First steps" in browser.get("/search/").content.decode()
    browser.post("/start/dismiss/")
    assert "First steps" not in browser.get("/search/").content.decode()
    assert [who for who, _change in acts(world.north, "shop.start_dismissed")] == ["Owner Northgate"]
    assert "First steps" not in world.north.browser("technician").get("/search/").content.decode()


def required(world: World, browser: Browser, on: bool = True) -> Any:
    return browser.post("/settings/security/", {"staff_mfa_required": "on"} if on else {})


def test_a_required_second_factor_comes_before_every_staff_page(world: World) -> None:
    owner, technician = world.north.browser("owner"), world.north.browser("technician")
    required(world, owner)
    assert acts(world.north, "shop.security_changed") == [
        ("Owner Northgate", {"was": {"staff_mfa_required": False}, "now": {"staff_mfa_required": True}})
    ]
    assert technician.get("/search/")["Location"] == "/second-factor/"
    assert owner.get("/settings/security/")["Location"] == "/second-factor/"
    assert technician.get("/second-factor/").status_code == 200
    setup = technician.get("/account/2fa/totp/activate/")["Location"]  # the way out is open: it asks who they are
    assert setup == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"
    assert world.low.browser("technician").get("/search/").status_code == 200
    assert world.north.portal(world.north.one.anna).get("/portal/").status_code == 200
    world.north.staff["technician"].user.authenticator_set.create(type="webauthn", data={})
    assert technician.get("/search/").status_code == 200
    assert technician.get("/second-factor/")["Location"] == "/"
