"""Who a mail seems to be from, and what that person is to a ticket's client."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from clients.models import Client, Contact
from clients.queries import clients_of_domain, contacts_at
from msp.accounts.choices import MembershipKind
from msp.accounts.models import Membership
from msp.mail.models import InboundMessage
from tickets.models import Ticket
from tickets.rules.joining import Who


@dataclass(frozen=True)
class Sender:
    """What our records say about a From address. `forged`: the mailbox's own receiving server says that the domain did not send it.

    `vouched`: the same server says that it did. Without its word neither is known.
    """

    name: str
    address: str
    contacts: list[Contact] = field(default_factory=list)
    by_domain: list[Client] = field(default_factory=list)
    member: Membership | None = None
    forged: bool = False
    vouched: bool = False

    @property
    def shown(self) -> str:
        return f"{self.name} <{self.address}>" if self.name and self.address else self.name or self.address

    def of(self, client_id: UUID) -> Contact | None:
        """Their living contact at a client."""
        return next((each for each in self.contacts if each.client_id == client_id), None)

    def to(self, ticket: Ticket) -> Who:
        """What they are to the client of a ticket."""
        if self.forged or not self.address:
            return Who.STRANGER
        if self.member is not None:
            return Who.STAFF
        own = self.of(ticket.client_id)
        # Strangers share the client Unsorted and are nobody's colleagues there.
        if own is not None and (not own.client.is_unsorted or own.pk == ticket.contact_id):
            return Who.OWN
        if [each for each in self.contacts if not each.client.is_unsorted] or self._elsewhere(ticket):
            return Who.OTHER
        return Who.STRANGER

    def _elsewhere(self, ticket: Ticket) -> bool:
        return any(each.pk != ticket.client_id for each in self.by_domain)


def who_wrote(message: InboundMessage) -> Sender:
    """The sender of a message by our records. Four queries at most."""
    address = message.from_address
    dmarc = _verdict(message)
    if not address or not message.reading.get("one_sender", True):
        return Sender(message.from_name, address, forged=not message.reading.get("one_sender", True))
    contacts = contacts_at(address)
    return Sender(
        message.from_name,
        address,
        contacts,
        [] if contacts else clients_of_domain(address),
        _member_at(address),
        forged=dmarc == "fail",
        vouched=dmarc == "pass",
    )


def _member_at(address: str) -> Membership | None:
    rows = Membership.objects.filter(user__email=address, kind=MembershipKind.STAFF, ended_at=None)
    return rows.select_related("user").first()


def _verdict(message: InboundMessage) -> str:
    """DMARC's result for the From domain, by the one server that the mailbox's settings name; "" without."""
    trusted = message.mailbox.trusted_server.strip().lower()
    domain = message.from_address.rpartition("@")[2]
    # A receiving server puts its header on top of those that a sender wrote.
    first = next((each for each in message.reading.get("verdicts", []) if each.get("server") == trusted), None)
    if not trusted or first is None or (first.get("domain") and first["domain"] != domain):
        return ""
    return str(first.get("dmarc", ""))
