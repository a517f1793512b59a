"""The schema, and the page that explains it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from msp.accounts.doors import public, staff
from msp.accounts.requests import StaffRequest, typed
from msp.api.adapters import schema, schema_json
from msp.api.choices import ApiScope, Area
from msp.api.documents import operations


@require_safe
@public("it describes the product, and no shop: programs that make clients of an API have no token yet")
def schema_document(request: HttpRequest) -> HttpResponse:
    return HttpResponse(schema_json(), content_type="application/vnd.oai.openapi+json")


@require_safe
@staff(None)
def documentation(request: StaffRequest) -> HttpResponse:
    """Every operation with what it takes and answers, narrowed by words."""
    words, base = typed(request.GET, "q"), request.tenant.absolute_url("")
    found = operations(schema(), base=base, words=words)
    areas = [(Area(name), rows) for name, rows in found.items()]
    context = {"areas": areas, "words": words, "base": base, "scopes": ApiScope.choices}
    return render(request, "api/documentation.html", context)
