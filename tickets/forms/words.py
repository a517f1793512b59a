"""What people type about the shop's own words: labels, categories, fields, and how priorities follow."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from clients.models import Archivable
from tickets.choices import FieldKind, Impact, Priority, Urgency
from tickets.models import Category, CustomField, Label, ServiceForm, TicketSettings

W = TypeVar("W", bound=Archivable)
MOST_OPTIONS = 40


class WordForm(forms.ModelForm[W]):
    """A row with a name that no other living one has. The action checks and writes: the instance stays as it is."""

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if self._namesakes(name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is one with this name already."))
        return name

    def _namesakes(self, name: str) -> Any:
        model: Any = type(self.instance)
        return model.objects.living().filter(name__iexact=name)

    def _post_clean(self) -> None:
        """Nothing is set on the row here."""


class LabelForm(WordForm[Label]):
    class Meta:
        model = Label
        fields = ["name", "colour"]


class CategoryForm(WordForm[Category]):
    class Meta:
        model = Category
        fields = ["parent", "name", "position"]
        help_texts = {
            "parent": _("Leave empty for a category of its own. Parts have no parts."),
            "position": _("Small ones stand first."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roots = Category.objects.living().filter(parent=None).exclude(pk=self.instance.pk).order_by("position", "name")
        if not self.instance._state.adding and self.instance.parts.exists():
            roots = roots.none()
        self.fields["parent"].queryset = roots  # type: ignore[attr-defined]

    def _namesakes(self, name: str) -> Any:
        return super()._namesakes(name).filter(parent=self.cleaned_data.get("parent"))


class CustomFieldForm(WordForm[CustomField]):
    options = forms.CharField(
        label=_("Choices"), required=False, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("One a line.")
    )

    class Meta:
        model = CustomField
        fields = ["category", "name", "kind", "options", "needed", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.living().order_by("position", "name")  # type: ignore[attr-defined]
        self.initial["options"] = "\n".join(self.instance.options)

    def clean_options(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["options"].splitlines()]
        found = list(dict.fromkeys(line[:80] for line in lines if line))[:MOST_OPTIONS]
        if self.cleaned_data.get("kind") == FieldKind.CHOICE and not found:
            raise forms.ValidationError(_("Write what can be chosen, one a line."))
        return found

    def _namesakes(self, name: str) -> Any:
        return super()._namesakes(name).filter(category=self.cleaned_data.get("category"))


class TicketSettingsForm(forms.ModelForm[TicketSettings]):
    """Limits of files, how long an answer opens a ticket again, and the nine priorities."""

    class Meta:
        model = TicketSettings
        fields = ["files_each", "file_mb", "mailed_mb", "reopen_days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in (("files_each", 50), ("file_mb", 25), ("mailed_mb", 25), ("reopen_days", 365)):
            self.fields[name].validators += [MinValueValidator(1), MaxValueValidator(most)]
        for number, value in enumerate(self.instance.matrix):
            self.fields[f"m{number}"] = forms.TypedChoiceField(
                label=Urgency(number % 3 + 1).label, choices=Priority.choices, coerce=int, initial=value
            )

    @property
    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The matrix as its page shows it: by impact, and within it by urgency."""
        return [(str(impact.label), [self[f"m{(impact - 1) * 3 + at}"] for at in range(3)]) for impact in Impact]

    @property
    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        matrix = [data.pop(f"m{number}") for number in range(9)]
        return data | {"matrix": matrix}

    def _post_clean(self) -> None:
        """The action checks and writes."""


class ServiceFormForm(WordForm[ServiceForm]):
    class Meta:
        model = ServiceForm
        fields = ["name", "intro", "subject", "questions", "category", "position"]
        widgets = {"questions": forms.Textarea(attrs={"rows": 6})}
        help_texts = {
            "intro": _("One line that clients read under the name."),
            "subject": _("What the ticket is called unless they change it. Empty: the name."),
            "questions": _(
                "One a line. A star at the end asks for an answer; choices stand behind bars: Where? | Leeds | York *"
            ),
            "position": _("Small ones stand first."),
        }
