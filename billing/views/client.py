"""A client's billing: the part of its page, and its own terms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.choices import STARTED, DocumentKind
from billing.forms import TermsForm
from billing.queries.lists import client_invoices, shop_today, sums
from billing.queries.quote_lists import client_quotes, with_seen
from billing.queries.terms import client_terms, terms_for
from billing.queries.work import finished_work
from billing.rules.refusals import Refused
from clients.access import client_or_404
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.marks import ChangedMeanwhile


@require_safe
@staff(Capability.BILLING_VIEW)
def panel(request: StaffRequest, client_slug: str) -> HttpResponse:
    """Balance, open invoices and unbilled work; htmx puts it into the client's page."""
    client, today = client_or_404(client_slug), shop_today(timezone.now())
    context = {
        "client": client,
        "today": today,
        "sums": sums(today, client),
        "rows": client_invoices(client),
        "quotes": with_seen(client_quotes(client), today),
        "work": next(iter(finished_work(client)), None),
        "terms": terms_for(client),
        "kinds": [kind for kind in DocumentKind if kind in STARTED],
    }
    return render(request, "billing/client_panel.html", context)


@require_POST
@staff(Capability.BILLING_DRAFT)
def start(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    """An empty draft of the chosen kind, and on to its first line."""
    client, kind = client_or_404(client_slug), request.POST.get("kind", DocumentKind.INVOICE)
    try:
        invoice = actions.start_draft(client=client, actor=request.actor, now=timezone.now(), kind=kind)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(client)
    return redirect("billing:new-line", invoice.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.BILLING_APPROVE)
def terms(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    """What was agreed with this client."""
    client = client_or_404(client_slug)
    form = TermsForm(request.POST or None, instance=client_terms(client))
    if form.is_bound and form.is_valid():
        now, values, mark = timezone.now(), form.cleaned_data, form.shown
        try:
            actions.change_client_terms(client=client, values=values, mark=mark, actor=request.actor, now=now)
            messages.success(request, _("Saved. Drafts keep the prices they were made with."))
            return redirect(client)
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
    title = _("Billing terms of %(client)s") % {"client": client.name}
    context = {"form": form, "title": title, "client": client, "back": client.get_absolute_url()}
    return render(request, "billing/form.html", context, status=form.status)
