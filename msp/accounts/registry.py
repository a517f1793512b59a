"""What each app offers to the shell: navigation, settings pages, commands, search. Registered in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from .choices import PortalCapability
from .models import Membership


@dataclass(frozen=True)
class Count:
    """A number beside a navigation item. `tone` is "", "warn" or "danger"; `what` says in words what is counted."""

    number: int
    tone: str = ""
    what: StrOrPromise = ""

    def __str__(self) -> str:
        return str(self.number)


@dataclass(frozen=True)
class Counted:
    """What is counted beside a navigation item: one short column of cheap `rows`. All that a page shows are counted in one query."""

    rows: Callable[[HttpRequest], QuerySet[Any, Any]]
    tone: str
    what: StrOrPromise


@dataclass(frozen=True)
class NavItem:
    """A page in the sidebar. `group` orders and heads it ("work", "watch", "know", "billing", "owner", "portal").

    With `under` it stands behind the entry of that URL name instead, as a tab above its pages; that entry's own page is the tab
    called `tab`. Who may not open that entry has it in the sidebar.
    """

    label: StrOrPromise
    url_name: str
    icon: str
    capability: str
    group: str
    order: int
    key: str = ""  # keyboard chord, for example "g q"
    query: str = ""  # appended to the URL, for example "?view=unassigned"
    phone: bool = False  # also in the phone's bottom bar
    counted: Counted | None = None
    under: str = ""
    tab: StrOrPromise = ""


@dataclass(frozen=True)
class Command:
    """An entry of the command palette that opens a page."""

    label: StrOrPromise
    url_name: str
    capability: str
    hint: StrOrPromise = ""
    key: str = ""


@dataclass(frozen=True)
class SettingsPage:
    label: StrOrPromise
    url_name: str
    icon: str
    capability: str
    order: int
    summary: StrOrPromise = ""


@dataclass(frozen=True)
class Hit:
    """A search result."""

    label: str
    hint: str
    url: str
    kind: StrOrPromise


@dataclass(frozen=True)
class SearchProvider:
    """Finds rows by words the person typed; at most `limit`, best first, only what the request may see."""

    capability: str
    order: int
    find: Callable[[str, int], list[Hit]]


@dataclass(frozen=True)
class TopbarPart:
    """Something on every staff page, for example the running timer: a template and its context, or None."""

    template: str
    context: Callable[[HttpRequest], dict[str, object] | None]


@dataclass(frozen=True)
class PortalPanel:
    """A panel of the portal's first page: a template and its context, or None for no panel.

    `column` is "main" or "side". The context's `says`, if any, is a sentence for the head of the page.
    """

    template: str
    context: Callable[[HttpRequest], dict[str, object] | None]
    capability: str
    column: str
    order: int


@dataclass(frozen=True)
class ChecklistStep:
    """A step of the first-run checklist. `done` looks at real rows."""

    label: StrOrPromise
    why: StrOrPromise
    url_name: str
    capability: str
    order: int
    done: Callable[[], bool]


@dataclass(frozen=True)
class PortalIdentity:
    """Whose contact a portal membership is, and in whose zone they read times."""

    client_id: UUID
    contact_id: UUID
    client_name: str
    zone: str


@dataclass(frozen=True)
class DemoLogin:
    """A sign-in of the demo, offered on the login page of a loopback installation."""

    role: StrOrPromise
    email: str
    password: str


NAV: list[NavItem] = []
COMMANDS: list[Command] = []
SETTINGS: list[SettingsPage] = []
SEARCH: list[SearchProvider] = []
TOPBAR: list[TopbarPart] = []
PANELS: list[PortalPanel] = []
CHECKLIST: list[ChecklistStep] = []
LANDINGS: dict[str, list[str]] = {}  # role -> URL names, best first; the first that exists is where the role lands
PORTAL_IDENTITY: list[Callable[[Membership], PortalIdentity | None]] = []
ON_ACCEPTED: list[Callable[[UUID, Membership], None]] = []  # (invitation subject, membership): clients link the contact
DEMO_LOGINS: list[Callable[[], list[DemoLogin]]] = []  # at most one: the demo says whom it made

# What accounts does, as sentences of the activity log; the log takes them from here, because it stands above.
SENTENCES: dict[str, StrOrPromise] = {
    "shop.created": _("%(actor)s made the shop %(name)s"),
    "shop.renamed": _("%(actor)s renamed the shop from %(before)s to %(after)s"),
    "shop.company_changed": _("%(actor)s changed the company's details"),
    "shop.brand_changed": _("%(actor)s changed the brand"),
    "shop.region_changed": _("%(actor)s changed zone, currency or language"),
    "shop.security_changed": _("%(actor)s changed the sign-in rules of staff"),
    "shop.start_dismissed": _("%(actor)s put the first steps away"),
    "invitation.sent": _("%(actor)s invited %(name)s at %(email)s"),
    "invitation.sent_again": _("%(actor)s invited %(name)s again at %(email)s"),
    "invitation.withdrawn": _("%(actor)s withdrew the invitation of %(name)s"),
    "membership.begun": _("%(actor)s accepted the invitation and joined"),
    "membership.roles_changed": _("%(actor)s changed the roles of %(name)s from %(before)s to %(after)s"),
    "membership.rights_changed": _("%(actor)s changed what %(name)s may do"),
    "membership.ended": _("%(actor)s ended the membership of %(name)s"),
    "membership.profile_changed": _("%(actor)s changed their profile"),
}

Offer = NavItem | Command | SettingsPage | SearchProvider | TopbarPart | PortalPanel | ChecklistStep


def offer(*offers: Offer) -> None:
    """Register what an app offers. Called once from its `AppConfig.ready`. Raises ValueError for a key that is taken."""
    for item in offers:
        if isinstance(item, NavItem | Command) and item.key:
            _take_key(item)
        match item:
            case NavItem():
                NAV.append(item)
            case Command():
                COMMANDS.append(item)
            case SettingsPage():
                SETTINGS.append(item)
            case SearchProvider():
                SEARCH.append(item)
            case TopbarPart():
                TOPBAR.append(item)
            case PortalPanel():
                PANELS.append(item)
            case ChecklistStep():
                CHECKLIST.append(item)


def _take_key(item: NavItem | Command) -> None:
    """Of two offers with one key a keyboard reaches one. Staff and the portal have keys of their own."""
    in_portal = item.capability in set(PortalCapability)
    taken: list[NavItem | Command] = [*NAV, *COMMANDS]
    for other in taken:
        if other.key == item.key and (other.capability in set(PortalCapability)) == in_portal:
            raise ValueError(f"{item.url_name} wants the key {item.key!r} of {other.url_name}")


def land(role: str, url_names: Iterable[str]) -> None:
    """Add pages on which a role may land; earlier registrations win, missing pages are skipped."""
    LANDINGS.setdefault(role, []).extend(url_names)
