"""Whether a message to one client gives another one away: pure, over what was found to be known of others.

A finding alone is not always worth stopping for, because companies are called Orchard, Summit and Office. Each has a weight in
per cent, the weights of one client add up, and from STOP on the message waits for its writer.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from django.utils.translation import gettext as _

from clients.choices import NameKind
from clients.rules.names import MOST_WORDS
from msp.search.rules import words_of

from .desk import Refused

STOP = 60
COMMON_FROM = 4  # clients that use a word in what they write: then it is a word, and no name

_TOKEN = re.compile(r"[^\W_]+")
_CODE = re.compile(r"[^\W_](?:[\w.@+-]*[^\W_])?")
_GAP = re.compile(r"[\W_]{0,4}")
_SENTENCE_END = re.compile(r"[.!?:]\s|\n\s*\n")
_TITLES_LIST = "mr mrs ms miss mx dr prof professor sir herr frau m mme mlle monsieur madame sig signora sr sra"
_TITLES = frozenset(_TITLES_LIST.split())
# Names of companies that everybody who writes about computers uses as words.
_EVERYDAY_LIST = (
    "access active apple assist base beacon best bridge bright business care central centre circle citrix city "
    "clear click cloud core creative data delta desk digital direct drive edge energy engine enterprise exchange "
    "express fast first focus front future garden global good green group guard harbour head help home host house "
    "hub ideal impact in insight key lab lane link local logic main mail mark may media meeting mill mobile "
    "modern more net network new next north note now office on one open orchard order out outlook park people "
    "pilot plan plus point port power premier press print pro progress project quick real report sage screen "
    "select server service share signal simple site smart solution solutions source south spark square stage "
    "standard star station stream studio summit sun support switch system systems table target task team teams "
    "tech the time today total touch town trade training tree unit up user view village vision wave way web west "
    "white will window windows word work works world you young your"
)
_EVERYDAY = frozenset(_EVERYDAY_LIST.split())


@dataclass(frozen=True)
class Known:
    """Something by which a client of the shop is recognised; `sharers` counts the other clients of whom it is true as well."""

    kind: NameKind
    key: str
    said: str
    client_id: UUID
    client: str
    sharers: int = 0


@dataclass(frozen=True)
class Leak:
    """What would give another client away: `text` as it stands in the message, and whose it is."""

    kind: NameKind
    text: str
    client: str
    weight: int

    @property
    def label(self) -> str:
        return str(self.kind.label)


class Leaking(Refused):
    """A public message that would give another client away, and whose writer has not said why it must go."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        super().__init__(_("This names other clients."))
        self.leaks = leaks


@dataclass(frozen=True)
class Span:
    """Where a key stands: how it is written, the word before it, and whether it begins a sentence."""

    text: str
    before: str
    begins: bool

    @property
    def is_capitalised(self) -> bool:
        return all(word[0].isupper() or word[0].isdigit() for word in _TOKEN.findall(self.text))


@dataclass(frozen=True)
class Asked:
    """A message as the keys to look up: runs of words for names, codes for addresses, domains and machines."""

    names: Mapping[str, list[Span]] = field(default_factory=dict)
    codes: Mapping[str, list[Span]] = field(default_factory=dict)

    @property
    def keys(self) -> set[str]:
        return {*self.names, *self.codes}

    def spans(self, known: Known) -> list[Span]:
        return (self.names if known.kind in _NAMES else self.codes).get(known.key, [])


_NAMES = {NameKind.CLIENT, NameKind.SHORT, NameKind.PERSON, NameKind.SURNAME}


