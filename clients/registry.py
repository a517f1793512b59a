"""What clients offer to the shell, and what higher apps may add to the client page."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from msp.accounts.choices import Capability, PortalCapability
from msp.accounts.registry import ChecklistStep, Command, Hit, NavItem, SearchProvider

from .models import Client
from .queries import client_list


@dataclass(frozen=True)
class ClientPanel:
    """A part of the client page that a higher app serves: a URL name taking `client_slug`, loaded by htmx."""

    label: StrOrPromise
    url_name: str
    capability: str
    order: int


PANELS: list[ClientPanel] = []


def _find(words: str, limit: int) -> list[Hit]:
    rows = client_list(words=words).order_by("name")[:limit]
    return [Hit(row.name, row.trade, reverse("clients:detail", args=[row.slug]), _("Client")) for row in rows]


OFFERS = (
    NavItem(_("Clients"), "clients:list", "building", Capability.CLIENTS_VIEW, "know", 10, key="g c", phone=True),
    NavItem(_("People"), "clients:portal-people", "users", PortalCapability.PEOPLE, "portal", 60, phone=True),
    Command(_("New client"), "clients:create", Capability.CLIENTS_EDIT),
    SearchProvider(Capability.CLIENTS_VIEW, 20, _find),
    ChecklistStep(
        _("Add your first client"),
        _("Tickets, time and invoices all belong to one."),
        "clients:create",
        Capability.CLIENTS_EDIT,
        30,
        lambda: Client.objects.filter(is_unsorted=False).exists(),
    ),
)

SENTENCES = {
    "client.created": _("%(actor)s added the client %(name)s"),
    "client.changed": _("%(actor)s changed %(name)s"),
    "client.archived": _("%(actor)s archived %(name)s"),
    "client.restored": _("%(actor)s brought %(name)s back"),
    "site.created": _("%(actor)s added the site %(name)s"),
    "site.changed": _("%(actor)s changed the site %(name)s"),
    "site.archived": _("%(actor)s archived the site %(name)s"),
    "site.restored": _("%(actor)s brought the site %(name)s back"),
    "contact.created": _("%(actor)s added %(name)s as a contact"),
    "contact.changed": _("%(actor)s changed the contact %(name)s"),
    "contact.archived": _("%(actor)s archived the contact %(name)s"),
    "contact.restored": _("%(actor)s brought the contact %(name)s back"),
    "contact.invited": _("%(actor)s invited %(name)s to the portal"),
    "contact.left": _("%(actor)s took the portal away from %(name)s"),
    "contact.joined": _("%(name)s can now use the portal"),
    "asset.created": _("%(actor)s added the equipment %(name)s"),
    "asset.changed": _("%(actor)s changed the equipment %(name)s"),
    "asset.archived": _("%(actor)s archived the equipment %(name)s"),
    "asset.restored": _("%(actor)s brought the equipment %(name)s back"),
    "client_note.created": _("%(actor)s wrote a note"),
    "client_note.changed": _("%(actor)s changed a note"),
    "client_note.pinned": _("%(actor)s put a note on top"),
    "client_note.unpinned": _("%(actor)s took a note from the top"),
    "client_note.archived": _("%(actor)s took a note off the page"),
}
