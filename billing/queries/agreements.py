"""Which agreements hold for a client on a day, and what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from billing.choices import AgreementKind
from billing.models import Agreement, AgreementVersion
from clients.models import Client

# Of several running agreements this one says the rates and the way of billing. A project says so for its own tickets only.
_LEADS = [AgreementKind.FIXED, AgreementKind.RETAINER, AgreementKind.BLOCK, AgreementKind.TIME]


def agreement_for(client: Client, on: date) -> AgreementVersion | None:
    """The version that leads for a client on a day, with its agreement; None: the client's terms and the shop's settings hold.

    `sent_within_hours`, `grouping`, `weekend_counts`, `po_limit`, `approval_limit`, `payment_days` … stand on it. Two queries.
    """
    return agreements_for([client], on).get(client.pk)


def agreements_for(clients: Iterable[Client], on: date) -> dict[UUID, AgreementVersion]:
    """Client id -> the version that leads on a day. Two queries for any number of clients."""
    running = Agreement.objects.filter(client__in=list(clients)).exclude(kind=AgreementKind.PROJECT).running(on)
    leading: dict[UUID, Agreement] = {}
    for agreement in running:
        known = leading.get(agreement.client_id)
        if known is None or _rank(agreement) < _rank(known):
            leading[agreement.client_id] = agreement
    versions = versions_of(leading.values())
    found = {client_id: version_on(versions[row.pk], on) for client_id, row in leading.items()}
    return {client_id: version for client_id, version in found.items() if version is not None}


def _rank(agreement: Agreement) -> tuple[int, int, str]:
    """The kind first; of one kind the one that began last."""
    return _LEADS.index(AgreementKind(agreement.kind)), -agreement.starts_on.toordinal(), str(agreement.pk)


def versions_of(agreements: Iterable[Agreement]) -> dict[UUID, list[AgreementVersion]]:
    """Agreement id -> its versions, the first first. One query; their agreements are those given."""
    by_id = {agreement.pk: agreement for agreement in agreements}
    found: dict[UUID, list[AgreementVersion]] = defaultdict(list)
    for version in AgreementVersion.objects.filter(agreement__in=by_id).order_by("valid_from", "number"):
        version.agreement = by_id[version.agreement_id]
        found[version.agreement_id].append(version)
    return found


def version_on(versions: Iterable[AgreementVersion], on: date) -> AgreementVersion | None:
    """Of an agreement's versions the one in force on a day."""
    return max((v for v in versions if v.valid_from <= on), key=lambda v: v.valid_from, default=None)
