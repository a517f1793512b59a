"""How text becomes words to find it by: pure functions, the same for what is stored and for what is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from .choices import Weight

LONGEST = 40  # characters of a token
MOST = 300  # words kept of one thing
OF_A_TEXT = 60  # words kept of each of its texts: one long letter must not fill the room of all that follow
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Lower-case words without accents, in order: `Café-Müller's` gives cafe, muller, s."""
    # Marks go first: folded, the iota below a Greek letter would become a letter. And again: folding brings new ones.
    return [word[:LONGEST] for word in _WORD.findall(_bare(_bare(text).casefold()))]


def _bare(text: str) -> str:
    """Compatible letters without the marks on them."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def joined(code: str) -> str:
    """A number or code as people type it without its marks: `+44 191 496-0123` gives 441914960123."""
    return "".join(words_of(code))[:LONGEST]


def tokens_of(codes: Iterable[str], names: Iterable[str], texts: Iterable[str]) -> dict[str, Weight]:
    """Token -> its best weight. Of long texts only the first words count, so that one row cannot fill the index."""
    found: dict[str, Weight] = {}
    for code in codes:
        for token in (joined(code), *words_of(code)):
            if token:
                found.setdefault(token, Weight.CODE)
    for weight, sources in ((Weight.NAME, names), (Weight.TEXT, texts)):
        for source in sources:
            for token in list(dict.fromkeys(words_of(source)))[:OF_A_TEXT]:
                if len(found) >= MOST:
                    return found
                found.setdefault(token, weight)
    return found


def after(prefix: str) -> str:
    """The first string behind every string that begins with `prefix`, in byte order."""
    return prefix + "\U0010ffff"
