"""What people type about clients."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from clients.actions import EDITABLE
from clients.models import Asset, Client, ClientNote, Contact, Site
from clients.queries.calendars import calendars
from msp.accounts.choices import PortalCapability
from msp.accounts.forms import MarkedForm
from msp.accounts.models import ShopSettings
from msp.accounts.regions import country_choices, currency_choices, language_choices, phone_number, zone_choices

# What the portal has today; quotes and documents open with their pages.
PORTAL_RIGHTS = [
    (right.value, right.label)
    for right in (PortalCapability.REQUESTS, PortalCapability.INVOICES, PortalCapability.PEOPLE)
]


class ClientForm(MarkedForm[Client]):
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https", max_length=200)
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices, help_text=_("Deadlines and visits follow it."))
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)

    class Meta:
        model = Client
        fields = EDITABLE[Client]
        widgets = {
            "address": forms.Textarea(attrs={"rows": 3}),
            "since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }

    @classmethod
    def for_shop(cls, settings: ShopSettings) -> ClientForm:
        """An empty form with the shop's country, zone, currency and language filled in."""
        names = ("country", "zone", "currency", "language")
        return cls(initial={name: getattr(settings, name) for name in names})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_calendars(self, _("The shop's own"))

    def clean(self) -> dict[str, Any]:
        return _with_phones(self, super().clean() or {}, self.cleaned_data.get("country", "GB"))


class SiteForm(MarkedForm[Site]):
    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)

    class Meta:
        model = Site
        fields = EDITABLE[Site]
        widgets = {"address": forms.Textarea(attrs={"rows": 3}), "phone": forms.TextInput(attrs={"type": "tel"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_calendars(self, _("The client's"))

    def clean(self) -> dict[str, Any]:
        cleaned = _with_phones(self, super().clean() or {}, self.instance.client.country)
        if self.instance.is_main and "is_main" in self.changed_data:
            self.add_error("is_main", _("Make another site the main one instead; a client has exactly one."))
        twin = Site.objects.filter(client=self.instance.client, name=cleaned.get("name"), archived_at=None)
        if twin.exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("This client already has a site of that name."))
        return cleaned


class ContactForm(MarkedForm[Contact]):
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)

    class Meta:
        model = Contact
        fields = EDITABLE[Contact]
        widgets = {
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "mobile": forms.TextInput(attrs={"type": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_sites(self)

    def clean(self) -> dict[str, Any]:
        return _with_phones(self, super().clean() or {}, self.instance.client.country)


class AssetForm(MarkedForm[Asset]):
    class Meta:
        model = Asset
        fields = EDITABLE[Asset]
        widgets = {
            "bought_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "warranty_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "comment": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_sites(self)


class NoteForm(forms.ModelForm[ClientNote]):
    class Meta:
        model = ClientNote
        fields = ["body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 3})}


class PortalRightsForm(forms.Form):
    granted = forms.MultipleChoiceField(
        label=_("May use"),
        choices=PORTAL_RIGHTS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Everybody sees the portal's first page; these open the rest."),
    )


class ColleagueForm(forms.Form):
    """A contact adds a colleague and passes on rights, at most their own."""

    name = forms.CharField(label=_("Name"), max_length=120)
    job_title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail"))
    granted = forms.MultipleChoiceField(label=_("May use"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, own: Container[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["granted"].choices = [pair for pair in PORTAL_RIGHTS if pair[0] in own]  # type: ignore[attr-defined]


class PassOnForm(forms.Form):
    """What a colleague may use, as far as the one who decides holds it; the rest of it stays as it is."""

    granted = forms.MultipleChoiceField(label=_("May use"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, data: Any = None, *, own: Container[str], held: Sequence[str]) -> None:
        offered = [pair for pair in PORTAL_RIGHTS if pair[0] in own]
        names = {right for right, _label in offered}
        super().__init__(data, initial={"granted": [right for right in held if right in names]})
        self.fields["granted"].choices = offered  # type: ignore[attr-defined]
        self.beyond = [right for right in held if right not in names]

    @property
    def granted_now(self) -> list[str]:
        return [*self.beyond, *self.cleaned_data["granted"]]


def _offer_sites(form: ContactForm | AssetForm) -> None:
    sites = Site.objects.filter(client=form.instance.client, archived_at=None).order_by("name")
    form.fields["site"].queryset = sites  # type: ignore[attr-defined]
    form.fields["site"].required = False


def _offer_calendars(form: forms.ModelForm[Any], otherwise: StrOrPromise) -> None:
    field: Any = form.fields["calendar"]
    field.queryset, field.empty_label = calendars(), otherwise
    field.label, field.help_text = _("Service hours"), _("Deadlines count the minutes of these hours.")


def _with_phones(form: forms.ModelForm[Any], cleaned: dict[str, Any], country: str) -> dict[str, Any]:
    """Bring every phone field into international form, or say what is wrong with it."""
    for name in ("phone", "mobile"):
        if cleaned.get(name):
            try:
                cleaned[name] = phone_number(cleaned[name], country)
            except forms.ValidationError as error:
                form.add_error(name, error)
    return cleaned
