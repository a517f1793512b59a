"""System check: every due-row table can be swept, and is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks

from .models import DueFields, due_constraint, due_index
from .registry import QUEUES


@checks.register(checks.Tags.models)
def check_due_rows(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """A due row has the partial index of its open states, its constraint, and exactly one queue."""
    found: list[checks.CheckMessage] = []
    for model in apps.get_models():
        if not issubclass(model, DueFields):
            continue
        name = model._meta.model_name or ""
        sweep = due_index(name, model.open_states)
        finished = due_constraint(name, model.open_states, model.resting_states)
        if not any((i.fields, i.condition) == (sweep.fields, sweep.condition) for i in model._meta.indexes):
            found.append(_error("E001", model, "lacks the due_index of its open states"))
        if not any(getattr(c, "condition", None) == finished.condition for c in model._meta.constraints):
            found.append(_error("E002", model, "lacks the due_constraint of its open states"))
        if len([q for q in QUEUES.values() if q.model_class() is model]) != 1:
            found.append(_error("E003", model, "must be worked by exactly one registered Queue"))
    return found


def _error(code: str, model: type[DueFields], text: str) -> checks.Error:
    return checks.Error(f"{model._meta.label} {text}", id=f"jobs.{code}")
