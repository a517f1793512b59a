"""The human sentence of each act, and who may read what happened to an object. Registered in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from django_stubs_ext import StrOrPromise

if TYPE_CHECKING:
    from msp.accounts.requests import StaffRequest

    from .models import Entry

# verb -> sentence with %(actor)s and the keys of the entry's data, for example _("%(actor)s closed the ticket")
SENTENCES: dict[str, StrOrPromise] = {}
# subject kind -> raises Http404 or PermissionDenied for whoever may not read that subject
READERS: dict[str, Callable[[StaffRequest, UUID], object]] = {}


def say(sentences: Mapping[str, StrOrPromise]) -> None:
    """Register sentences. Raises ValueError when a verb is taken."""
    if taken := SENTENCES.keys() & sentences.keys():
        raise ValueError(f"already registered: {', '.join(sorted(taken))}")
    SENTENCES.update(sentences)


def let_read(subject_kind: str, access: Callable[[StaffRequest, UUID], object]) -> None:
    """Let the activity panel show a kind of subject (`app.model`, lower case) to whom `access` lets through.

    Raises ValueError when the kind is taken.
    """
    if subject_kind in READERS:
        raise ValueError(f"already registered: {subject_kind}")
    READERS[subject_kind] = access


def sentence_of(entry: Entry) -> str:
    """An entry as a sentence, in the running language: Tom Whitfield closed the ticket. Plain text: escape it on pages.

    An entry older than the words its sentence needs still reads, if less well.
    """
    said = SENTENCES.get(entry.verb)
    try:
        return str(said) % {**entry.data, "actor": entry.actor_name} if said else _bare(entry)
    except (KeyError, TypeError, ValueError):
        return _bare(entry)


def _bare(entry: Entry) -> str:
    return f"{entry.actor_name}: {entry.verb}"
