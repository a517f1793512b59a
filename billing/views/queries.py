"""What clients ask about lines: the office's list, one query, the answers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access import query_or_404
from billing.documents.care import query_heads, query_table
from billing.forms.asking import AnswerForm
from billing.queries.asking import QueryView, held_sums, query_page, query_rows, said_about, view_counts
from billing.queries.lists import shop_today
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import MOST_ROWS, table_or_refusal

VIEWS = {
    QueryView.OURS: gettext_lazy("Our turn"),
    QueryView.THEIRS: gettext_lazy("The client's turn"),
    QueryView.ALL: gettext_lazy("All"),
}


@require_safe
@staff(Capability.BILLING_VIEW)
def queries(request: StaffRequest) -> HttpResponse:
    """What waits, the longest first."""
    view, counts = _view(request), view_counts()
    tabs = [
        {"label": label, "url": f"?view={value}", "current": value is view, "count": counts.get(value)}
        for value, label in VIEWS.items()
    ]
    today = shop_today(timezone.now())
    context = {"page": query_page(view, request.GET.dict()), "tabs": tabs, "view": view, "sums": held_sums(today)}
    return render(request, "billing/queries.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The same list as CSV."""
    rows = query_rows(_view(request)).order_by("-asked_at", "-id")[: MOST_ROWS + 1]
    name = f"queries-{shop_today(timezone.now())}"
    return table_or_refusal(request, "billing:queries", name, query_heads(), query_table(rows))


@require_safe
@staff(Capability.BILLING_VIEW)
def query(request: StaffRequest, line_query_id: UUID) -> HttpResponse:
    """One query: the line and why it costs what it costs, what was said, and the answer."""
    found = query_or_404(line_query_id)
    return _page(request, found.pk, AnswerForm())


@require_POST
@staff(Capability.BILLING_DRAFT)
def answer(request: StaffRequest, line_query_id: UUID) -> HttpResponseBase:
    """Explain the line, or with `credit` give its money back."""
    found, form = query_or_404(line_query_id), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found.pk, form)
    act = actions.credit_query if "credit" in request.POST else actions.answer_query
    try:
        act(query=found, actor=request.actor, now=timezone.now(), **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, found.pk, form)
    messages.success(request, _("%(name)s reads your answer by mail.") % {"name": found.contact.name})
    return redirect(found)


def _page(request: StaffRequest, query_id: UUID, form: AnswerForm) -> HttpResponse:
    found = query_or_404(query_id)
    context = {"query": found, "said": said_about(found), "form": form, "today": shop_today(timezone.now())}
    return render(request, "billing/query.html", context, status=422 if form.is_bound else 200)


def _view(request: StaffRequest) -> QueryView:
    asked = request.GET.get("view", "")
    return QueryView(asked) if asked in set(QueryView) else QueryView.OURS
