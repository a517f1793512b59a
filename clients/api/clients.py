"""Clients."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.response import Response

from clients import actions
from clients.access import client_with_id_or_404
from clients.models import Client
from clients.queries import client_list
from clients.serializers import ClientIn, ClientOut, ClientQuery
from msp.accounts.models import ShopSettings
from msp.api.api import Endpoint, described
from msp.api.choices import Area
from msp.api.requests import ApiRequest
from msp.api.serializers import with_phones

MARKED = sorted({*actions.EDITABLE[Client]} - {"calendar"})
OF_THE_SHOP = ("country", "zone", "currency", "language")


class ClientList(Endpoint):
    area = Area.CLIENTS

    @described("List clients", query=ClientQuery, answer=ClientOut, name="list_clients")
    def get(self, request: ApiRequest) -> Response:
        """Living clients, or with `archived` those that left; the oldest first."""
        asked = self.asked(ClientQuery)
        rows = client_list(words=asked.get("q", ""), archived=asked["archived"])
        return self.page(rows, ClientOut, order=("id",), limit=asked["limit"])

    @described("Add a client", body=ClientIn, answer=ClientOut, status=201, name="add_client")
    def post(self, request: ApiRequest) -> Response:
        """The client gets a main site at the same address."""
        shop = ShopSettings.objects.only(*OF_THE_SHOP).get()
        values = {name: getattr(shop, name) for name in OF_THE_SHOP} | self.said(ClientIn)
        values = with_phones(values, values["country"])
        client = actions.create_client(actor=self.caller.actor, now=timezone.now(), values=values)
        return self.one(client, ClientOut, marked=MARKED, status=201)


class OneClient(Endpoint):
    area = Area.CLIENTS

    @described("Get a client", answer=ClientOut, name="get_client")
    def get(self, request: ApiRequest, client_id: UUID) -> Response:
        return self.one(client_with_id_or_404(client_id), ClientOut, marked=MARKED)

    @described("Change a client", body=ClientIn, answer=ClientOut, name="change_client", marked=True)
    def patch(self, request: ApiRequest, client_id: UUID) -> Response:
        """What is not said stays as it is."""
        client, values = client_with_id_or_404(client_id), self.said(ClientIn)
        values = with_phones(values, values.get("country", client.country))
        values = self.on_mark(client, MARKED, values)
        given: dict[str, Any] = {"actor": self.caller.actor, "now": timezone.now(), "mark": self.if_match}
        return self.one(actions.change(row=client, values=values, **given), ClientOut, marked=MARKED)
