from __future__ import annotations

import pytest
from django.template import TemplateDoesNotExist

from msp.accounts.models import ShopSettings
from msp.mail.documents import preview_of, render_mail
from msp.mail.queries import look_of_shop
from msp.mail.rules import hex_of
from msp.tenancy.context import enter
from tests.world import World


@pytest.mark.parametrize(
    ("colour", "written"),
    [
        ((0.0, 0.0, 0.0), "#000000"),
        ((1.0, 0.0, 0.0), "#ffffff"),
        ((0.62796, 0.25768, 29.234), "#ff0000"),  # the sRGB primaries, from the OKLab article's matrices
        ((0.86644, 0.294827, 142.495), "#00ff00"),
        ((0.45201, 0.313214, 264.052), "#0000ff"),
    ],
)
def test_oklch_becomes_srgb(colour: tuple[float, float, float], written: str) -> None:
    assert hex_of(*colour) == written


def test_a_colour_outside_srgb_keeps_its_hue_and_loses_chroma() -> None:
    assert hex_of(0.48, 0.4, 145) == hex_of(0.48, 0.4, 145).lower()
    red, green, blue = (int(hex_of(0.48, 0.4, 145)[i : i + 2], 16) for i in (1, 3, 5))
    assert green > red
    assert green > blue


@pytest.mark.parametrize("hue", range(0, 360, 15))
def test_white_letters_on_every_shops_colour_are_readable(hue: int) -> None:
    channels = (int(hex_of(0.480, 0.125, hue)[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.django_db
def test_a_mail_wears_the_shops_look_and_escapes_only_its_html(world: World) -> None:
    with enter(world.north.scope()):
        ShopSettings.objects.update(hue=25, address="1 Quay\nHull", phone="01482 1", website="https://north.example")
        rendered = render_mail("mail/test", {"name": "Jo <b>&"}, "en")
        look = look_of_shop()
    assert rendered.subject == "A test message from Mainstay"
    assert "Hello Jo <b>&," in rendered.text
    assert "1 Quay\nHull" in rendered.text
    assert "Jo &lt;b&gt;&amp;" in rendered.html
    assert look.accent in rendered.html
    assert "1 Quay<br>Hull" in rendered.html
    assert "cid:logo" not in rendered.html


@pytest.mark.django_db
def test_a_mail_without_template_is_a_programming_error(world: World) -> None:
    with enter(world.north.scope()), pytest.raises(TemplateDoesNotExist):
        render_mail("mail/nothing", {}, "en")


def test_a_preview_carries_the_logo_itself() -> None:
    assert preview_of('<img src="cid:logo">', b"\x89PNG") == '<img src="data:image/png;base64,iVBORw==">'
    assert preview_of("<p>", b"") == "<p>"
