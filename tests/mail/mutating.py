"""Mails that went through a bad night: bytes changed, lost, doubled, moved, headers and boundaries broken. Same seed, same mails."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

SEED = 20261123
_BAD = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\r",
        b"\n\n",
        b"=?utf-8?b?",
        b"?=",
        b"--",
        b"\r\n\r\n",
        b'"',
        b";",
        b"<>",
        b"%00",
        b"\xf0\x9f",
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"charset=utf-7",
        b"base64",
    ),
    *(
        b"Content-Transfer-Encoding: uuencode\r\n",
        b"name*0*=x''%",
        b"Content-Type: text/html\r\n\r\n<div>",
        b"((((((((",
    ),
)


def mutations(mails: list[bytes], number: int, seed: int = SEED) -> Iterator[bytes]:
    """`number` mails, each one of `mails` with one to eight changes; some are two of them grown together."""
    chance = random.Random(seed)  # noqa: S311  the same each time, and nothing in it is a secret
    for _ in range(number):
        mail = bytearray(chance.choice(mails))
        for _ in range(chance.randint(1, 8)):
            mail = chance.choice(_CHANGES)(mail, chance, mails)
        yield bytes(mail)


Change = Callable[[bytearray, random.Random, list[bytes]], bytearray]


def _at(mail: bytearray, chance: random.Random) -> int:
    return chance.randrange(len(mail) + 1)


def _flip(mail: bytearray, chance: random.Random, mails: list[bytes]) -> bytearray:
    if mail:
        mail[chance.randrange(len(mail))] = chance.randrange(256)
    return mail


def _lose(mail: bytearray, chance: random.Random, mails: list[bytes]) -> bytearray:
    at = _at(mail, chance)
    del mail[at : at + chance.choice((1, 5, 60, 500))]
    return mail


def _double(mail: bytearray, chance: random.Random, mails: list[bytes]) -> bytearray:
    at = _at(mail, chance)
    return mail[:at] + mail[at : at + chance.choice((10, 100, 1000))] * chance.choice((2, 5, 20)) + mail[at:]


def _insert(mail: bytearray, chance: random.Random, mails: list[bytes]) -> bytearray:
    at = _at(mail, chance)
    return mail[:at] + chance.choice(_BAD) * chance.choice((1, 1, 3, 40)) + mail[at:]


def _cut(mail: bytearray, chance: random.Random, mails: list[bytes]) -> bytearray:
    return mail[: _at(mail, chance)]


def _swap(mail: bytearray, chance: random.Random, mails: list[bytes]) -> bytearray:
    lines = mail.split(b"\n")
    chance.shuffle(lines)
    return bytearray(b"\n".join(lines))


def _join(mail: bytearray, chance: random.Random, mails: list[bytes]) -> bytearray:
    other = chance.choice(mails)
    return mail[: _at(mail, chance)] + other[chance.randrange(len(other) + 1) :]


_CHANGES: tuple[Change, ...] = (_flip, _flip, _lose, _double, _insert, _insert, _cut, _swap, _join)
