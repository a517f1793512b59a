"""What clients offer to the shell, and what higher apps may add to the client page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from msp.accounts.choices import Capability, PortalCapability
from msp.accounts.registry import ChecklistStep, Command, Counted, Hit, NavItem, SearchProvider, SettingsPage
from msp.jobs.registry import Queue
from msp.webhooks.registry import EventKind

from .models import Client, Promise
from .queries import client_list
from .queries.complaints import unread_complaints


@dataclass(frozen=True)
class ClientPanel:
    """A part of the client page that a higher app serves: a URL name taking `client_slug`, loaded by htmx."""

    label: StrOrPromise
    url_name: str
    capability: str
    order: int


PANELS: list[ClientPanel] = []

Urls = Callable[[Sequence[UUID]], Mapping[UUID, str]]  # of a page's subjects, in one query


@dataclass(frozen=True)
class PromiseKind:
    """A kind of promise. `portal_words` is what its client reads in the portal ("We call you back"); without, it stays inside.

    `by_hand`: made by a person and kept by nothing the product sees, so people mark it done, move it and cancel it themselves.
    `quiet` stages remind nobody (half the time gone is no news); `pages`: outside the shop's hours who is on call is woken for it.
    `subject_url` and `portal_url` say where its subjects are shown, where SUBJECTS does not say it for their kind of row.
    """

    name: str
    label: StrOrPromise
    portal_words: StrOrPromise = ""
    by_hand: bool = False
    quiet: frozenset[str] = frozenset({"50"})
    pages: bool = False
    subject_url: Urls | None = None
    portal_url: Urls | None = None


@dataclass(frozen=True)
class PromiseSubject:
    """Where rows of a kind (`tickets.ticket`) are shown: to the shop, and to a client's contacts."""

    kind: str
    url: Urls
    portal_url: Urls | None = None


PROMISE_KINDS: dict[str, PromiseKind] = {}
SUBJECTS: dict[str, PromiseSubject] = {}


def offer_promises(*offers: PromiseKind | PromiseSubject) -> None:
    """Register kinds of promise and where their subjects are shown. Raises ValueError when a name is taken."""
    for item in offers:
        name = item.name if isinstance(item, PromiseKind) else item.kind
        if name in (PROMISE_KINDS if isinstance(item, PromiseKind) else SUBJECTS):
            raise ValueError(f"already registered: {name}")
        if isinstance(item, PromiseKind):
            PROMISE_KINDS[name] = item
        else:
            SUBJECTS[name] = item


def kind_of(name: str) -> PromiseKind:
    """A kind by name; one that a newer or older release made reads by its bare name."""
    return PROMISE_KINDS.get(name) or PromiseKind(name, name)


def paging_kinds() -> list[str]:
    """The kinds for which somebody is woken."""
    return [kind.name for kind in PROMISE_KINDS.values() if kind.pages]


def urls_of(promises: Iterable[Promise], *, portal: bool = False) -> dict[UUID, str]:
    """Where the subjects of promises are shown, by the promise's id; what is shown nowhere is left out. A query a kind."""
    groups: dict[Urls, list[Promise]] = defaultdict(list)
    for promise in promises:
        kind, subject = kind_of(promise.kind), SUBJECTS.get(promise.subject_kind)
        ask = kind.portal_url if portal else kind.subject_url
        if ask is None and subject is not None:
            ask = subject.portal_url if portal else subject.url
        if ask is not None:
            groups[ask].append(promise)
    found: dict[UUID, str] = {}
    for ask, rows in groups.items():
        urls = ask([row.subject_id for row in rows])
        found |= {row.pk: urls[row.subject_id] for row in rows if row.subject_id in urls}
    return found


def _find(words: str, limit: int) -> list[Hit]:
    rows = client_list(words=words).order_by("name")[:limit]
    return [Hit(row.name, row.trade, reverse("clients:detail", args=[row.slug]), _("Client")) for row in rows]


_UNREAD = Counted(lambda _request: unread_complaints(), "warn", _("private words that you have not read"))


