"""Reminders of payment: what leaves today, what was sent, and what people decide about it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access import fee_or_404, numbered_or_404, pay_promise_or_404, step_or_404
from billing.documents.care import letter_heads, letter_table
from billing.documents.reminder import reminder_mail
from billing.forms.reminders import PauseForm, PayPromiseForm
from billing.queries.care import care_settings
from billing.queries.dunning import plans
from billing.queries.extras import client_care
from billing.queries.lists import shop_today
from billing.queries.reminders import board, letter_page, letter_rows
from billing.rules.refusals import Refused
from clients.access import client_or_404
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.documents import MOST_ROWS, table_or_refusal

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff(Capability.BILLING_VIEW)
def today(request: StaffRequest) -> HttpResponse:
    """What goes out today, what would but for something, and what no reminder helps any more."""
    return render(request, "billing/reminders.html", {"board": board(timezone.now()), "settings": care_settings()})


@require_safe
@staff(Capability.BILLING_VIEW)
def sent(request: StaffRequest) -> HttpResponse:
    """Every reminder that was sent, newest first."""
    return render(request, "billing/reminders_sent.html", {"page": letter_page(request.GET.dict())})


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The same as CSV."""
    rows = letter_rows().order_by("-sent_at", "-id")[: MOST_ROWS + 1]
    name = f"reminders-{shop_today(timezone.now())}"
    return table_or_refusal(request, "billing:reminders-sent", name, letter_heads(), letter_table(rows))


@require_safe
@staff(Capability.BILLING_VIEW)
def client_panel(request: StaffRequest, client_slug: str) -> HttpResponse:
    """Queries, reminders and gifts of one client; htmx puts it into the client's page."""
    client, day = client_or_404(client_slug), shop_today(timezone.now())
    return render(
        request, "billing/care_panel.html", {"client": client, "today": day, "care": client_care(client, day)}
    )


@require_safe
@staff(Capability.BILLING_VIEW)
def preview(request: StaffRequest, client_slug: str) -> HttpResponse:
    """The mails that one client would get, as its people would read them."""
    client = client_or_404(client_slug)
    plan = next(iter(plans(timezone.now(), [client.pk])), None)
    mails = [
        (recipient, reminder_mail(letter, recipient))
        for letter in (plan.letters if plan else [])
        for recipient in (plan.recipients if plan else [])
    ]
    return render(request, "billing/reminder_preview.html", {"client": client, "mails": mails, "plan": plan})


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def pause(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    """Nobody reminds this client until a day, or until somebody ends it."""
    client, form = client_or_404(client_slug), PauseForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            actions.pause_reminders(client=client, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Nobody reminds %(client)s meanwhile.") % {"client": client.name})
            return redirect("billing:reminders")
        except Refused as refused:
            form.add_error("until", str(refused))
    title = _("Pause the reminders of %(client)s") % {"client": client.name}
    context = {"form": form, "title": title, "client": client, "back": client.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.BILLING_DRAFT)
def resume(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client = client_or_404(client_slug)
    actions.resume_reminders(client=client, actor=request.actor, now=timezone.now())
    messages.success(request, _("%(client)s is reminded again.") % {"client": client.name})
    return redirect("billing:reminders")


@require_POST
@staff(Capability.BILLING_DRAFT)
def skip(request: StaffRequest, invoice_id: UUID, dunning_step_id: UUID) -> HttpResponseBase:
    """Leave this step out for this invoice."""
    invoice, step = numbered_or_404(invoice_id), step_or_404(dunning_step_id)
    because = typed(request.POST, "reason", 300)
    try:
        actions.skip_step(invoice=invoice, step=step, because=because, actor=request.actor, now=timezone.now())
        messages.success(request, _("“%(step)s” is left out for %(number)s.") % {"step": step, "number": invoice})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing:reminders")


@_PAGE_WITH_FORM
@staff(Capability.BILLING_DRAFT)
def pay_promise(request: StaffRequest, invoice_id: UUID) -> HttpResponseBase:
    """Write down when the client said that it pays."""
    invoice, form = numbered_or_404(invoice_id), PayPromiseForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            actions.note_pay_promise(invoice=invoice, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Nobody reminds them of it until then."))
            return redirect(invoice)
        except Refused as refused:
            form.add_error("pay_on", str(refused))
    context = {"form": form, "title": _("They promised to pay"), "invoice": invoice, "back": invoice.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.BILLING_DRAFT)
def end_pay_promise(request: StaffRequest, pay_promise_id: UUID) -> HttpResponseBase:
    promise = pay_promise_or_404(pay_promise_id)
    actions.end_pay_promise(promise=promise, actor=request.actor, now=timezone.now())
    messages.success(request, _("Reminders go on."))
    return redirect(promise.invoice)


@require_POST
@staff(Capability.BILLING_DRAFT)
def waive(request: StaffRequest, reminder_fee_id: UUID) -> HttpResponseBase:
    """Do without a fee that is on no draft yet."""
    fee = fee_or_404(reminder_fee_id)
    try:
        because = typed(request.POST, "reason", 300)
        actions.waive_fee(fee=fee, because=because, actor=request.actor, now=timezone.now())
        messages.success(request, _("The fee is waived."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(fee.invoice)
