"""The human sentence of each act. Apps register theirs in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Mapping

from django_stubs_ext import StrOrPromise

# verb -> sentence with %(actor)s and the keys of the entry's data, for example _("%(actor)s closed the ticket")
SENTENCES: dict[str, StrOrPromise] = {}


def say(sentences: Mapping[str, StrOrPromise]) -> None:
    """Register sentences. Raises ValueError when a verb is taken."""
    if taken := SENTENCES.keys() & sentences.keys():
        raise ValueError(f"already registered: {', '.join(sorted(taken))}")
    SENTENCES.update(sentences)
