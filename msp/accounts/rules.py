"""What each role may do, who acts, and the letters that let people in: pure values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .choices import ActorKind, Capability, Role

_C = Capability
_TECHNICIAN = frozenset({_C.CLIENTS_VIEW, _C.CLIENTS_EDIT, _C.TICKETS_VIEW, _C.TICKETS_WORK})
_OFFICE = frozenset(
    {_C.CLIENTS_VIEW, _C.CLIENTS_EDIT, _C.TICKETS_VIEW, _C.BILLING_VIEW, _C.BILLING_DRAFT, _C.BILLING_APPROVE}
    | {_C.PAYMENTS_RECORD, _C.SYSTEM_VIEW, _C.SLA_APPROVE}
)

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.OWNER: frozenset(Capability),
    Role.OFFICE_MANAGER: _OFFICE,
    Role.DISPATCHER: _TECHNICIAN | {_C.TICKETS_ASSIGN, _C.SLA_APPROVE},
    Role.TECHNICIAN: _TECHNICIAN,
    Role.READ_ONLY: frozenset({_C.CLIENTS_VIEW, _C.TICKETS_VIEW}),
}


def capabilities_of(roles: Iterable[str], granted: Iterable[str] = ()) -> frozenset[str]:
    """The rights of someone with these roles plus the ones given by hand. Unknown values give nothing."""
    known = {role for role in Role if role in set(roles)}
    return frozenset(granted).union(*(CAPABILITIES[role] for role in known))


def roles_in_words(roles: Iterable[str]) -> str:
    """The roles by their labels, in the reader's language."""
    return ", ".join(str(Role(role).label) for role in roles)


@dataclass(frozen=True)
class Actor:
    """Who did it. Audit keeps kind, id and the name as it was then."""

    kind: ActorKind
    id: str
    name: str


def system_actor(name: str) -> Actor:
    """The product itself, acting as the named worker, for example `invoice dispatch`."""
    return Actor(ActorKind.SYSTEM, "", name)


@dataclass(frozen=True)
class Letter:
    """A mail that lets someone in: an invitation, a code, a notice about their sign-in. `purpose` is unique for ever.

    `tenant_id`: the shop that invites; None for what concerns one's own sign-in, which is no shop's business. Either way
    it goes by the installation's mail server: a shop that could read the mail could take over its people's sign-in, and
    with it what they are in other shops. After `good_until` what it says lets nobody in, and it is not sent any more. `link` is the one address in
    the text that becomes a link: names in it are other people's words.
    """

    purpose: str
    tenant_id: int | None
    to: str
    subject: str
    text: str
    good_until: datetime | None = None
    link: str = ""
