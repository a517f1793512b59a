"""What of a mailed reply is new. Nothing is cut away: the text is divided in two, and both are kept.

Only an end that holds nothing new is folded: quoted lines, the lines that introduce them, a signature, and words that stand in the
conversation already. A sentence in between that nobody has said yet keeps everything before it in view. mail-parser-reply was
tried and cuts from the first marker to the end, with whatever was answered in between (docs/decisions/0073).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHINGLE = 4  # words in a row that make a passage recognisable
_SIGNATURE_LINES = 14
_FIELDS = r"from|von|de|da|van|sent|gesendet|envoyé|enviado|inviato|verzonden|date|datum|to|an|à|para|a|aan|cc|kopie|subject|betreff|objet|asunto|oggetto|onderwerp"
_HEADER = re.compile(rf"^\W*({_FIELDS})\s*:\s*\S?", re.IGNORECASE)
_FIRST_HEADER = re.compile(r"^\W*(from|von|de|da|van)\s*:\s*\S", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"^\W*-{2,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|"
    r"oorspronkelijk bericht|forwarded message|weitergeleitete nachricht)\s*-{2,}\W*$|^_{10,}$",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"^\W*(on|am|le|el|il|op|den)\b.{5,200}\b(wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev)\b[^\w]*$",
    re.IGNORECASE | re.DOTALL,
)
_SENT_FROM = re.compile(
    r"^\W*(sent from|get outlook for|von meinem .{2,20} gesendet|gesendet von|envoyé de(puis)? mon|enviado desde|verzonden vanaf)\b.{0,60}$",
    re.IGNORECASE,
)


def fold(text: str, known: Iterable[str] = ()) -> tuple[str, str]:
    """(what is shown, what is folded); put together they are the text. `known`: what was said in the conversation before."""
    lines = text.splitlines(keepends=True)
    memory = _Memory(known)
    kinds = [_kind(lines, number) for number in range(len(lines))]
    cut = len(lines)
    for number in range(len(lines) - 1, -1, -1):
        if not _is_old(lines, kinds, number, memory):
            break
        if kinds[number] in ("quote", "start", "signature"):
            cut = number
    cut = _with_empty_lines(lines, cut)
    shown = "".join(lines[:cut])
    return (shown, "".join(lines[cut:])) if shown.strip() else (text, "")


class _Memory:
    """Whether words were said before: every run of four must have been, so that a new word shows."""

    def __init__(self, known: Iterable[str]) -> None:
        said = [_words(each) for each in known]
        self.runs = {tuple(words[at : at + _SHINGLE]) for words in said for at in range(len(words))}
        self.shorts = {" ".join(run[:size]) for run in self.runs for size in range(1, _SHINGLE)}

    def knows(self, line: str) -> bool:
        words = _words(line)
        if len(words) < _SHINGLE:
            return " ".join(words) in self.shorts
        return all(tuple(words[at : at + _SHINGLE]) in self.runs for at in range(len(words) - _SHINGLE + 1))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"(?m)^[ \t]*>[> \t]*", "", text).casefold())


def _kind(lines: list[str], number: int) -> str:
    """quote, start (introduces what was said before), header, signature, or "" for plain words."""
    line = lines[number].strip()
    if line.startswith(">"):
        return "quote"
    if _SEPARATOR.match(line) or _SENT_FROM.match(line):
        return "start"
    if _wrote(lines, number):
        return "start"
    if _FIRST_HEADER.match(line) and sum(bool(_HEADER.match(each)) for each in lines[number : number + 6]) >= 3:
        return "start"
    if lines[number].rstrip("\r\n") == "-- " or line == "--":
        return "signature"
    return ""


def _wrote(lines: list[str], number: int) -> bool:
    """ "On Monday, Tess <tess@…> wrote:", which mail programs break over up to three lines."""
    joined = ""
    for line in lines[number : number + 3]:
        joined += " " + line.strip()
        if _WROTE.match(joined.strip()):
            return True
    return False


def _is_old(lines: list[str], kinds: list[str], number: int, memory: _Memory) -> bool:
    line = lines[number].strip()
    if not line or kinds[number]:
        return True
    before = range(max(0, number - 6), number)
    if any(kinds[at] == "start" and _FIRST_HEADER.match(lines[at].strip()) for at in before) and _HEADER.match(line):
        return True
    if any(kinds[at] == "start" and _wrote(lines, at) and number - at <= 2 for at in before) and _ends_wrote(
        lines, number
    ):
        return True
    return memory.knows(line) or _in_signature(lines, kinds, number)


def _ends_wrote(lines: list[str], number: int) -> bool:
    """Whether the line belongs to a "… wrote:" that began on one of the two lines before."""
    for back in (1, 2):
        start = number - back
        if start >= 0 and any(
            _WROTE.match(" ".join(each.strip() for each in lines[start:end]).strip())
            for end in (start + 2, start + 3)
            if end > number
        ):
            return True
    return False


def _in_signature(lines: list[str], kinds: list[str], number: int) -> bool:
    """A short line close behind "-- " that is no sentence: a sentence there is a postscript, and new."""
    begin = next((at for at in range(number, max(-1, number - _SIGNATURE_LINES), -1) if kinds[at] == "signature"), None)
    return begin is not None and not is_sentence(lines[number])


def is_sentence(line: str) -> bool:
    """Whether a line says something, rather than naming a person, a place or a number."""
    line = line.strip()
    return (len(line.split()) >= 4 and line[-1:] in ".?!…") or line.endswith("?")


def _with_empty_lines(lines: list[str], cut: int) -> int:
    while 0 < cut < len(lines) and not lines[cut - 1].strip():
        cut -= 1
    return cut
