"""Whose an e-mail address is."""

from __future__ import annotations

from clients.choices import NameKind
from clients.models import Client, Contact, KnownName
from clients.rules.names import LONGEST_KEY, domain_of


def contacts_at(address: str) -> list[Contact]:
    """The living contacts of living clients with this address: several when one person works for several clients."""
    rows = Contact.objects.living().filter(email__iexact=address, client__archived_at=None)
    return list(rows.select_related("client", "membership").order_by("client__is_unsorted", "pk")[:20])


def clients_of_domain(address: str) -> list[Client]:
    """The living clients that the address's domain belongs to, by their website and their people's addresses; at most three."""
    domain = domain_of(address)
    if not domain:
        return []
    named = KnownName.objects.filter(kind=NameKind.DOMAIN, key=domain[:LONGEST_KEY]).values("client")
    return list(Client.objects.living().filter(pk__in=named, is_unsorted=False).order_by("pk")[:3])
