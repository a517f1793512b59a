"""Keeping what can be found up to date. Called by the actions that write the rows, in their transaction.

Derived data, so nothing is written to the activity log.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from .choices import Weight
from .models import Found, Token
from .rules import MOST, tokens_of


def index(
    *,
    kind: str,
    subject_id: UUID,
    client_id: UUID | None,
    label: str,
    url: str,
    at: datetime,
    hint: str = "",
    codes: Iterable[str] = (),
    names: Iterable[str] = (),
    texts: Iterable[str] = (),
) -> Found:
    """Make a row findable, or bring its words up to date.

    `codes` (numbers, serials, phones) count most and are found with and without their marks; `names` count more than `texts`.
    """
    wanted = tokens_of(codes, names, texts)
    found, is_new = Found.objects.update_or_create(
        kind=kind,
        subject_id=subject_id,
        defaults={"client_id": client_id, "label": label[:200], "hint": hint[:200], "url": url, "at": at},
    )
    kept: dict[str, int] = {}
    if not is_new:
        stored = Token.objects.filter(found=found)
        stored.exclude(token__in=wanted, at=at).delete()
        kept = dict(stored.values_list("token", "weight"))
    for token in [t for t, weight in kept.items() if weight != wanted[t]]:
        Token.objects.filter(found=found, token=token).update(weight=wanted[token])
    Token.objects.bulk_create(
        Token(found=found, kind=kind, token=token, weight=weight, at=at)
        for token, weight in wanted.items()
        if token not in kept
    )
    return found


def add_words(*, kind: str, subject_id: UUID, text: str) -> None:
    """Let a thing be found by more words, as far as it has room for them. Nothing happens when it is not in the search."""
    rows = Found.objects.filter(kind=kind, subject_id=subject_id).values_list("pk", "at", "tokens__token")
    found, have = {row[:2] for row in rows}, {row[2] for row in rows}
    if not found:
        return
    ((pk, at),) = found
    new = [token for token in tokens_of((), (), [text]) if token not in have][: max(0, MOST - len(have))]
    Token.objects.bulk_create(Token(found_id=pk, kind=kind, token=t, weight=Weight.TEXT, at=at) for t in new)


def forget(*, kind: str, subject_id: UUID) -> None:
    """Take a row out of the search. Nothing happens when it was not in it."""
    Found.objects.filter(kind=kind, subject_id=subject_id).delete()
