"""Tickets, what is said on them, and time, for programs. One module a subject."""

from __future__ import annotations

from django.urls import path

from . import messages, tickets, time

routes = [
    path("tickets/", tickets.TicketList.as_view(), name="api-tickets"),
    path("tickets/<int:ticket_number>/", tickets.OneTicket.as_view(), name="api-ticket"),
    path("tickets/<int:ticket_number>/messages/", messages.MessageList.as_view(), name="api-messages"),
    path("time-entries/", time.TimeList.as_view(), name="api-time"),
]
