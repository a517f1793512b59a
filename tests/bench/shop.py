"""A shop of any size, believable in its proportions: a client for every few dozen tickets, three messages a ticket, a tenth
of the tickets open, an invoice for every five of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from billing.models import BillingSettings, Series
from clients.models import Asset, Client, ClientNote, Contact, Promise, Site
from msp.accounts.choices import MembershipKind, PortalCapability, Role
from msp.accounts.models import Membership, ShopSettings, User
from msp.audit.models import Entry
from msp.search.models import Found, Token
from msp.search.rules import tokens_of
from msp.tenancy.ids import new_id
from msp.tenancy.models import Tenant
from tests.bench.bills import BILLED, Bill, Rows
from tests.bench.copying import Row, copy
from tickets.models import Message, SlaClock, Ticket, TicketSettings, TimeEntry

DAYS = 3 * 365
OPEN_SHARE = 0.05
TECHNICIANS = 12
TICKETS_AN_INVOICE = 5
PAID_SHARE = 0.9
CHUNK = 5_000  # tickets a transaction
FIRST = (
    "Harbour",
    "Orchard",
    "Calder",
    "Quay",
    "Mill",
    "Bridge",
    "Station",
    "Park",
    "Castle",
    "Abbey",
    "Vale",
    "North",
)
LAST = (
    "Dental",
    "Legal",
    "Foods",
    "Motors",
    "Books",
    "Design",
    "Logistics",
    "Surgery",
    "Accounts",
    "Estates",
    "School",
)
THINGS = ("printer", "laptop", "mailbox", "server", "phone", "scanner", "router", "backup", "screen", "licence", "till")
TROUBLES = (
    "offline",
    "slow",
    "will not start",
    "needs a password",
    "keeps restarting",
    "shows an error",
    "to be moved",
)
SAID = (
    "It has been like this since the morning and three of us cannot work.\n\nCould somebody look at it before noon?",
    "I have looked at it from here and it is the driver again.\n\nThe new one is on its way to the machine now; please "
    "leave it switched on over lunch, and tell us whether it prints the long document afterwards.",
    "Thanks, that works. The other one in the back office does the same now and then, but it is not urgent.",
)


@dataclass
class Grown:
    """A shop that can be made larger, and what is needed to visit it."""

    slug: str
    tenant_id: int = 0
    tickets: int = 0
    invoices: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311  the same rows every time
    technicians: list[UUID] = field(default_factory=list)
    clients: list[tuple[UUID, str, str, UUID]] = field(default_factory=list)  # id, slug, name, contact
    unbilled: dict[UUID, list[tuple[UUID, UUID, int]]] = field(default_factory=dict)
    series: UUID = field(default_factory=new_id)
    loaded: datetime = field(default_factory=lambda: datetime.now(UTC))
    start: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=DAYS))
    owner: str = ""
    contact: str = ""


def begin(slug: str) -> Grown:
    """A shop with its people and settings, and nothing else."""
    shop = Grown(slug)
    tenant = Tenant.objects.using("owner").create(slug=slug, name=slug.title())
    shop.tenant_id = tenant.pk
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        one = {"tenant_id": tenant.pk}
        copy(cursor, ShopSettings, [one | {"legal_name": slug.title()}])
        copy(cursor, TicketSettings, [one | {"next_number": 10_000_000}])
        copy(cursor, BillingSettings, [one | {"hourly_rate": 85, "tax_rate": 20}])
        copy(cursor, Series, [one | {"id": shop.series, "kind": "invoice", "prefix": "INV-", "next_number": 1_000_000}])
        roles = [Role.OWNER, *[Role.TECHNICIAN] * TECHNICIANS]
        shop.technicians = [_person(cursor, shop, f"staff{n}", roles=[role]) for n, role in enumerate(roles)]
    shop.owner = f"staff0@{slug}.example"
    return shop


def _person(cursor: Any, shop: Grown, name: str, **given: Any) -> UUID:
    user, membership = new_id(), new_id()
    copy(cursor, User, [{"id": user, "email": f"{name}@{shop.slug}.example"}])
    person = {"id": membership, "tenant_id": shop.tenant_id, "user_id": user, "name": f"{name.title()} Person"}
    copy(cursor, Membership, [person | given])
    return membership


def grow(shop: Grown, tickets: int) -> None:
    """Add rows until the shop has so many tickets, with everything else in proportion."""
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        _clients(cursor, shop, max(20, int(1.3 * tickets**0.5)))
    _freeze("disable")
    span = timedelta(days=DAYS) / max(1, tickets - shop.tickets)
    first = shop.tickets
    while shop.tickets < tickets:
        upto = min(shop.tickets + CHUNK, tickets)
        rows = _Tickets(shop)
        for number in range(shop.tickets + 1, upto + 1):
            rows.add(number, shop.start + span * (number - first))
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            for table, found in rows.rows.items():
                copy(cursor, table, found)
        shop.tickets = upto
    _freeze("enable")
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")


def _freeze(verb: str) -> None:
    """Issued invoices are frozen by triggers and come into being as drafts only; figures need them at once."""
    with connections["owner"].cursor() as cursor:
        for model in BILLED:
            cursor.execute(f"alter table {model._meta.db_table} {verb} trigger user")


def _clients(cursor: Any, shop: Grown, wanted: int) -> None:
    for number in range(len(shop.clients), wanted):
        client, site, contact, name = new_id(), new_id(), new_id(), _client_name(number)
        slug = f"{name.lower().replace(' ', '-')}"
        of = {"tenant_id": shop.tenant_id, "client_id": client}
        place = {"country": "GB", "zone": "Europe/London", "currency": "GBP", "language": "en"}
        copy(cursor, Client, [{"id": client, "tenant_id": shop.tenant_id, "name": name, "slug": slug} | place])
        copy(cursor, Site, [of | {"id": site, "name": "Main site", "zone": "Europe/London", "is_main": True}])
        rights = {"kind": MembershipKind.CONTACT, "granted": list(PortalCapability)}
        member = _person(cursor, shop, f"contact{number}", **rights)
        person = of | {"site_id": site, "language": "en"}
        copy(cursor, Contact, [person | {"id": contact, "membership_id": member, "name": f"Contact {number}"}])
        copy(cursor, Contact, [person | {"name": f"Colleague {number}.{n}"} for n in range(3)])
        copy(cursor, Asset, [of | {"site_id": site, "name": f"PC-{number}-{n}"} for n in range(8)])
        copy(cursor, ClientNote, [of | {"author_name": "Staff", "body": "Park behind the house."} for _ in range(2)])
        shop.clients.append((client, slug, name, contact))
    shop.contact = f"contact0@{shop.slug}.example"


def _client_name(number: int) -> str:
    lap, place = divmod(number, len(FIRST) * len(LAST))
    name = f"{FIRST[place % len(FIRST)]} {LAST[place // len(FIRST)]}"
    return f"{name} {lap + 1}" if lap else name


class _Tickets:
    """The rows of a few thousand tickets, table by table."""

    def __init__(self, shop: Grown) -> None:
        self.shop = shop
        tables = (
            Ticket,
            Promise,
            SlaClock,
            Message,
            TimeEntry,
            Found,
            Token,
            Entry,
            *BILLED,
        )
        self.rows: dict[Any, list[Row]] = {table: [] for table in tables}

    def add(self, number: int, at: datetime) -> None:
        """A ticket opened `at`, and its client's invoice when enough work has come together."""
        shop = self.shop
        client = shop.rng.choice(shop.clients)
        work = shop.unbilled.setdefault(client[0], [])
        work.append(self._ticket(number, client, at))
        if len(work) == TICKETS_AN_INVOICE:
            self._invoice(client, work, at + timedelta(days=1))
            shop.unbilled[client[0]] = []

    def _ticket(self, number: int, client: tuple[UUID, str, str, UUID], at: datetime) -> tuple[UUID, UUID, int]:
        rng, ticket, first = self.shop.rng, new_id(), new_id()
        subject = f"{rng.choice(THINGS).title()} {rng.choice(TROUBLES)} at {client[2]}"
        is_open = rng.random() < OPEN_SHARE
        who, of = rng.choice(self.shop.technicians), {"tenant_id": self.shop.tenant_id, "client_id": client[0]}
        status = rng.choice(("new", "in_progress", "waiting_client", "scheduled")) if is_open else "solved"
        worked, mine = at + timedelta(hours=rng.randint(1, 30)), status != "new" or rng.random() < 0.5
        self.rows[Ticket].append(
            of
            | {"id": ticket, "number": number, "contact_id": client[3], "subject": subject, "status": status}
            | {"assignee_id": who if mine else None, "created_at": at, "changed_at": worked}
            | self._promises(
                {"subject_id": ticket, "words": f"#{number}"},
                of,
                who if mine else None,
                at,
                None if is_open else worked,
            )
            | {
                "solved_at": None if is_open else worked,
                "first_replied_at": worked,
                "priority": rng.choice((2, 3, 3, 4)),
            }
        )
        on = of | {"ticket_id": ticket}
        self._conversation(on, first, who, client[3], at)
        entry, minutes = self._work(on, who, worked, is_open=is_open)
        self._findable(
            kind="ticket", subject=ticket, client=client, label=f"#{number} {subject}", url=f"/tickets/{number}/", at=at
        )
        of_it = {"subject_kind": "tickets.ticket", "subject_id": ticket, "at": at, "actor_name": "Somebody"}
        for verb in ("ticket.opened", "ticket.solved"):
            self.rows[Entry].append(of | of_it | {"verb": verb, "actor_kind": "person"})
        return ticket, entry, minutes

    def _promises(self, about: Row, of: Row, who: UUID | None, at: datetime, solved: datetime | None) -> Row:
        """The first reply was in time. The solution is kept, kept late, or still owed; then the ticket's place in the queue follows."""
        hours = self.shop.rng.randint(1, 200)
        owed = self.shop.loaded + timedelta(hours=hours)
        for kind, target, end in (("first_response", 4, at + timedelta(hours=1)), ("resolution", 24, solved)):
            due = at + timedelta(hours=target) if end else owed
            promise, late = new_id(), bool(end and end > due)
            what = about | {"kind": kind, "subject_kind": "tickets.ticket"}
            when = {"made_at": at, "promised_at": due, "risk_at": due - timedelta(hours=target / 4)}
            state = {"state": "broken" if late else "kept", "kept_at": end, "broken_at": due if late else None}
            became = {"due_at": due} | (state | {"finished_at": end} if end else {"state": "open"})
            self.rows[Promise].append(of | what | when | became | {"id": promise, "owner_id": who, "shown": True})
            clock = {
                "ticket_id": about["subject_id"],
                "promise_id": promise,
                "kind": kind,
                "priority": 3,
                "started_at": at,
            }
            self.rows[SlaClock].append(
                of | clock | {"ended_at": end, "target_minutes": target * 60, "took_minutes": 60 if end else None}
            )
        return {"next_clock_at": None if solved else owed, "queue_at": solved or owed}

    def _conversation(self, on: Row, first: UUID, who: UUID, contact_id: UUID, at: datetime) -> None:
        voices = [("public", None, contact_id), ("public", who, None), ("internal", who, None)]
        for turn, (visibility, author, contact) in enumerate(voices):
            moment = at + timedelta(minutes=20 * turn)
            said = {"visibility": visibility, "author_id": author, "contact_id": contact, "author_name": "Somebody"}
            when = {"at": moment, "visible_at": moment, "body": SAID[turn], "form_key": new_id()}
            self.rows[Message].append(on | said | when | ({"id": first} if turn == 0 else {}))

    def _work(self, on: Row, who: UUID, worked: datetime, *, is_open: bool) -> tuple[UUID, int]:
        entry, minutes = new_id(), self.shop.rng.randint(5, 120)
        done = {"id": entry, "member_id": who, "started_at": worked, "minutes": minutes, "note": "Looked into it"}
        self.rows[TimeEntry].append(
            on
            | done
            | {
                "locked_because": "" if is_open else "invoiced",
                "created_at": worked,
                "finished_at": None if is_open else worked,
            }
        )
        return entry, minutes

    def _findable(
        self, *, kind: str, subject: UUID, client: tuple[UUID, str, str, UUID], label: str, url: str, at: datetime
    ) -> None:
        found, tenant = new_id(), self.shop.tenant_id
        row = {"id": found, "tenant_id": tenant, "kind": kind, "subject_id": subject, "client_id": client[0]}
        self.rows[Found].append(row | {"label": label, "hint": client[2], "url": url, "at": at})
        words = tokens_of([label.split(maxsplit=1)[0]], [label, client[2]], [SAID[0]])
        of = {"tenant_id": tenant, "found_id": found, "kind": kind, "at": at}
        self.rows[Token] += [of | {"token": token, "weight": int(weight)} for token, weight in words.items()]

    def _invoice(self, client: tuple[UUID, str, str, UUID], work: list[tuple[UUID, UUID, int]], at: datetime) -> None:
        shop, rows = self.shop, Rows()
        shop.invoices += 1
        number, paid = f"INV-{shop.invoices:06}", shop.rng.random() < PAID_SHARE
        bill = Bill(shop.tenant_id, client[0], client[2], shop.slug.title(), shop.series, shop.invoices, number, at)
        invoice = bill.add_to(rows, work, paid=paid)
        for table, found in rows.items():
            self.rows[table] += found
        url = f"/billing/invoices/{invoice}/"
        self._findable(kind="invoice", subject=invoice, client=client, label=number, url=url, at=at)


def visits(shop: Grown) -> Iterator[str]:
    """Numbers of tickets spread over the whole shop."""
    step = max(1, shop.tickets // 97)
    return (str(number) for number in range(1, shop.tickets + 1, step))
