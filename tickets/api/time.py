"""Time entries."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.response import Response

from msp.api.api import Endpoint, described
from msp.api.choices import Area
from msp.api.requests import ApiRequest
from tickets import actions
from tickets.access import worker_for
from tickets.models import Ticket, TimeEntry
from tickets.serializers import TimeIn, TimeOut, TimeQuery

FILTERS = {
    "ticket": "ticket__number",
    "client": "client",
    "member": "member",
    "started_since": "started_at__gte",
    "started_before": "started_at__lt",
}


class TimeList(Endpoint):
    area = Area.TIME

    @described("List time entries", query=TimeQuery, answer=TimeOut, name="list_time")
    def get(self, request: ApiRequest) -> Response:
        """What was written down last comes first."""
        asked = self.asked(TimeQuery)
        narrow = {column: asked[name] for name, column in FILTERS.items() if name in asked}
        rows = TimeEntry.objects.filter(**narrow).select_related("ticket", "member")
        return self.page(rows, TimeOut, order=("-id",), limit=asked["limit"])

    @described("Log time", body=TimeIn, answer=TimeOut, status=201, name="log_time")
    def post(self, request: ApiRequest) -> Response:
        said = self.said(TimeIn)
        ticket = self.found(Ticket.objects.all(), "ticket", said.pop("ticket"), by="number")
        member = worker_for(self.member, said.pop("member", None), "member")
        entry = actions.log_time(actor=self.caller.actor, now=timezone.now(), ticket=ticket, member=member, **said)
        return self.one(entry, TimeOut, status=201)
