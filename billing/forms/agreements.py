"""What people type about agreements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseFormSet, BoundField, formset_factory
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.choices import Accepted, BillingPeriod, BlockUnit
from billing.models import Agreement, AgreementItem, AgreementTemplate, AgreementVersion, Block, Milestone
from billing.rules.templates import BUILT_IN
from clients.models import Client, Contact, Site
from msp.tenancy.fields import ScopedChoiceField
from msp.tenancy.ids import new_id
from tickets.choices import WorkType
from tickets.models import Category, SlaPolicy

from . import PriceField

_HOUR = 60


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class NewAgreementForm(forms.Form):
    """Begin an agreement from a template."""

    client = ScopedChoiceField(model=Client, label=_("Client"))
    template = forms.ChoiceField(label=_("Begin from"))
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As the client reads it on invoices."))
    starts_on = forms.DateField(label=_("Starts on"), widget=day_input())
    period = forms.ChoiceField(label=_("Charged"), choices=BillingPeriod.choices, initial=BillingPeriod.MONTH)
    in_advance = forms.BooleanField(label=_("Charged at the start of the period"), required=False, initial=True)
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clients = Client.objects.living().filter(is_unsorted=False).order_by("name")
        self.fields["client"].queryset = clients  # type: ignore[attr-defined]
        own = AgreementTemplate.objects.filter(archived_at=None).order_by("name")
        given: list[tuple[str, StrOrPromise]] = [(each.key, f"{each.name}: {each.about}") for each in BUILT_IN]
        self.fields["template"].choices = [*given, *((str(row.pk), row.name) for row in own)]  # type: ignore[attr-defined]


class AgreementForm(forms.ModelForm[Agreement]):
    class Meta:
        model = Agreement
        fields = ["name", "starts_on", "ends_on", "renewal", "term_months", "notice_days", "charged_until"]
        fields += ["planned_hours"]
        widgets = {"starts_on": day_input(), "ends_on": day_input(), "charged_until": day_input()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It cannot end before it begins."))
        return cleaned


def _several(label: StrOrPromise, choices: Sequence[tuple[str, StrOrPromise]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


_GROUPS: tuple[tuple[StrOrPromise, tuple[str, ...]], ...] = (
    (_("The change"), ("valid_from", "because", "proration", "true_up")),
    (_("Rates"), ("hourly_rate", "on_site_rate", "travel", "travel_price", "after_multiplier", "day_off_multiplier")),
    (_("Rounding"), ("round_step", "round_how", "round_per", "minimum_minutes")),
    (
        _("What is included"),
        (
            "includes",
            "includes_after_hours",
            "included_minutes",
            "carry_minutes",
            "not_from_blocks",
            "excluded_categories",
            "included_text",
            "excluded_text",
        ),
    ),
    (_("Invoices"), ("grouping", "sent_within_hours", "weekend_counts", "payment_days", "po_number", "po_limit")),
    (_("Approval and prices"), ("approver", "approval_limit", "index_percent", "sla_policy")),
)


class TermsForm(forms.ModelForm[AgreementVersion]):
    """The terms of a version. Empty prices follow the client's terms and the shop's settings."""

    hourly_rate = PriceField(label=_("Hourly rate"), min_value=Decimal(0), required=False)
    on_site_rate = PriceField(label=_("Hourly rate on site"), min_value=Decimal(0), required=False)
    travel_price = PriceField(
        label=_("Price of travel"), min_value=Decimal(0), required=False, help_text=_("An hour, or a visit.")
    )
    po_limit = PriceField(label=_("Purchase order covers"), min_value=Decimal(0), required=False)
    approval_limit = PriceField(label=_("Must be approved above"), min_value=Decimal(0), required=False)
    includes = _several(_("Work included without limit"), WorkType.choices)
    not_from_blocks = _several(_("Work that no block or included time pays for"), WorkType.choices)
    excluded_categories = _several(_("Categories that are always charged"), ())

    class Meta:
        model = AgreementVersion
        fields = [name for _label, names in _GROUPS for name in names]
        widgets = {
            "valid_from": day_input(),
            "included_text": forms.Textarea(attrs={"rows": 3}),
            "excluded_text": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Contact.objects.living().filter(client=agreement.client_id).order_by("name")
        policies = SlaPolicy.objects.filter(archived_at=None).order_by("name")
        self.fields["approver"].queryset = people  # type: ignore[attr-defined]
        self.fields["sla_policy"].queryset = policies  # type: ignore[attr-defined]
        rows = Category.objects.living().order_by("name")
        self.fields["excluded_categories"].choices = [(str(row.pk), row.name) for row in rows]  # type: ignore[attr-defined]
        if not rows:
            del self.fields["excluded_categories"]
        self.initial["excluded_categories"] = [str(each) for each in self.instance.excluded_categories]
        if agreement.is_draft:
            del self.fields["valid_from"], self.fields["because"]

    @property
    def groups(self) -> list[tuple[StrOrPromise, list[BoundField]]]:
        shown = [(legend, [self[name] for name in names if name in self.fields]) for legend, names in _GROUPS]
        return [(legend, bound) for legend, bound in shown if bound]

    @property
    def terms(self) -> dict[str, Any]:
        """The typed terms, by column."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"valid_from", "because"}}


