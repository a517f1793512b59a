"""Agreements: the list, one agreement, and what is done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.access.agreements import agreement_or_404, covered_or_404, put_ticket_or_404
from billing.documents.agreements import agreement_heads, agreement_table
from billing.forms.agreements import AgreementForm, EndForm, NewAgreementForm, TicketNumberForm
from billing.models import Agreement, AgreementTemplate
from billing.queries.agreement_pages import View, agreement_detail, agreement_page, agreement_rows, client_agreements
from billing.queries.agreement_templates import start_from
from billing.queries.charging import due_periods
from billing.queries.lists import shop_today
from billing.queries.renewals import renewals as renewals_due
from billing.rules.refusals import Refused
from clients.access import client_or_404
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.documents import MOST_ROWS, table_or_refusal
from tickets.models import Ticket

PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])
TABS = {
    View.ACTIVE: gettext_lazy("In force"),
    View.DRAFT: gettext_lazy("Draft"),
    View.ENDED: gettext_lazy("Ended"),
    View.ALL: gettext_lazy("All"),
}


@require_safe
@staff(Capability.BILLING_VIEW)
def agreements(request: StaffRequest) -> HttpResponse:
    """Agreements, the newest first."""
    view, words = _view(request), typed(request.GET, "q")
    tabs = [{"label": label, "url": f"?view={value}", "current": value is view} for value, label in TABS.items()]
    page = agreement_page(view, words, request.GET.dict())
    context = {"page": page, "tabs": tabs, "view": view, "words": words, "today": shop_today(timezone.now())}
    return render(request, "billing/agreements.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The agreements of the same view as CSV."""
    today = shop_today(timezone.now())
    rows = agreement_rows(_view(request), typed(request.GET, "q")).order_by("-created_at", "-id")
    table = agreement_table(rows[: MOST_ROWS + 1])
    return table_or_refusal(request, "billing:agreements", f"agreements-{today}", agreement_heads(), table)


@require_safe
@staff(Capability.BILLING_VIEW)
def renewals(request: StaffRequest) -> HttpResponse:
    """What has to be decided soon."""
    today = shop_today(timezone.now())
    terms, blocks = renewals_due(today)
    return render(request, "billing/renewals.html", {"terms": terms, "blocks": blocks, "today": today})


