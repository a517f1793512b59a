"""Tickets: found, opened, changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from clients.models import Asset, Client, Contact, Site
from msp.api.api import Endpoint, described
from msp.api.choices import Area
from msp.api.requests import ApiRequest
from msp.api.rules import Conflict
from tickets import actions
from tickets.access import assignee_for, ticket_or_404
from tickets.actions.changing import CHANGEABLE
from tickets.choices import Door
from tickets.forms.answers import PREFIX, AnswersForm
from tickets.models import Category, Ticket
from tickets.queries.catalogue import fields_of, labels_on
from tickets.queries.queues import Asked, queue
from tickets.serializers import TicketChange, TicketIn, TicketOut, TicketQuery

ABOUT: dict[str, Any] = {"contact": Contact, "site": Site, "asset": Asset}
MARKED = sorted(CHANGEABLE)
BY = ("client", "contact", "site", "asset", "assignee", "category")


class TicketList(Endpoint):
    area = Area.TICKETS

    @described("List tickets", query=TicketQuery, answer=TicketOut, name="list_tickets")
    def get(self, request: ApiRequest) -> Response:
        """The newest first. `view` narrows to those that nobody has, that are open, that wait on the client, that are solved."""
        given = self.asked(TicketQuery)
        limit, since = given.pop("limit"), given.pop("changed_since", None)
        given = {name: value for name, value in given.items() if name not in {"after", "before"}}
        client = self.found(Client.objects.all(), "client", given.pop("client", None))
        asked = Asked(client=client, words=given.pop("q", ""), **given)
        rows = queue(asked, None).defer(None).select_related(*BY)
        rows = rows.filter(changed_at__gte=since) if since else rows
        return self.page(rows, TicketOut, order=("-number",), limit=limit, context=_labels)

    @described("Open a ticket", body=TicketIn, answer=TicketOut, status=201, name="open_ticket")
    def post(self, request: ApiRequest) -> Response:
        """With a personal token its member writes it down for the client; with a service token the `contact` is who asks."""
        said = self.said(TicketIn)
        client = self.found(Client.objects.all(), "client", said.pop("client"))
        values = _named(self, client, said) | {"door": Door.API, "author": self.member}
        values["answers"] = _answers(values.get("category"), said.pop("answers", {}))
        values = {name: value for name, value in (said | values).items() if value is not None}
        ticket = actions.open_ticket(actor=self.caller.actor, now=timezone.now(), client=client, **values)
        return _shown(self, ticket, status=201)


class OneTicket(Endpoint):
    area = Area.TICKETS

    @described("Get a ticket", answer=TicketOut, name="get_ticket")
    def get(self, request: ApiRequest, ticket_number: int) -> Response:
        return _shown(self, ticket_or_404(ticket_number))

    @described("Change a ticket", body=TicketChange, answer=TicketOut, name="change_ticket", marked=True)
    def patch(self, request: ApiRequest, ticket_number: int) -> Response:
        """What is not said stays as it is; either all of it happens or nothing."""
        ticket, said = ticket_or_404(ticket_number), self.said(TicketChange)
        anyway = said.pop("solve_anyway", False)
        values = self.on_mark(ticket, MARKED, said | _named(self, ticket.client, said))
        given = {"actor": self.caller.actor, "now": timezone.now(), "mark": self.if_match, "anyway": anyway}
        return _shown(self, actions.change_ticket(ticket=ticket, values=values, **given))


def _shown(endpoint: Endpoint, ticket: Ticket, status: int = 200) -> Response:
    ticket = ticket_or_404(ticket.number)
    return endpoint.one(ticket, TicketOut, marked=MARKED, status=status, **_labels([ticket]))


def _labels(tickets: Iterable[Ticket]) -> dict[str, Any]:
    return {"labels": labels_on(tickets)}


def _named(endpoint: Endpoint, client: Client, said: dict[str, Any]) -> dict[str, Any]:
    """The rows that the body names, of this client and this shop. Raises Conflict, and PermissionDenied for an assignee."""
    rows: dict[str, Any] = {name: model.objects.living().filter(client=client) for name, model in ABOUT.items()}
    rows["category"] = Category.objects.living()
    found = {name: endpoint.found(rows[name], name, said[name]) for name in rows if name in said}
    return found | ({"assignee": assignee_for(endpoint.member, said["assignee"])} if "assignee" in said else {})


def _answers(category: Category | None, said: dict[str, str]) -> dict[str, Any]:
    """What a new ticket of a category is asked. Raises Conflict for an answer that its field cannot take."""
    data = {f"{PREFIX}{key}": answer for key, answer in said.items()}
    form = AnswersForm(data, asked=fields_of(category), answers={}, opening=True)
    if not form.is_valid():
        errors = {name.removeprefix(PREFIX): " ".join(map(str, texts)) for name, texts in form.errors.items()}
        raise Conflict(_("The fields of its category are not answered."), **errors)
    return form.answers
