"""What people type about the books."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from billing.choices.paying import Account
from billing.models import Books
from billing.queries.ledger import BY_RATE, USUAL_CODES, codes, rates_used

from .paying import DATE


def period_of(given: QueryDict, today: date) -> tuple[date, date]:
    """The days `from` and `to` of an address; the month before where they are missing or make no sense."""
    last = today.replace(day=1) - timedelta(days=1)
    ends = _day(given.get("to", "")) or today
    starts = _day(given.get("from", "")) or last.replace(day=1)
    return min(starts, ends), ends


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


class CloseForm(forms.Form):
    """Through which day the books are closed; empty opens them."""

    through = forms.DateField(label=_("Closed through"), widget=DATE, required=False)
    reason = forms.CharField(
        label=_("Why they are opened again"),
        max_length=300,
        required=False,
        help_text=_("Only when you choose an earlier day."),
    )


class ChartForm(forms.ModelForm[Books]):
    """The number of each account, and what DATEV asks for."""

    class Meta:
        model = Books
        fields = ["datev_consultant", "datev_client", "year_begins"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = codes()
        self.accounts: dict[str, tuple[str, Decimal | None]] = {}
        rates = rates_used()
        for account in Account:
            self._add(account, None, str(account.label), known.get((account, None), ""))
            for rate in rates if account in BY_RATE else []:
                label = _("%(account)s at %(rate)s %%") % {"account": account.label, "rate": f"{rate.normalize():f}"}
                self._add(account, rate, label, known.get((account, rate), ""))
        self.order_fields([*self.accounts, *self.Meta.fields])

    def _add(self, account: Account, rate: Decimal | None, label: str, code: str) -> None:
        name = f"code_{account}" if rate is None else f"code_{account}_{rate.normalize():f}"
        self.accounts[name] = (account, rate)
        help_text = "" if rate is None else _("Empty: as above.")
        self.fields[name] = forms.RegexField(
            re.compile(r"^[0-9A-Za-z.\-]{1,20}$"), label=label, initial=code, required=False, help_text=help_text
        )

    @property
    def codes(self) -> dict[tuple[str, Decimal | None], str]:
        """What the action saves: an account's own usual number is not kept."""
        said = {key: self.cleaned_data[name] for name, key in self.accounts.items()}
        return {
            key: "" if code == USUAL_CODES.get(Account(key[0])) and key[1] is None else code
            for key, code in said.items()
        }

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