@require_safe
@staff(Capability.BILLING_VIEW)
def agreement(request: StaffRequest, agreement_id: UUID) -> HttpResponse:
    """What it says, counts, charges and covers."""
    found = agreement_or_404(agreement_id)
    detail = agreement_detail(found, shop_today(timezone.now()))
    context = {"d": detail, "agreement": found, "end_form": EndForm(), "ticket_form": TicketNumberForm()}
    return render(request, "billing/agreement.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def panel(request: StaffRequest, client_slug: str) -> HttpResponse:
    """A client's agreements and blocks; htmx puts it into the client's page."""
    client = client_or_404(client_slug)
    rows, blocks = client_agreements(client)
    context = {"client": client, "agreements": rows, "blocks": blocks, "today": shop_today(timezone.now())}
    return render(request, "billing/client_agreements.html", context)


@PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def new(request: StaffRequest) -> HttpResponseBase:
    """Begin an agreement from a template."""
    slug = typed(request.GET, "client")
    initial = {"client": client_or_404(slug) if slug else None, "starts_on": shop_today(timezone.now())}
    form = NewAgreementForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            made = _create(request, form.cleaned_data)
            messages.success(
                request, _("The agreement is drafted. Write its terms, then record that the client said yes.")
            )
            return redirect("billing:agreement-terms", made.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    return form_page(request, form, _("New agreement"))


def _create(request: StaffRequest, typed_in: dict[str, Any]) -> Agreement:
    start = start_from(typed_in["template"])
    if start is None:
        raise Refused(_("That template is gone. Choose another one."))
    names = ("name", "starts_on", "period", "in_advance")
    return actions.create_agreement(
        client=typed_in["client"],
        values={"kind": start.kind} | {name: typed_in[name] for name in names},
        terms=start.terms,
        items=start.items,
        form_key=typed_in["form_key"],
        actor=request.actor,
        now=timezone.now(),
    )


@PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def edit(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Name, dates and renewal."""
    found = agreement_or_404(agreement_id)
    form = AgreementForm(request.POST or None, instance=agreement_or_404(agreement_id))
    if form.is_bound and form.is_valid():
        try:
            values = form.cleaned_data
            actions.change_agreement(agreement=found, values=values, actor=request.actor, now=timezone.now())
            return redirect(found)
        except Refused as refused:
            form.add_error(None, str(refused))
    return form_page(request, form, _("Change the agreement"), found)


@require_POST
@staff(Capability.BILLING_APPROVE)
def activate(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Bring a draft into force without a signature."""
    found = agreement_or_404(agreement_id)
    try:
        actions.activate_agreement(agreement=found, actor=request.actor, now=timezone.now())
        messages.success(request, _("It is in force."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found)


@require_POST
@staff(Capability.BILLING_APPROVE)
def end(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Let it end after a day."""
    found, form = agreement_or_404(agreement_id), EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say its last day, and why."))
        return redirect(found)
    try:
        actions.end_agreement(agreement=found, actor=request.actor, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("It ends then."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found)


@require_POST
@staff(Capability.BILLING_APPROVE)
def renew(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Let it go on for another term."""
    found = agreement_or_404(agreement_id)
    try:
        actions.renew_agreement(agreement=found, actor=request.actor, now=timezone.now())
        messages.success(request, _("It goes on for another term."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found)


@require_POST
@staff(Capability.BILLING_DRAFT)
def charge(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Draft the periods that wait."""
    found, now = agreement_or_404(agreement_id), timezone.now()
    try:
        actions.count_items(agreement=found, on=shop_today(now), actor=request.actor, now=now)
        waiting = due_periods(found, shop_today(now))
        for each in waiting:
            actions.draft_period(agreement=found, period=each.period, actor=request.actor, now=now)
        words = ngettext("%d period is drafted.", "%d periods are drafted.", len(waiting)) % len(waiting)
        messages.success(request, words if waiting else _("Every period is charged."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found)


@require_POST
@staff(Capability.BILLING_DRAFT)
def put_ticket(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Let a ticket's work follow this agreement."""
    found, form = agreement_or_404(agreement_id), TicketNumberForm(request.POST)
    number = form.cleaned_data["number"] if form.is_valid() else 0
    ticket = Ticket.objects.filter(number=number, client=found.client_id).first()
    try:
        if ticket is None:
            raise Refused(_("This client has no ticket of that number."))
        actions.put_ticket_under(agreement=found, ticket=ticket, actor=request.actor, now=timezone.now())
        messages.success(request, _("Its work follows this agreement now."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found)


@require_POST
@staff(Capability.BILLING_DRAFT)
def take_ticket(request: StaffRequest, agreement_ticket_id: UUID) -> HttpResponseBase:
    """Let a ticket follow the client's agreements again."""
    row = put_ticket_or_404(agreement_ticket_id)
    actions.take_ticket_out(row=row, actor=request.actor, now=timezone.now())
    return redirect(row.agreement)


@require_POST
@staff(Capability.BILLING_DRAFT)
def uncover(request: StaffRequest, covered_work_id: UUID) -> HttpResponseBase:
    """Make covered work billable again."""
    work = covered_or_404(covered_work_id)
    try:
        reason = typed(request.POST, "reason", 300)
        actions.uncover_work(work=work, reason=reason, actor=request.actor, now=timezone.now())
        messages.success(request, _("The work is unbilled again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(work.agreement)


def form_page(request: StaffRequest, form: Any, title: str, found: Agreement | None = None) -> HttpResponse:
    """A page with one form about an agreement."""
    kept = [] if found else AgreementTemplate.objects.filter(archived_at=None).order_by("name")
    context = {"form": form, "title": title, "agreement": found, "multipart": form.is_multipart(), "templates": kept}
    return render(request, "billing/agreement_form.html", context, status=422 if form.is_bound else 200)


def _view(request: StaffRequest) -> View:
    asked = request.GET.get("view", "")
    return View(asked) if asked in set(View) else View.ACTIVE
