"""Which agreements hold for a client on a day, and what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from billing.choices import AgreementKind, TrueUp
from billing.models import Agreement, AgreementVersion
from billing.rules.signing import terms_hash
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
    by_client: dict[UUID, list[Agreement]] = defaultdict(list)
    for agreement in Agreement.objects.filter(client__in=list(clients)).running(on):
        by_client[agreement.client_id].append(agreement)
    leads = {client_id: leading(rows, on) for client_id, rows in by_client.items()}
    versions = versions_of(row for row in leads.values() if row is not None)
    found = {client_id: version_on(versions[row.pk], on) for client_id, row in leads.items() if row is not None}
    return {client_id: version for client_id, version in found.items() if version is not None}


def leading(agreements: Iterable[Agreement], on: date) -> Agreement | None:
    """Of a client's agreements the one that says the rates on a day; of one kind the one that began last."""
    running = (row for row in agreements if row.kind in _LEADS and row.runs_on(on))
    return min(running, key=_rank, default=None)


def _rank(agreement: Agreement) -> tuple[int, int, str]:
    return _LEADS.index(AgreementKind(agreement.kind)), -agreement.starts_on.toordinal(), str(agreement.pk)


def versions_of(agreements: Iterable[Agreement]) -> dict[UUID, list[AgreementVersion]]:
    """Agreement id -> its versions, the first first. One query; their agreements are those given."""
    by_id = {agreement.pk: agreement for agreement in agreements}
    found: dict[UUID, list[AgreementVersion]] = defaultdict(list)
    rows = AgreementVersion.objects.filter(agreement__in=by_id).select_related("approver")
    for version in rows.order_by("valid_from", "number"):
        version.agreement = by_id[version.agreement_id]
        found[version.agreement_id].append(version)
    return found


def version_on(versions: Iterable[AgreementVersion], on: date) -> AgreementVersion | None:
    """Of an agreement's versions the one in force on a day."""
    return max((v for v in versions if v.valid_from <= on), key=lambda v: v.valid_from, default=None)


_NOT_TERMS = {"id", "tenant", "agreement", "client", "number", "valid_from", "because", "made_by", "made_at"}


def terms_columns() -> list[str]:
    """The columns of a version that are its terms."""
    return [each.attname for each in AgreementVersion._meta.local_concrete_fields if each.name not in _NOT_TERMS]


_SIGNED = (
    "name",
    "kind",
    "currency",
    "starts_on",
    "ends_on",
    "renewal",
    "term_months",
    "notice_days",
    "period",
    "in_advance",
)
_SIGNED_ITEM = ("label", "basis", "asset_kind", "site_id", "count_rule", "quantity", "at_least", "unit_price")


def signed_hash(version: AgreementVersion) -> str:
    """The hash of all that a version says, to show later that nothing of it changed."""
    agreement = {name: getattr(version.agreement, name) for name in _SIGNED}
    terms = {name: getattr(version, name) for name in [*terms_columns(), "valid_from"]}
    if terms["true_up"] == TrueUp.NONE:
        del terms["true_up"]  # all that was signed before it could be said: its hash stays
    items = [{name: getattr(item, name) for name in _SIGNED_ITEM} for item in version.items.order_by("position")]
    return terms_hash(agreement, terms, items)
