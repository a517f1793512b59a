"""Pages that belong to no single app: the front door, search, the shop's colour."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from msp.accounts.doors import public, signed_in, staff
from msp.accounts.models import Membership
from msp.accounts.registry import LANDINGS
from msp.accounts.requests import PORTAL_PREFIX, StaffRequest, typed

from .context import offered
from .queries import is_a_shops_host
from .queries import search as find

PALETTE_HITS = 5
PAGE_HITS = 25
YEAR = 31_536_000  # seconds


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponseBase:
    """Send a person to the page their day begins on."""
    me: Membership | None = getattr(request, "membership", None)
    if me is None:
        if any(not row.is_staff_member for row in getattr(request, "memberships", [])):
            return redirect(PORTAL_PREFIX)
        return render(request, "web/no_shop.html", status=403)
    first = landing(me)
    return redirect(first) if first else render(request, "web/no_pages.html")


def landing(me: Membership) -> str | None:
    """The URL of a member's first page: their own choice, else their role's, else the first they may open; None without any."""
    mine = {item.url_name: url for item, url in offered(me)}
    wanted = [me.landing, *(name for role in me.roles for name in LANDINGS.get(role, ()))]
    chosen = next((mine[name] for name in wanted if name in mine), None)
    return chosen or next(iter(mine.values()), None)


@require_safe
@staff(None)
def palette(request: StaffRequest) -> HttpResponse:
    """What the command palette finds for the words typed so far, as JSON."""
    words = typed(request.GET, "q")
    hits = find(request.membership, words, PALETTE_HITS) if words else []
    results = [
        {"label": hit.label, "hint": f"{hit.kind} · {hit.hint}" if hit.hint else str(hit.kind), "url": hit.url}
        for hit in hits
    ]
    return JsonResponse({"results": results})


@require_safe
@staff(None)
def search(request: StaffRequest) -> HttpResponse:
    """The search page; it works without JavaScript."""
    words = typed(request.GET, "q")
    hits = find(request.membership, words, PAGE_HITS) if words else []
    return render(request, "web/search.html", {"words": words, "hits": hits})


@require_safe
@public("a hue between 0 and 359 tells nothing about a shop")
def brand(request: HttpRequest) -> HttpResponse:
    """A shop's colour as a style sheet: /brand.css?h=245. The address holds the value, so it may be kept for ever."""
    hue = request.GET.get("h", "245")
    if not (hue.isascii() and hue.isdigit() and len(hue) <= 3 and int(hue) < 360):
        raise Http404
    css = f"@layer tokens {{ :root {{ --brand-h: {int(hue)}; }} }}\n"
    headers = {"Cache-Control": f"public, max-age={YEAR}, immutable"}
    return HttpResponse(css, content_type="text/css; charset=utf-8", headers=headers)


@require_safe
@public("says of a name only what a request by that name would tell, too: whether it is a shop's host")
@never_cache
def certificate(request: HttpRequest) -> HttpResponse:
    """204 for a shop's own host, 404 for any other name: the proxy asks before it fetches a certificate."""
    if not is_a_shops_host(request.GET.get("domain", "")):
        raise Http404
    return HttpResponse(status=204)
