"""The portal's first page, put together from the panels that each app offers."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from msp.accounts.doors import portal
from msp.accounts.registry import PANELS
from msp.accounts.requests import PortalRequest, nothing_new, seen, wants_part

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


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
    # Each rendering has its own token against forged posts; that is no news.
    mark = seen([says, *(_TOKEN.sub("", panel) for panel in columns["main"] + columns["side"])])
    first_name = request.membership.name.split()[0]
    context = {"columns": columns, "says": says, "first_name": first_name, "seen": mark}
    page = f"portal/{'_' if wants_part(request) else ''}home.html"
    return nothing_new(request, mark) or render(request, page, context)
