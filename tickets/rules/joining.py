"""Which ticket a mail belongs to. Pure: what the mail carries and who it seems to be from decide, the database is not asked.

A signed name in an address or id is proof that its bearer got our mail. Who the bearer is, a From line does not prove; so another
client's people, and strangers who only copied an id, never get into a conversation (docs/decisions/0071).
"""

from __future__ import annotations

import re
from enum import StrEnum

_NUMBER = re.compile(r"(?<![\w&])#(\d{1,9})\b")
_PREFIX = re.compile(r"^\s*(re|aw|fw|fwd|wg|sv|vs|antw|tr|rif|odp|res)\s*(\[\d+\]|\(\d+\))?\s*:\s*", re.IGNORECASE)
_OURS = re.compile(r"^\s*\[#\d{1,9}\]\s*")


class Who(StrEnum):
    """What the sender is to the ticket's client."""

    OWN = "own"  # a living contact of it
    STAFF = "staff"  # an address of our own people
    OTHER = "other"  # a contact, or the domain, of another client
    STRANGER = "stranger"  # nobody we know, or somebody whom our receiving server calls forged


class Proof(StrEnum):
    """How the mail names the ticket."""

    ADDRESS = "address"  # signed, in the address it was sent to
    REFERENCE = "reference"  # signed, in the ids it answers
    NUMBER = "number"  # a bare #4182 in the subject, which anybody can write


class Join(StrEnum):
    PUBLIC = "public"  # as the client's word
    NOTE = "note"  # for the team to look at
    NO = "no"  # a ticket of its own, with a hint


def may_join(who: Who, proof: Proof) -> Join:
    """Whether the mail becomes part of the ticket, and how."""
    if who == Who.OWN:
        return Join.PUBLIC
    if who == Who.STAFF and proof != Proof.NUMBER:
        return Join.NOTE
    if who == Who.STRANGER and proof == Proof.ADDRESS:
        return Join.NOTE
    return Join.NO


def numbers_in(subject: str) -> list[int]:
    """The ticket numbers that a subject names, in order."""
    return list(dict.fromkeys(int(number) for number in _NUMBER.findall(subject) if int(number) < 2**31))


def plain_subject(subject: str) -> str:
    """A subject without the prefixes of mail programs and our own number; "" when nothing is left."""
    while (shorter := _OURS.sub("", _PREFIX.sub("", subject, count=1), count=1)) != subject:
        subject = shorter
    return " ".join(subject.split())[:200]


def same_matter(subject: str) -> str:
    """What two notices of one machine have in common: the subject without its numbers."""
    return re.sub(r"[\d.:,/-]+", "#", plain_subject(subject).casefold())
