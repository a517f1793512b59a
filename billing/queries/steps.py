"""The shop's ladder as its settings page shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.models import DunningStep, DunningText

from .dunning import ladder

# Invoices are written in these whatever languages the pages speak.
_LANGUAGES = {"en": _("English"), "de": _("German"), "fr": _("French"), "es": _("Spanish"), "nl": _("Dutch")}


@dataclass(frozen=True)
class Rung:
    """A step and the languages in which it has a text."""

    step: DunningStep
    languages: list[str]


def languages_of_texts() -> Mapping[str, object]:
    """The languages that a step may have texts in, by code."""
    return {**_LANGUAGES, **{code: name for code, name in settings.LANGUAGES if code not in _LANGUAGES}}


def steps_with_texts() -> list[Rung]:
    """The living steps, in order. Two queries."""
    steps = ladder()
    found: dict[UUID, list[str]] = defaultdict(list)
    for step_id, language in DunningText.objects.filter(step__in=steps).values_list("step_id", "language"):
        found[step_id].append(language)
    return [Rung(step, [code for code in languages_of_texts() if code in found[step.pk]]) for step in steps]


def text_of(step: DunningStep, language: str) -> DunningText:
    """What a step says in a language; an unsaved row where nobody has written it."""
    return DunningText.objects.filter(step=step, language=language).first() or DunningText(step=step, language=language)
