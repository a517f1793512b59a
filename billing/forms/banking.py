"""What people type about bank accounts and their files."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import BankAccount, Invoice
from billing.queries.banking import layout_of
from billing.rules.banking.csv_file import ROLES
from billing.rules.banking.lines import tidy_iban
from msp.tenancy.fields import ScopedChoiceField

from .paying import numbered

MOST_BYTES = 8 * 1024 * 1024
_LABELS = {
    "booked_on": _("Column of the day"),
    "amount": _("Column of the amount"),
    "money_in": _("or of money in"),
    "money_out": _("and of money out"),
    "currency": _("Column of the currency"),
    "name": _("Column of the payer's name"),
    "iban": _("Column of the payer's IBAN"),
    "text": _("Column of the text"),
    "key": _("Column of the bank's own key"),
}
_DATES = [("ymd", "2026-11-23"), ("dmy", "23.11.2026, 23/11/2026"), ("mdy", "11/23/2026")]


class ImportForm(forms.Form):
    """A file of one account."""

    account = ScopedChoiceField(model=BankAccount, label=_("Account"), empty_label=None)
    file = forms.FileField(label=_("Statement"), help_text=_("CSV, CAMT.053 (XML) or OFX, as your bank gives it."))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("That is more than 8 MB: import a shorter period."))
        return file


class BankAccountForm(forms.ModelForm[BankAccount]):
    """An account, and which column of its CSV files is what; empty columns are guessed from their heads."""

    dates = forms.ChoiceField(label=_("Days are written"), choices=_DATES)
    decimal = forms.ChoiceField(label=_("Decimals are written"), choices=[(".", "1,234.56"), (",", "1.234,56")])

    class Meta:
        model = BankAccount
        fields = ["name", "iban", "currency"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        layout = layout_of(self.instance)
        self.fields["dates"].initial, self.fields["decimal"].initial = layout.dates, layout.decimal
        for role in ROLES:
            known = layout.columns.get(role, "")
            self.fields[f"column_{role}"] = forms.CharField(
                label=_LABELS[role], max_length=80, required=False, initial=known
            )
        if self.instance.tenant_id is not None:
            del self.fields["currency"]  # its lines are in it

    def clean_iban(self) -> str:
        said = str(self.cleaned_data["iban"])
        if said and not tidy_iban(said):
            raise forms.ValidationError(_("That is no IBAN. Leave it empty if the account has none."))
        return tidy_iban(said)

    def clean_currency(self) -> str:
        said = str(self.cleaned_data["currency"]).upper()
        if not re.fullmatch("[A-Z]{3}", said):
            raise forms.ValidationError(_("Write its three letters, like GBP."))
        return said

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if BankAccount.objects.exclude(pk=self.instance.pk).filter(name=name).exists():
            raise forms.ValidationError(_("Another account has this name."))
        return name

    @property
    def values(self) -> dict[str, Any]:
        """The row's columns."""
        cleaned = self.cleaned_data
        columns = {role: cleaned[f"column_{role}"].strip() for role in ROLES if cleaned[f"column_{role}"].strip()}
        layout = {"columns": columns, "dates": cleaned["dates"], "decimal": cleaned["decimal"]}
        return {name: cleaned[name] for name in ("name", "iban", "currency") if name in cleaned} | {"columns": layout}


class OtherForm(forms.Form):
    """The invoices that a line pays, by number."""

    numbers = forms.CharField(label=_("Invoice numbers"), max_length=400)

    def clean_numbers(self) -> str:
        said: str = self.cleaned_data["numbers"]
        self.invoices: list[Invoice] = [numbered(each) for each in re.split(r"[,;\s]+", said.strip()) if each]
        return said
