"""Roles and rights. A role is a bundle of capabilities; views ask for capabilities only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MembershipKind(models.TextChoices):
    STAFF = "staff", _("Staff")
    CONTACT = "contact", _("Client contact")


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    OFFICE_MANAGER = "office_manager", _("Office manager")
    DISPATCHER = "dispatcher", _("Dispatcher")
    TECHNICIAN = "technician", _("Technician")
    READ_ONLY = "read_only", _("Read only")


class Capability(models.TextChoices):
    CLIENTS_VIEW = "clients.view", _("See clients")
    CLIENTS_EDIT = "clients.edit", _("Add and change clients")
    TICKETS_VIEW = "tickets.view", _("See tickets")
    TICKETS_WORK = "tickets.work", _("Work on tickets and log time")
    TICKETS_ASSIGN = "tickets.assign", _("Assign tickets to others")
    SLA_APPROVE = "sla.approve", _("Decide which broken deadlines count")
    BILLING_VIEW = "billing.view", _("See invoices and amounts")
    BILLING_DRAFT = "billing.draft", _("Draft and check invoices")
    BILLING_APPROVE = "billing.approve", _("Approve and issue invoices")
    PAYMENTS_RECORD = "payments.record", _("Record payments")
    PROFIT_VIEW = "profit.view", _("See costs and profit")
    PEOPLE_MANAGE = "people.manage", _("Invite people and change their rights")
    SETTINGS_MANAGE = "settings.manage", _("Change the shop's settings")
    COMPLAINTS_READ = "complaints.read", _("Read what clients' people say in private")
    AUDIT_VIEW = "audit.view", _("Read the activity log")
    SYSTEM_VIEW = "system.view", _("See jobs, mail and system health")


class PortalCapability(models.TextChoices):
    REQUESTS = "portal.requests", _("Requests")
    QUOTES = "portal.quotes", _("Approve quotes")
    INVOICES = "portal.invoices", _("Invoices")
    DOCUMENTS = "portal.documents", _("Documents")
    PEOPLE = "portal.people", _("People")


class ActorKind(models.TextChoices):
    PERSON = "person", _("Staff member")
    CONTACT = "contact", _("Client contact")
    TOKEN = "token", _("API token")
    SYSTEM = "system", _("Mainstay")


# Staff, by hand or through a program that they let act for them.
OF_STAFF = frozenset({ActorKind.PERSON, ActorKind.TOKEN})


class Theme(models.TextChoices):
    SYSTEM = "system", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
