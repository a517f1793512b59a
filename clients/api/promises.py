"""Promises, to read."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from rest_framework.response import Response

from clients.access import promise_or_404
from clients.models import Client
from clients.queries.promise_lists import AskedPromises, promise_list
from clients.serializers import PromiseOut, PromiseQuery
from msp.api.api import Endpoint, described
from msp.api.choices import Area
from msp.api.requests import ApiRequest


class PromiseList(Endpoint):
    area = Area.PROMISES

    @described("List promises", query=PromiseQuery, answer=PromiseOut, name="list_promises")
    def get(self, request: ApiRequest) -> Response:
        """What is owed by deadline, what is over the latest first."""
        given = self.asked(PromiseQuery)
        client = self.found(Client.objects.all(), "client", given.get("client"))
        owner = str(given.get("owner", ""))
        asked = AskedPromises(view=given["view"], client=client, person=owner, kind=given.get("kind", ""))
        rows = promise_list(asked, timezone.now())
        if "subject" in given:
            rows = rows.filter(subject_id=given["subject"])
        return self.page(rows, PromiseOut, order=asked.order, limit=given["limit"])


class OnePromise(Endpoint):
    area = Area.PROMISES

    @described("Get a promise", answer=PromiseOut, name="get_promise")
    def get(self, request: ApiRequest, promise_id: UUID) -> Response:
        return self.one(promise_or_404(promise_id), PromiseOut)
