"""What the demo's two shops are like, before anything has happened in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from msp.accounts.choices import Role

PASSWORD = "mainstay-demo"  # noqa: S105  printed by `up` and shown on the login page of a loopback installation
DAYS = 90


@dataclass(frozen=True)
class Colleague:
    """Someone who works in a shop. `on_call` also works in the demo's last hours, whatever day and hour it is."""

    name: str
    roles: tuple[Role, ...]
    mobile: str
    on_call: bool = False

    @property
    def email_name(self) -> str:
        return self.name.split()[0].lower()


@dataclass(frozen=True)
class PortalPerson:
    """A client's contact who signs in to the portal: at the clients named, with these rights."""

    name: str
    email: str
    title: str
    clients: tuple[str, ...]
    rights: tuple[str, ...]


@dataclass(frozen=True)
class ShopPlan:
    slug: str
    name: str
    legal_name: str
    address: str
    phone: str
    tax_id: str
    registration: str
    hue: int
    hourly_rate: Decimal
    bank_details: str
    staff: tuple[Colleague, ...]
    portal: tuple[PortalPerson, ...]
    clients: int
    tickets: int
    days: int = DAYS
    first_invoice: int = 1

    @property
    def domain(self) -> str:
        return f"{self.slug}.example"

    def email_of(self, colleague: Colleague) -> str:
        return f"{colleague.email_name}@{self.domain}"

    def scaled(self, *, clients: int, tickets: int, days: int) -> ShopPlan:
        """The same shop with less in it."""
        return replace(self, clients=clients, tickets=tickets, days=days)


ALL_OF_IT = ("portal.requests", "portal.quotes", "portal.invoices", "portal.documents", "portal.people")
REQUESTS = ("portal.requests",)
BOOKS = ("portal.invoices", "portal.documents")

NORTHGATE = ShopPlan(
    slug="northgate",
    name="Northgate IT",
    legal_name="Northgate IT Ltd",
    address="14 Cloth Hall Street\nKelderby\nWX4 2NG",
    phone="+44 1632 960100",
    tax_id="GB 999 4127 86",
    registration="Registered in England 99904127",
    hue=245,
    hourly_rate=Decimal("88.00"),
    bank_details="Invented Bank plc, sort code 00-00-00, account 00004127.\nPlease give the invoice number.",
    staff=(
        Colleague("Jonas Fenwick", (Role.OWNER,), "+44 7700 900101"),
        Colleague("Grace Holloway", (Role.OFFICE_MANAGER,), "+44 7700 900102"),
        Colleague("Leanne Ormond", (Role.DISPATCHER,), "+44 7700 900103"),
        Colleague("Tom Whitfield", (Role.TECHNICIAN,), "+44 7700 900104", on_call=True),
        Colleague("Maya Okafor", (Role.TECHNICIAN,), "+44 7700 900105", on_call=True),
        Colleague("Priya Nair", (Role.TECHNICIAN,), "+44 7700 900106"),
        Colleague("Dan Kowalski", (Role.TECHNICIAN,), "+44 7700 900107"),
        Colleague("Callum Reid", (Role.TECHNICIAN,), "+44 7700 900108"),
        Colleague("Imran Sadiq", (Role.READ_ONLY,), "+44 7700 900109"),
    ),
    portal=(
        PortalPerson(
            "Helen Marsh", "helen@harbour-dental.example", "Practice manager", ("Harbour Dental Practice",), ALL_OF_IT
        ),
        PortalPerson(
            "Ruth Ellison",
            "ruth@ellison-books.example",
            "Bookkeeper",
            ("Moss Valley Brewery", "Lowmoor Joinery"),
            BOOKS,
        ),
        PortalPerson(
            "Sophie Bright", "sophie@calder-bright.example", "Partner", ("Calder & Bright Solicitors",), ALL_OF_IT
        ),
        PortalPerson(
            "Martin Ashdown", "martin@kestrel-engineering.example", "Finance director", ("Kestrel Engineering",), BOOKS
        ),
        PortalPerson(
            "Nadine Clegg",
            "nadine@kelder-valley.example",
            "Office manager",
            ("Kelder Valley Housing Association",),
            REQUESTS,
        ),
    ),
    clients=64,
    tickets=840,
    first_invoice=1633,
)

LOWMOOR = ShopPlan(
    slug="lowmoor",
    name="Lowmoor Computers",
    legal_name="Lowmoor Computers Ltd",
    address="3 Spinners Way\nLowmoor\nWX21 7LC",
    phone="+44 1632 960700",
    tax_id="GB 999 7315 02",
    registration="Registered in England 99907315",
    hue=25,
    hourly_rate=Decimal("65.00"),
    bank_details="Invented Bank plc, sort code 00-00-00, account 00007315.",
    staff=(
        Colleague("Bernadette Shaw", (Role.OWNER, Role.TECHNICIAN), "+44 7700 900201", on_call=True),
        Colleague("Ewan Pryce", (Role.TECHNICIAN,), "+44 7700 900202"),
        Colleague("Asha Mistry", (Role.TECHNICIAN,), "+44 7700 900204"),
        Colleague("Gareth Lumb", (Role.TECHNICIAN,), "+44 7700 900205"),
        Colleague("Nadia Haigh", (Role.OFFICE_MANAGER, Role.DISPATCHER), "+44 7700 900203"),
    ),
    portal=(),
    clients=26,
    tickets=560,
    first_invoice=58,
)

PLANS = (NORTHGATE, LOWMOOR)