class ItemForm(forms.ModelForm[AgreementItem]):
    """A recurring charge. A row without a label is no charge."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    unit_price = PriceField(label=_("Price"), min_value=Decimal(0), required=False)
    label = forms.CharField(label=_("What for"), max_length=160, required=False)

    class Meta:
        model = AgreementItem
        fields = ["label", "basis", "asset_kind", "site", "count_rule", "quantity", "at_least", "unit_price"]

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.living().filter(client=agreement.client_id).order_by("name")
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("label") and cleaned.get("unit_price") is None:
            self.add_error("unit_price", _("Write a price."))
        return cleaned


_Items = formset_factory(ItemForm, extra=2, max_num=40, validate_max=True)


def items_formset(agreement: Agreement, items: Sequence[AgreementItem], data: Any = None) -> BaseFormSet[ItemForm]:
    """The recurring charges of a version, with two empty rows."""
    names = ("key", "label", "basis", "asset_kind", "site", "count_rule", "quantity", "at_least", "unit_price")
    initial = [{name: getattr(item, name) for name in names} for item in items]
    return _Items(data, initial=initial, prefix="items", form_kwargs={"agreement": agreement})


def typed_items(formset: BaseFormSet[ItemForm]) -> list[dict[str, Any]]:
    """The filled rows by column; a row from before keeps its key, so that its counts go on."""
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data.get("label")]
    return [{name: value for name, value in row.items() if name != "key" or value} for row in rows]


class AcceptForm(forms.Form):
    """That the client said yes."""

    name = forms.CharField(label=_("Who said yes"), max_length=120)
    accepted_on = forms.DateField(label=_("On"), widget=day_input(), initial=date.today)
    how = forms.ChoiceField(label=_("How"), choices=Accepted.choices)
    document = forms.FileField(
        label=_("Signed document"),
        required=False,
        help_text=_("It is kept with its SHA-256 hash and cannot be exchanged."),
    )


class EndForm(forms.Form):
    on = forms.DateField(label=_("Last day"), widget=day_input())
    reason = forms.CharField(label=_("Why"), max_length=300)


class BlockForm(forms.ModelForm[Block]):
    """A prepaid block; hours are typed as hours."""

    size = forms.DecimalField(label=_("Hours, or amount"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"))
    carry_over = forms.DecimalField(
        label=_("Of it carried over at most"), max_digits=12, decimal_places=2, min_value=Decimal(0), required=False
    )
    price = PriceField(label=_("Price"), min_value=Decimal(0), required=False, help_text=_("Before tax."))
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    class Meta:
        model = Block
        fields = ["unit", "size", "price", "valid_from", "expires_on", "may_go_negative", "carry_over"]
        fields += ["notice_days", "low_percent"]
        widgets = {"valid_from": day_input(), "expires_on": day_input()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("price", "carry_over"):
            cleaned[name] = cleaned.get(name) or Decimal(0)
        starts, ends = cleaned.get("valid_from"), cleaned.get("expires_on")
        if starts and ends and ends < starts:
            self.add_error("expires_on", _("It cannot end before it begins."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The typed block, by column: hours in minutes."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "form_key"}
        factor = _HOUR if found["unit"] == BlockUnit.MINUTES else 1
        return found | {"size": found["size"] * factor, "carry_over": found["carry_over"] * factor}


class MilestoneForm(forms.ModelForm[Milestone]):
    amount = PriceField(label=_("Price"), min_value=Decimal(0), help_text=_("Before tax."))
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)

    class Meta:
        model = Milestone
        fields = ["title", "amount", "due_on", "is_deposit"]
        widgets = {"due_on": day_input()}


class TicketNumberForm(forms.Form):
    number = forms.IntegerField(label=_("Ticket number"), min_value=1)


class CorrectionForm(forms.Form):
    """How long billed work really was."""

    minutes = forms.IntegerField(label=_("Minutes that were right"), min_value=0, max_value=24 * _HOUR)
    reason = forms.CharField(
        label=_("What was wrong"), max_length=300, help_text=_("The client reads it on the next invoice.")
    )
    form_key = forms.UUIDField(required=False, initial=new_id, widget=forms.HiddenInput)
