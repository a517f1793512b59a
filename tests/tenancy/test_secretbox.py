from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from msp.tenancy.secretbox import SecretUnreadable, seal, unseal

PLACE = ("mail.MailSettings", "77", "password")


def key(name: str, letter: bytes) -> str:
    return f"{name}:{base64.b64encode(letter * 32).decode()}"


@given(st.text())
def test_a_secret_comes_back_and_never_shows(plain: str) -> None:
    sealed = seal(plain, place=PLACE)
    assert unseal(sealed, place=PLACE) == plain
    assert len(plain) < 4 or plain not in sealed
    assert seal(plain, place=PLACE) != sealed


@pytest.mark.parametrize(
    "place",
    [
        ("mail.MailSettings", "78", "password"),
        ("mail.MailSettings", "77", "user"),
        ("mail.MailSettings", "77password"),
        ("mail.MailSettings", "77"),
    ],
)
def test_a_secret_does_not_open_in_another_place(place: tuple[str, ...]) -> None:
    sealed = seal("hunter22", place=PLACE)
    with pytest.raises(SecretUnreadable):
        unseal(sealed, place=place)


@pytest.mark.parametrize("damage", [lambda s: s[:-6] + "AAAA" + s[-2:], lambda s: s[:10], lambda s: "hunter22"])
def test_altered_short_and_plain_text_raise(damage: Callable[[str], str]) -> None:
    with pytest.raises(SecretUnreadable):
        unseal(damage(seal("hunter22", place=PLACE)), place=PLACE)


def test_keys_rotate_and_a_lost_key_is_loud(settings: Settings) -> None:
    settings.FIELD_KEYS = key("k1", b"a")
    old = seal("hunter22", place=PLACE)
    settings.FIELD_KEYS = f"{key('k2', b'b')},{key('k1', b'a')}"
    assert unseal(old, place=PLACE) == "hunter22"
    assert seal("hunter22", place=PLACE).startswith("k2.")
    settings.FIELD_KEYS = key("k2", b"b")
    with pytest.raises(SecretUnreadable, match="k1"):
        unseal(old, place=PLACE)
    settings.FIELD_KEYS = key("k1", b"b")
    with pytest.raises(SecretUnreadable):
        unseal(old, place=PLACE)


@pytest.mark.parametrize("keys", ["", "k1:short", "k1:" + base64.b64encode(b"a" * 16).decode(), "k.1:" + key("", b"a")])
def test_bad_keys_are_refused(keys: str, settings: Settings) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        seal("hunter22", place=PLACE)


def test_a_place_has_no_empty_parts() -> None:
    with pytest.raises(ValueError, match="place"):
        seal("hunter22", place=("mail.MailSettings", ""))