def asked_by(text: str) -> Asked:
    """Every run of up to MOST_WORDS words of a sentence, and every code with its domains."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    names: dict[str, list[Span]] = defaultdict(list)
    codes: dict[str, list[Span]] = defaultdict(list)
    for key, span in _runs(plain):
        names[key].append(span)
    for match in _CODE.finditer(plain):
        for key in _codes_of(match.group()):
            codes[key].append(Span(match.group(), "", begins=False))
    return Asked(dict(names), dict(codes))


def _runs(plain: str) -> Iterator[tuple[str, Span]]:
    tokens = list(_TOKEN.finditer(plain))
    words = ["".join(words_of(token.group())) for token in tokens]
    gaps = [plain[left.end() : right.start()] for left, right in pairwise(tokens)]
    joins = [bool(_GAP.fullmatch(gap)) and not _SENTENCE_END.search(gap) for gap in gaps]
    for first, token in enumerate(tokens):
        begins = first == 0 or bool(_SENTENCE_END.search(gaps[first - 1])) or "\n" in gaps[first - 1]
        before = words[first - 1] if first else ""
        for last in range(first, min(first + MOST_WORDS, len(tokens))):
            if last > first and not (joins[last - 1] or words[last - 1] in _TITLES or len(words[last - 1]) == 1):
                break
            span = Span(plain[token.start() : tokens[last].end()], before, begins)
            yield " ".join(words[first : last + 1]), span


def _codes_of(code: str) -> Iterator[str]:
    """A code itself, what stands behind its @, its domain's parents, and the machine's own name before the first dot."""
    code = code.casefold()
    yield code
    local, at, host = code.rpartition("@")
    labels = host.split(".")
    if at or len(labels) > 1:
        yield from (".".join(labels[start:]) for start in range(0 if at else 1, len(labels) - 1))
    if not local and len(labels) > 1:
        yield labels[0]


def find_leaks(asked: Asked, known: Iterable[Known], *, common: Mapping[str, int] | None = None) -> list[Leak]:
    """What of `known`, all of it other clients', stands in the message and is worth stopping for; the worst first.

    `common` says of words how many clients use them (see COMMON_FROM).
    """
    found: dict[UUID, dict[str, Leak]] = defaultdict(dict)
    for name in known:
        weighed = [(weigh(name, span, common or {}), span) for span in asked.spans(name)]
        if not weighed:
            continue
        weight, span = max(weighed, key=lambda pair: pair[0])
        best = found[name.client_id].get(span.text.casefold())
        if weight and (best is None or best.weight < weight):
            found[name.client_id][span.text.casefold()] = Leak(name.kind, span.text, name.client, weight)
    stops = [leak for leaks in found.values() for leak in _told_once(leaks)]
    return sorted(stops, key=lambda leak: (-leak.weight, leak.client, leak.text))


def _told_once(leaks: Mapping[str, Leak]) -> list[Leak]:
    """One client's findings, without those that stand within a longer one; none when together they are too light."""
    whole = [leak for text, leak in leaks.items() if not any(text != other and text in other for other in leaks)]
    return whole if sum(leak.weight for leak in whole) >= STOP else []


def weigh(name: Known, span: Span, common: Mapping[str, int]) -> int:
    """How sure it is that `span` means the client of `name`, in per cent."""
    words = name.key.split()
    usual = all(is_common(word, common) for word in words)
    match name.kind:
        case NameKind.HOST:
            return 20 if name.sharers > 1 else 100
        case NameKind.SURNAME:
            return 80 if span.before in _TITLES else 0
        case NameKind.PERSON:
            return _weigh_person(name, span, usual)
        case NameKind.CLIENT | NameKind.SHORT:
            return _weigh_word(name, span, usual) if len(words) == 1 else _weigh_company(name, span, usual)
    return 100


def _weigh_person(name: Known, span: Span, usual: bool) -> int:
    """A whole name; when several clients have an Anna Smith, it says little of any."""
    if name.sharers:
        return 40
    return 100 if span.is_capitalised else 10 if usual else 70


def _weigh_word(name: Known, span: Span, usual: bool) -> int:
    """A company of one word."""
    if len(name.key) < 4:
        return 90 if span.text.isupper() and name.said.startswith(span.text) else 0
    if usual:
        return 60 if span.is_capitalised and not span.begins else 10
    return 100 if span.is_capitalised else 70


def _weigh_company(name: Known, span: Span, usual: bool) -> int:
    """A company of several words, or the two words that its long name begins with."""
    if name.kind == NameKind.SHORT:
        return 80 if span.is_capitalised and not usual else 40 if span.is_capitalised or not usual else 0
    return 100 if span.is_capitalised and not (usual and span.begins) else 20 if usual else 70


def is_common(word: str, common: Mapping[str, int]) -> bool:
    return word in _EVERYDAY or common.get(word, 0) >= COMMON_FROM
