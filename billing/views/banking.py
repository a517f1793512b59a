"""Bank statements: importing them, and confirming what each line pays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access import bank_account_or_404, bank_line_or_404, picked_or_404
from billing.choices.paying import BankLineState
from billing.forms.banking import BankAccountForm, ImportForm, OtherForm
from billing.models import BankLine, Invoice
from billing.queries.banking import bank_accounts, latest_imports, line_page, open_line_count
from billing.rules.banking.lines import Unreadable
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed


@require_safe
@staff(Capability.PAYMENTS_RECORD)
def lines(request: StaffRequest) -> HttpResponse:
    """What the bank says, by what was decided about it."""
    return _page(request, ImportForm())


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def take(request: StaffRequest) -> HttpResponseBase:
    """Read a file."""
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            account, content = form.cleaned_data["account"], file.read()
            made = actions.import_statement(account=account, file_name=file.name, content=content, **_who(request))
            messages.success(request, _imported(made.added, made.known))
            return redirect("billing:bank")
        except (Unreadable, Refused) as problem:
            form.add_error("file", str(problem))
    return _page(request, form)


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def confirm(request: StaffRequest) -> HttpResponseBase:
    """Book the picked lines as it was proposed: `line:client,invoice,…`, one a line."""
    done = 0
    for value in request.POST.getlist("pick")[:200]:
        line, client, invoices = picked_or_404(value)
        done += _confirm(request, line, client, invoices)
    if done:
        messages.success(request, ngettext("%d payment is booked.", "%d payments are booked.", done) % done)
    return redirect("billing:bank")


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def confirm_other(request: StaffRequest, bank_line_id: UUID) -> HttpResponseBase:
    """Book a line on the invoices whose numbers are typed."""
    line, form = bank_line_or_404(bank_line_id), OtherForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("No invoice has this number."))
    elif _confirm(request, line, form.invoices[0].client, form.invoices):
        messages.success(request, _("The payment is booked."))
    return redirect("billing:bank")


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def ignore(request: StaffRequest, bank_line_id: UUID) -> HttpResponseBase:
    """Leave a line that is no client's payment."""
    line, reason = bank_line_or_404(bank_line_id), typed(request.POST, "reason", 300)
    return _decided(request, actions.ignore_line, line=line, reason=reason)


@require_POST
@staff(Capability.PAYMENTS_RECORD)
def reopen(request: StaffRequest, bank_line_id: UUID) -> HttpResponseBase:
    """Decide anew."""
    return _decided(request, actions.reopen_line, line=bank_line_or_404(bank_line_id))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def account(request: StaffRequest, bank_account_id: UUID | None = None) -> HttpResponseBase:
    """An account of the shop and the columns of its files."""
    row = bank_account_or_404(bank_account_id) if bank_account_id else None
    form = BankAccountForm(request.POST or None, instance=row)
    if form.is_bound and form.is_valid():
        actions.save_bank_account(account=row, values=form.values, **_who(request))
        messages.success(request, _("Saved."))
        return redirect("billing:bank")
    status = 422 if form.is_bound else 200
    return render(request, "billing/bank_account.html", {"form": form, "account": row}, status=status)


def _page(request: StaffRequest, form: ImportForm) -> HttpResponse:
    asked = request.GET.get("view", "")
    state = asked if asked in BankLineState.values else BankLineState.OPEN.value
    page, rows = line_page(state, request.GET.dict())
    counts = {BankLineState.OPEN.value: open_line_count()}
    tabs = [
        {"label": label, "url": f"?view={value}", "current": value == state, "count": counts.get(value)}
        for value, label in BankLineState.choices
    ]
    more = {"accounts": bank_accounts(), "imports": latest_imports(), "form": form}
    context = {"page": page, "rows": rows, "tabs": tabs, "state": state} | more
    return render(request, "billing/bank.html", context, status=422 if form.is_bound else 200)


def _confirm(request: StaffRequest, line: BankLine, client: Client, invoices: list[Invoice]) -> int:
    try:
        actions.confirm_line(line=line, client=client, invoices=invoices, **_who(request))
    except Refused as refused:
        messages.error(request, str(refused))
        return 0
    return 1


def _decided(request: StaffRequest, action: Any, **given: Any) -> HttpResponseBase:
    try:
        action(**given, **_who(request))
        messages.success(request, _("Saved."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing:bank")


def _who(request: StaffRequest) -> dict[str, Any]:
    return {"actor": request.actor, "now": timezone.now()}


def _imported(added: int, known: int) -> str:
    said = ngettext("%d new line.", "%d new lines.", added) % added
    if not known:
        return said
    return f"{said} {ngettext('%d was imported before.', '%d were imported before.', known) % known}"