OFFERS = (
    NavItem(_("Clients"), "clients:list", "building", Capability.CLIENTS_VIEW, "know", 10, key="g c", phone=True),
    NavItem(_("Promises"), "clients:promises", "thumb-up", Capability.TICKETS_VIEW, "watch", 30, key="g p"),
    NavItem(_("People"), "clients:portal-people", "users", PortalCapability.PEOPLE, "portal", 60, phone=True),
    NavItem(_("On call"), "clients:rota", "phone", Capability.TICKETS_VIEW, "work", 8),
    SettingsPage(
        _("Service hours"),
        "clients:calendars",
        "calendar-event",
        Capability.SETTINGS_MANAGE,
        34,
        _("Hours by weekday, public holidays, days of your own"),
    ),
    Command(_("Plan leave"), "clients:plan-leave", Capability.TICKETS_WORK),
    NavItem(
        _("Private words"),
        "clients:complaints",
        "lock",
        Capability.COMPLAINTS_READ,
        "owner",
        90,
        counted=_UNREAD,
    ),
    NavItem(_("Private word"), "clients:portal-private", "lock", "", "portal", 90),
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


def _client_urls(ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = Client.objects.filter(pk__in=ids).values_list("pk", "slug")
    return {pk: reverse("clients:detail", args=[slug]) for pk, slug in rows}


CALLBACK = "callback"
QUEUES = (
    # Tried for ever: see Promise.dead_state.
    Queue(
        "promises",
        _("Promises"),
        "clients.Promise",
        "clients.actions.sweeping.SweepPromises",
        batch=2_000,
        max_attempts=30_000,
    ),
    Queue(
        "reminders",
        _("Reminders of promises"),
        "clients.Reminder",
        "clients.actions.reminding.Remind",
        batch=1_000,
    ),
)
EVENTS = (
    EventKind("promise.made", _("Something is promised"), 20),
    EventKind("promise.at_risk", _("A promise is at risk"), 21),
    EventKind("promise.kept", _("A promise is kept, in time or late"), 22),
    EventKind("promise.broken", _("A promise is broken"), 23),
    EventKind("promise.moved", _("A promise gets another deadline"), 24),
    EventKind("promise.paused", _("The clock of a promise stops"), 25),
    EventKind("promise.resumed", _("The clock of a promise runs again"), 26),
    EventKind("promise.cancelled", _("A promise is cancelled"), 27),
)
PROMISES = (
    PromiseKind(CALLBACK, _("Call back"), portal_words=_("We get back to you"), by_hand=True),
    PromiseSubject("clients.client", _client_urls),
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
    "contact.bounced": _("Mail to %(name)s at %(email)s came back"),
    "contact.reached": _("%(name)s can be reached at %(email)s again"),
    "contact.archived": _("%(actor)s archived the contact %(name)s"),
    "contact.restored": _("%(actor)s brought the contact %(name)s back"),
    "contact.invited": _("%(actor)s invited %(name)s to the portal"),
    "contact.left": _("%(actor)s took the portal away from %(name)s"),
    "contact.joined": _("%(name)s can now use the portal"),
    "asset.created": _("%(actor)s added the equipment %(name)s"),
    "asset.changed": _("%(actor)s changed the equipment %(name)s"),
    "asset.archived": _("%(actor)s archived the equipment %(name)s"),
    "asset.restored": _("%(actor)s brought the equipment %(name)s back"),
    "calendar.created": _("%(actor)s added the service hours “%(name)s”"),
    "calendar.changed": _("%(actor)s changed the service hours “%(name)s”"),
    "calendar.day_closed": _("%(actor)s closed “%(name)s” on %(day)s: %(why)s"),
    "calendar.day_worked": _("%(actor)s opened “%(name)s” on %(day)s: %(why)s"),
    "calendar.day_removed": _("%(actor)s let %(day)s be like any other day in “%(name)s”"),
    "calendar.made_default": _("%(actor)s made “%(name)s” the shop's own service hours"),
    "calendar.archived": _("%(actor)s archived the service hours “%(name)s”"),
    "leave.planned": _("%(actor)s wrote down that %(name)s is away from %(first)s to %(last)s"),
    "leave.cancelled": _("%(actor)s cancelled the leave of %(name)s from %(first)s to %(last)s"),
    "on_call.planned": _("%(actor)s put %(name)s on call from %(start)s"),
    "on_call.removed": _("%(actor)s took the on-call shift of %(name)s from %(start)s off the rota"),
    "on_call.offered": _("%(actor)s asked %(to)s to take over the on-call shift of %(name)s from %(start)s"),
    "on_call.taken_over": _("%(name)s took over the on-call shift of %(from)s from %(start)s"),
    "on_call.declined": _("%(actor)s did not take over the on-call shift of %(name)s from %(start)s"),
    "on_call.kept": _("%(name)s keeps the on-call shift from %(start)s"),
    "client_note.created": _("%(actor)s wrote a note"),
    "client_note.changed": _("%(actor)s changed a note"),
    "client_note.pinned": _("%(actor)s put a note on top"),
    "client_note.unpinned": _("%(actor)s took a note from the top"),
    "client_note.archived": _("%(actor)s took a note off the page"),
    "client_note.restored": _("%(actor)s put a note back on the page"),
    "promise.made": _("%(actor)s promised: %(what)s"),
    "promise.kept": _("%(actor)s kept a promise: %(what)s"),
    "promise.kept_late": _("%(actor)s kept a promise late: %(what)s"),
    "promise.broken": _("A promise was broken: %(what)s"),
    "promise.paused": _("%(actor)s paused a promise, because %(because)s: %(what)s"),
    "promise.resumed": _("%(actor)s resumed a promise: %(what)s"),
    "promise.moved": _("%(actor)s moved a promise, because %(because)s: %(what)s"),
    "promise.cancelled": _("%(actor)s cancelled a promise, because %(because)s: %(what)s"),
    "promise.reopened": _("%(actor)s opened a promise again, because %(because)s: %(what)s"),
    "promise.reassigned": _("%(actor)s handed a promise to %(to)s: %(what)s"),
    "promise.unassigned": _("%(actor)s handed a promise to nobody: %(what)s"),
    "promise.explained": _("%(actor)s said why a promise was broken, %(because)s: %(what)s"),
    "promise.excluded": _("%(actor)s left a promise out of the kept rate, because %(because)s: %(what)s"),
}
