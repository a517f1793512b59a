"""The portal's first page, put together from the panels that each app offers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from msp.accounts.doors import portal
from msp.accounts.registry import PANELS
from msp.accounts.requests import PortalRequest


@require_safe
@portal(None)
def home(request: PortalRequest) -> HttpResponse:
    """What needs the client, what we do for them, what they owe: only what this contact may see."""
    columns: dict[str, list[SafeString]] = {"main": [], "side": []}
    says = []
    for panel in sorted(PANELS, key=lambda panel: panel.order):
        context = panel.context(request) if request.membership.can(panel.capability) else None
        if context is not None:
            columns[panel.column].append(render_to_string(panel.template, context, request=request))
            says += [context["says"]] if context.get("says") else []
    first_name = request.membership.name.split()[0]
    return render(request, "portal/home.html", {"columns": columns, "says": says, "first_name": first_name})
