"""Words of the API: what a token may reach."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenKind(models.TextChoices):
    PERSONAL = "personal", _("Personal")
    SERVICE = "service", _("Service")


class Area(models.TextChoices):
    """A part of the API; a scope is an area and whether one may write there."""

    CLIENTS = "clients", _("Clients")
    TICKETS = "tickets", _("Tickets")
    TIME = "time", _("Time")
    PROMISES = "promises", _("Promises")
    INVOICES = "invoices", _("Invoices")


class ApiScope(models.TextChoices):
    CLIENTS_READ = "clients:read", _("Read clients, sites, contacts and equipment")
    CLIENTS_WRITE = "clients:write", _("Add and change clients, sites, contacts and equipment")
    TICKETS_READ = "tickets:read", _("Read tickets and their conversations")
    TICKETS_WRITE = "tickets:write", _("Open and change tickets, write replies and notes")
    TIME_READ = "time:read", _("Read time entries")
    TIME_WRITE = "time:write", _("Log time")
    PROMISES_READ = "promises:read", _("Read promises")
    INVOICES_READ = "invoices:read", _("Read invoices")


class Lifetime(models.IntegerChoices):
    """Days after which a token stops working."""

    MONTH = 30, _("30 days")
    QUARTER = 90, _("90 days")
    YEAR = 365, _("A year")
    EVER = 0, _("Never")
