"""Foreign keys between tenant tables."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models


class ScopedChoiceField(forms.ModelChoiceField[Any]):
    """A choice among rows of the current scope, asked for when a form is made: importing the form touches no rows."""

    def __init__(self, *, model: type[models.Model], **kwargs: Any) -> None:
        super().__init__(None, **kwargs)
        self.model = model

    def __deepcopy__(self, memo: Any) -> ScopedChoiceField:
        result: ScopedChoiceField = super().__deepcopy__(memo)
        if result.queryset is None:
            result.queryset = self.model._default_manager.all()
        return result


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A key to a row of the same shop (and of the same client, where both sides have one).

    Django's own constraint is left out, because Postgres' foreign key checks bypass row level security; `walls.py` adds
    the composite one. Indexes are the model's to choose, beginning with the tenant.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        if kwargs.get("db_index") is False:
            del kwargs["db_index"]
        elif getattr(self, "db_index", False):
            kwargs["db_index"] = True
        return name, path, args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        given: dict[str, Any] = {
            "form_class": ScopedChoiceField,
            "model": self.remote_field.model,
            "blank": self.blank,
        } | kwargs
        given.pop("using", None)
        return models.Field.formfield(self, **given)
