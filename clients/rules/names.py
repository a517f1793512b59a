"""What a client's records are recognised by in a text: their names as keys that are looked up whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from clients.choices import NameKind
from msp.search.rules import words_of

MOST_WORDS = 4  # of a key; what a longer name begins with is enough to know it
LONGEST_KEY = 120
SHORTEST_CODE = 4

_LEGAL_FORMS_LIST = (
    "ltd limited llp llc inc incorporated corp corporation co company plc gmbh ag kg ohg ug sa sas sarl srl spa "
    "bv nv ab as oy"
)
_LEGAL_FORMS = frozenset(_LEGAL_FORMS_LIST.split())
_ARTICLES = frozenset({"the", "der", "die", "das", "la", "le", "les"})
# Addresses there say nothing about whose they are.
_FREE_MAIL_LIST = (
    "aol.com bluewin.ch btinternet.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net "
    "googlemail.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr icloud.com laposte.net libero.it live.co.uk "
    "live.com mac.com mail.com me.com msn.com orange.fr outlook.com outlook.de posteo.de proton.me protonmail.com "
    "sky.com t-online.de talktalk.net virginmedia.com wanadoo.fr web.de yahoo.co.uk yahoo.com yahoo.de yahoo.fr "
    "ymail.com zoho.com"
)
FREE_MAIL = frozenset(_FREE_MAIL_LIST.split())
_HOST = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]", re.IGNORECASE)


@dataclass(frozen=True)
class Name:
    """One thing that somebody is recognised by. `said` is how people write it, `key` what is compared."""

    kind: NameKind
    key: str
    said: str


def of_client(*, name: str, email: str = "", website: str = "", phone: str = "") -> set[Name]:
    """A client: its name without legal form, what is short for it, its address, domains and phone."""
    found: set[Name] = set()
    words = words_of(name)
    words = [word for word in words if word not in _LEGAL_FORMS] or words
    if words[1:] and words[0] in _ARTICLES:
        words = words[1:]
    if words:
        found.add(Name(NameKind.CLIENT, key_of(words), name))
    if len(words) > 2:
        found.add(Name(NameKind.SHORT, key_of(words[:2]), name))
    host = (urlsplit(website).hostname or "").removeprefix("www.")
    if "." in host:
        found.add(Name(NameKind.DOMAIN, host[:LONGEST_KEY], host))
    return found | _reached(email, [phone])


def of_person(*, name: str, email: str = "", phones: Iterable[str] = ()) -> set[Name]:
    """A person: the whole name, the family name, address, its domain, phones. A first name alone tells nobody apart."""
    words, found = words_of(name), set[Name]()
    if len(words) > 1:
        found = {Name(NameKind.PERSON, key_of(words), name), Name(NameKind.SURNAME, words[-1], name)}
    return found | _reached(email, phones)


def of_thing(*, name: str, serial: str = "") -> set[Name]:
    """Equipment: a name that only a machine would bear, and its serial number. “Printer” is no host name."""
    found: set[Name] = set()
    if _HOST.fullmatch(name) and is_code(name):
        found.add(Name(NameKind.HOST, name.casefold()[:LONGEST_KEY], name))
    if is_code(serial) and len(serial) > SHORTEST_CODE and " " not in serial:
        found.add(Name(NameKind.SERIAL, serial.casefold()[:LONGEST_KEY], serial))
    return found


def key_of(words: Iterable[str]) -> str:
    """Words as one key: at most MOST_WORDS of them."""
    return " ".join(list(words)[:MOST_WORDS])[:LONGEST_KEY]


def is_code(text: str) -> bool:
    """Whether it has letters and digits, or letters and inner hyphens, as names of machines do and words rarely."""
    letters, marks = any(c.isalpha() for c in text), any(c.isdigit() or c in "-_." for c in text)
    return letters and marks and len(text) >= SHORTEST_CODE


def phone_key(number: str) -> str:
    """The digits of an international number: `+44 191 496 0123` gives 441914960123."""
    return "".join(filter(str.isdigit, number))


def domain_of(address: str) -> str:
    """The domain of an e-mail address if it says whose it is, else an empty string."""
    domain = address.rpartition("@")[2].casefold()
    return "" if domain in FREE_MAIL or "." not in domain else domain


def _reached(email: str, phones: Iterable[str]) -> set[Name]:
    found = {Name(NameKind.PHONE, phone_key(number), number) for number in phones if len(phone_key(number)) > 6}
    if email:
        found.add(Name(NameKind.ADDRESS, email.casefold()[:LONGEST_KEY], email))
        if domain := domain_of(email):
            found.add(Name(NameKind.DOMAIN, domain[:LONGEST_KEY], domain))
    return found
