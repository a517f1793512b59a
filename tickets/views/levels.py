"""How well service levels were met, in a period, by priority, client and technician."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.files.documents import table_response
from tickets.documents import level_heads, level_rows
from tickets.queries.levels import Period, levels, levels_by

DAYS = {"30": _("30 days"), "90": _("90 days"), "365": _("A year")}
GROUPS = {
    "priority": (_("By priority"), "priority"),
    "client": (_("By client"), "client"),
    "technician": (_("By technician"), "promise__owner"),
}


def _asked(request: StaffRequest) -> tuple[str, str, Period]:
    """Days, grouping and period of the address. By technician only for who hands work out."""
    days, by = request.GET.get("days", ""), request.GET.get("by", "")
    allowed = request.membership.can(Capability.TICKETS_ASSIGN) or by != "technician"
    days, by = days if days in DAYS else "30", by if by in GROUPS and allowed else "priority"
    now = timezone.now()
    return days, by, Period(now - timedelta(days=int(days)), now)


@require_safe
@staff(Capability.TICKETS_VIEW)
def report(request: StaffRequest) -> HttpResponse:
    days, by, period = _asked(request)
    heading, column = GROUPS[by]
    shown = [key for key in GROUPS if key != "technician" or request.membership.can(Capability.TICKETS_ASSIGN)]
    context: dict[str, Any] = {
        "days": days,
        "by": by,
        "heading": heading,
        "levels": levels(period),
        "groups": levels_by(column, period),
        "periods": [(key, label, f"?days={key}&by={by}") for key, label in DAYS.items()],
        "ways": [(key, GROUPS[key][0], f"?days={days}&by={key}") for key in shown],
    }
    return render(request, "tickets/sla_report.html", context)


@require_safe
@staff(Capability.TICKETS_VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """The report's table as CSV."""
    days, by, period = _asked(request)
    heading, column = GROUPS[by]
    name = f"service-levels-{days}-days-{timezone.localdate()}"
    return table_response(name, level_heads(str(heading)), level_rows(levels_by(column, period)))
