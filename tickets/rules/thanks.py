"""Whether a client's message says nothing but thanks: such a message starts no clock and opens nothing again."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CORE = frozenset(
    [
        "thanks",
        "thank",
        "thx",
        "ty",
        "cheers",
        "ta",
        "danke",
        "dankeschön",
        "dank",
        "merci",
        "gracias",
        "grazie",
        "bedankt",
        "dankjewel",
        "obrigado",
        "obrigada",
        "tak",
        "tack",
        "takk",
        "kiitos",
        "dziękuję",
        "dzięki",
        "děkuji",
    ]
)
_AROUND = frozenset(
    [
        "you",
        "u",
        "so",
        "very",
        "much",
        "many",
        "a",
        "lot",
        "all",
        "again",
        "great",
        "brilliant",
        "perfect",
        "lovely",
        "super",
        "wonderful",
        "excellent",
        "nice",
        "kind",
        "regards",
        "best",
        "wishes",
        "for",
        "your",
        "the",
        "quick",
        "fast",
        "help",
        "reply",
        "that",
        "this",
        "hi",
        "hello",
        "dear",
        "everyone",
        "team",
        "guys",
        "x",
        "and",
        "indeed",
        "sincerely",
        "yours",
        "vielen",
        "schön",
        "sehr",
        "herzlichen",
        "lieben",
        "besten",
        "mit",
        "freundlichen",
        "grüßen",
        "grüße",
        "viele",
        "liebe",
        "ihnen",
        "euch",
        "dir",
        "für",
        "die",
        "ihre",
        "eure",
        "schnelle",
        "hilfe",
        "beaucoup",
        "bien",
        "à",
        "vous",
        "cordialement",
        "muchas",
        "mil",
        "mille",
        "je",
        "wel",
        "u",
        "muito",
        "tante",
    ]
)
_LONGEST = 24  # words; who writes more says more
_WORD = re.compile(r"[^\W\d_]+")


def is_only_thanks(text: str, names: Iterable[str] = ()) -> bool:
    """`names`: the people in the conversation, whose names greet and sign. A question or a number is more than thanks."""
    said = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    if "?" in said or any(letter.isdigit() for letter in said):
        return False
    words = [word.lower() for word in _WORD.findall(said)]
    known = _AROUND | {part.lower() for name in names for part in _WORD.findall(name)}
    return 0 < len(words) <= _LONGEST and bool(_CORE & set(words)) and not set(words) - _CORE - known
