"""The conversation of a ticket."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from clients.models import Contact
from msp.accounts.models import Membership
from msp.api.api import Endpoint, described
from msp.api.choices import ApiScope, Area
from msp.api.requests import ApiRequest
from msp.api.rules import Conflict
from msp.api.serializers import ListQuery
from tickets import actions
from tickets.access import ticket_or_404, worker_for
from tickets.models import Message, Ticket
from tickets.queries.together import with_merged
from tickets.rules import Along
from tickets.serializers import MessageIn, MessageOut


class MessageList(Endpoint):
    area = Area.TICKETS

    @described("List a ticket's messages", query=ListQuery, answer=MessageOut, name="list_messages")
    def get(self, request: ApiRequest, ticket_number: int) -> Response:
        """Replies and notes, the oldest first, those of tickets that were merged into it as well."""
        ticket, asked = ticket_or_404(ticket_number), self.asked(ListQuery)
        rows = Message.objects.standing().filter(ticket__in=with_merged(ticket))
        return self.page(rows, MessageOut, order=("at", "id"), limit=asked["limit"])

    @described("Write a reply or a note", body=MessageIn, answer=MessageOut, status=201, name="write_message")
    def post(self, request: ApiRequest, ticket_number: int) -> Response:
        """A reply that names other clients is refused with 409, `code` “leaking” and the `leaks`, unless `although` says why."""
        ticket, said = ticket_or_404(ticket_number), self.said(MessageIn)
        write = _reply if said["kind"] == "reply" else _note
        return self.one(write(self, ticket, said), MessageOut, status=201)


def _reply(endpoint: Endpoint, ticket: Ticket, said: dict[str, Any]) -> Message:
    author = worker_for(endpoint.member, said.get("author"), "author")
    at, now = said.get("next_update_at"), timezone.now()
    if at is not None and at <= now:
        raise Conflict(_("Promise a time that is still to come."), next_update_at=_("It is over."))
    people = Contact.objects.living().filter(client=ticket.client)
    cc = [endpoint.found(people, "cc", key) for key in said.get("cc", [])]
    given: dict[str, Any] = {"to": ticket.contact, "cc": cc, "along": _along(endpoint, said)}
    return actions.reply_publicly(
        actor=endpoint.caller.actor, now=now, ticket=ticket, author=author, body=said["body"], **given
    )


def _note(endpoint: Endpoint, ticket: Ticket, said: dict[str, Any]) -> Message:
    """A program of the shop may write a note of its own, without any author."""
    if misplaced := {"cc", "although", "next_update_at"} & said.keys():
        raise Conflict(_("A note goes to nobody."), **dict.fromkeys(misplaced, _("Only for a reply.")))
    given: dict[str, Any] = {
        "actor": endpoint.caller.actor,
        "now": timezone.now(),
        "ticket": ticket,
        "body": said["body"],
    }
    if endpoint.member is None and "author" not in said:
        if {"minutes", "status"} & said.keys():
            raise Conflict(_("Say whose note it is."), author=_("Needed with minutes and with a status."))
        return actions.note_by_machine(**given)
    author: Membership = worker_for(endpoint.member, said.get("author"), "author")
    return actions.add_note(author=author, along=_along(endpoint, said), **given)


def _along(endpoint: Endpoint, said: dict[str, Any]) -> Along:
    if "minutes" in said:
        endpoint.needs(ApiScope.TIME_WRITE)
    return Along(
        said.get("minutes"),
        said.get("work_note", ""),
        said.get("status", ""),
        None,
        said.get("although", ""),
        anyway=said.get("solve_anyway", False),
        next_update_at=said.get("next_update_at"),
    )
