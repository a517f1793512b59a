"""Secrets at rest (second factors, mail passwords): authenticated encryption, bound to the place that the secret belongs to.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. The place is associated data: a value copied to another row, field or
shop does not open there. Nothing falls back to plain text: what cannot be opened raises.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_NONCE_BYTES = 12
_KEY_BYTES = 32


class SecretUnreadable(RuntimeError):
    """A sealed value cannot be opened: wrong or missing key, another place, or altered bytes."""


def seal(plain: str, *, place: tuple[str, ...]) -> str:
    """Encrypt `plain` for `place` with the first key: `<key id>.<base64url of nonce and ciphertext>`.

    `place` names where the secret lives, for example `("mail.MailSettings", tenant id, "password")`.
    """
    key_id, box = next(iter(_boxes(settings.FIELD_KEYS).items()))
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + box.encrypt(nonce, plain.encode(), _associated(key_id, place))
    return f"{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"


def unseal(sealed: str, *, place: tuple[str, ...]) -> str:
    """The secret again. Raises SecretUnreadable with a wrong key or place, and for altered or plain text."""
    key_id, _, encoded = sealed.partition(".")
    box = _boxes(settings.FIELD_KEYS).get(key_id)
    if box is None:
        raise SecretUnreadable(f"no key {key_id[:20]!r} in MAINSTAY_FIELD_KEYS")
    try:
        raw = base64.b64decode(encoded, altchars=b"-_", validate=True)
        return box.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _associated(key_id, place)).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise SecretUnreadable(f"the secret of {place[0]} does not open with key {key_id}") from error


def _associated(key_id: str, place: tuple[str, ...]) -> bytes:
    if not place or not all(place):
        raise ValueError("a secret is bound to a place without empty parts")
    return json.dumps([key_id, *place]).encode()  # a list: joined strings could say two places alike


@lru_cache(maxsize=4)
def _boxes(field_keys: str) -> dict[str, AESGCM]:
    boxes: dict[str, AESGCM] = {}
    for entry in field_keys.split(","):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ImproperlyConfigured(f"MAINSTAY_FIELD_KEYS: key {key_id!r} is not base64") from error
        if not key_id or "." in key_id or key_id in boxes or len(key) != _KEY_BYTES:
            raise ImproperlyConfigured(
                f"MAINSTAY_FIELD_KEYS: {key_id!r} must be a name of its own for {_KEY_BYTES} bytes"
            )
        boxes[key_id] = AESGCM(key)
    return boxes
