"""What the pages about promises are made of."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.rules import Step

register = template.Library()
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)")


@register.filter
def step_words(step: Step) -> str:
    """A step of the working in the reader's language; one whose words a release has changed still reads."""
    said = _(step.words)
    try:
        return said % {name: _moment(value) for name, value in step.params.items()} if step.params else said
    except (KeyError, TypeError, ValueError):
        return step.words


@register.filter
def stage_words(stage: str) -> str:
    """A stage in words: a share of the time, or what is known by name."""
    if stage.isdigit():
        return _("%(share)s %% of the time was gone") % {"share": stage}
    known = {"day": _("A day before"), "hour": _("An hour before"), "due": _("Its time was over")}
    return known.get(stage, stage)


def _moment(value: Any) -> Any:
    """A moment among a step's words, in the zone of the page; anything else as it is."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return value
    local = timezone.localtime(datetime.fromisoformat(value))
    return f"{date_format(local, 'D j M')} {local:%H:%M}"
