"""What the pages about promises are made of."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from clients.rules import Step

register = template.Library()


@register.filter
def step_words(step: Step) -> str:
    """A step of the working in the reader's language; one whose words a release has changed still reads."""
    said = _(step.words)
    try:
        return said % step.params if step.params else said
    except (KeyError, TypeError, ValueError):
        return step.words


@register.filter
def stage_words(stage: str) -> str:
    """A stage in words: a share of the time, or what is known by name."""
    if stage.isdigit():
        return _("%(share)s %% of the time was gone") % {"share": stage}
    known = {"day": _("A day before"), "hour": _("An hour before"), "due": _("Its time was over")}
    return known.get(stage, stage)
