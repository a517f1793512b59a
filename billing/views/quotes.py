"""The list of quotes, one quote, its revisions beside each other, and the report of sizes."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.access.quotes import quote_or_404, quote_pdf_or_404, revision_or_404
from billing.documents.quote_table import quote_cells, quote_heads, size_cells, size_heads
from billing.queries.lists import shop_today
from billing.queries.quote_detail import comparison, quote_detail
from billing.queries.quote_lists import (
    QuoteTab,
    SizeTab,
    quote_counts,
    quote_page,
    quote_rows,
    size_page,
    sized,
    with_seen,
)
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.documents import MOST_ROWS, response_of, table_or_refusal

TABS = {
    QuoteTab.OPEN: _("With the client"),
    QuoteTab.WAITING: _("Wait for approval"),
    QuoteTab.DRAFT: _("Draft"),
    QuoteTab.EXPIRED: _("Expired"),
    QuoteTab.ACCEPTED: _("Accepted"),
    QuoteTab.DECLINED: _("Declined"),
    QuoteTab.ALL: _("All"),
}
SIZE_TABS = {SizeTab.OVERSIZE: _("Oversized"), SizeTab.ALL: _("All sheets")}


@require_safe
@staff(Capability.BILLING_VIEW)
def quotes(request: StaffRequest) -> HttpResponse:
    """Quotes by what they wait for."""
    today, tab, words = shop_today(timezone.now()), _tab(request), typed(request.GET, "q")
    page, rows = quote_page(tab, words=words, today=today, params=request.GET.dict())
    counts = quote_counts(today)
    tabs = [
        {"label": label, "url": f"?view={value}", "current": value is tab, "count": counts.get(value)}
        for value, label in TABS.items()
    ]
    context = {"page": page, "rows": rows, "tabs": tabs, "tab": tab, "words": words, "today": today}
    return render(request, "billing/quotes.html", context)


@require_safe
@staff(Capability.BILLING_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The quotes of the same view as CSV."""
    today = shop_today(timezone.now())
    found = quote_rows(_tab(request), words=typed(request.GET, "q"), today=today).order_by("-created_at", "-id")
    table = quote_cells(with_seen(found[: MOST_ROWS + 1], today))
    return table_or_refusal(request, "billing:quotes", f"quotes-{today}", quote_heads(), table)


@require_safe
@staff(Capability.BILLING_VIEW)
def quote(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    """Lines, evidence, answer, activity, and where it stands; `?revision=` shows an older one."""
    asked = typed(request.GET, "revision", 4)
    number = int(asked) if asked.isascii() and asked.isdecimal() else None
    detail = quote_detail(quote_or_404(quote_id), number, shop_today(timezone.now()))
    if detail is None:
        raise Http404
    return render(request, "billing/quote.html", {"d": detail, "quote": detail.quote})


@require_safe
@staff(Capability.BILLING_VIEW)
def compare(request: StaffRequest, quote_id: UUID, after: int) -> HttpResponse:
    """A revision beside the one before it."""
    if after < 2:
        raise Http404
    found = comparison(revision_or_404(quote_id, after - 1), revision_or_404(quote_id, after))
    return render(request, "billing/quote_compare.html", {"c": found, "quote": found.after.quote})


@require_safe
@staff(Capability.BILLING_VIEW)
def pdf(request: StaffRequest, quote_revision_id: UUID) -> HttpResponseBase:
    """The document as it was sent, shown in the browser."""
    return response_of(quote_pdf_or_404(quote_revision_id), inline=True)


@require_safe
@staff(Capability.BILLING_VIEW)
def sizes(request: StaffRequest) -> HttpResponse:
    """What was offered against what is needed."""
    tab = _size_tab(request)
    page, rows = size_page(tab, request.GET.dict())
    tabs = [{"label": label, "url": f"?view={value}", "current": value is tab} for value, label in SIZE_TABS.items()]
    return render(request, "billing/quote_sizes.html", {"page": page, "rows": rows, "tabs": tabs, "tab": tab})


@require_safe
@staff(Capability.BILLING_VIEW)
def sizes_export(request: StaffRequest) -> HttpResponse:
    """The same report as CSV."""
    found = sized(_size_tab(request)).select_related("line__revision__quote__client").order_by("-id")
    name = f"sizes-{shop_today(timezone.now())}"
    return table_or_refusal(request, "billing:quote-sizes", name, size_heads(), size_cells(found[: MOST_ROWS + 1]))


def _tab(request: StaffRequest) -> QuoteTab:
    asked = request.GET.get("view", "")
    return QuoteTab(asked) if asked in set(QuoteTab) else QuoteTab.OPEN


def _size_tab(request: StaffRequest) -> SizeTab:
    asked = request.GET.get("view", "")
    return SizeTab(asked) if asked in set(SizeTab) else SizeTab.OVERSIZE
