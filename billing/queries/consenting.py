"""Which drafts their clients want to approve themselves, and what became of asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from billing.choices import DocumentKind
from billing.models import Agreement, AgreementVersion, ClientApproval, Invoice, InvoiceLine
from billing.rules.consenting import Need, Shown, fingerprint
from clients.models import Contact

from .agreements import agreements_for, version_on, versions_of
from .lists import shop_today

_NEVER = frozenset({DocumentKind.CREDIT_NOTE, DocumentKind.PROFORMA})  # nothing is charged by them


@dataclass(frozen=True)
class Consents:
    """A draft above its client's limit. `latest`: the last that was asked or written down about it."""

    need: Need
    approver: Contact | None
    latest: ClientApproval | None
    fingerprint: str
    shown: list[Shown]

    @property
    def given(self) -> ClientApproval | None:
        """The approval that counts."""
        return self.latest if self.need.is_met else None

    @property
    def is_waiting(self) -> bool:
        return self.latest is not None and self.latest.is_asked and self.need.is_same


def consents_of(
    invoices: Sequence[Invoice],
    lines: Mapping[UUID, Sequence[InvoiceLine]],
    versions: Mapping[UUID, AgreementVersion],
    today: date,
) -> dict[UUID, Consents]:
    """Invoice id → what its client's approval is about; below every limit it is left out.

    `versions`: client id → what its agreement says today; of what another agreement charges, a project say, that one's limit comes
    first. No query where no agreement sets a limit, else up to three.
    """
    own = _own_versions([line for invoice in invoices for line in lines[invoice.pk]], today)
    asking: dict[UUID, AgreementVersion] = {}
    for invoice in invoices:
        said = [*(own[key] for key in _agreements(lines[invoice.pk]) if key in own), versions.get(invoice.client_id)]
        version = next((each for each in said if each is not None and each.approval_limit is not None), None)
        if version is not None and invoice.kind not in _NEVER and invoice.net > version.approval_limit:  # type: ignore[operator]
            asking[invoice.pk] = version
    latest: dict[UUID, ClientApproval] = {}
    if asking:
        for row in ClientApproval.objects.filter(invoice__in=asking).order_by("asked_at", "id"):
            latest[row.invoice_id] = row
    of_invoice = {invoice.pk: invoice for invoice in invoices}
    return {pk: _consents(of_invoice[pk], lines[pk], version, latest.get(pk)) for pk, version in asking.items()}


def _consents(
    invoice: Invoice, lines: Sequence[InvoiceLine], version: AgreementVersion, latest: ClientApproval | None
) -> Consents:
    shown = _shown(lines)
    mark = fingerprint(invoice.currency, shown)
    so_far = (latest.state, latest.fingerprint == mark, latest.words) if latest else ("", False, "")
    assert version.approval_limit is not None
    need = Need(version.approval_limit, version.approver.name if version.approver else "", *so_far)
    return Consents(need, version.approver, latest, mark, shown)


def _shown(lines: Sequence[InvoiceLine]) -> list[Shown]:
    return [Shown(x.description, x.detail, x.quantity, x.unit_price, x.amount) for x in lines]


def fingerprint_of(invoice: Invoice, lines: Sequence[InvoiceLine]) -> str:
    """What an approval of these lines is bound to."""
    return fingerprint(invoice.currency, _shown(lines))


def _agreements(lines: Sequence[InvoiceLine]) -> list[UUID]:
    """The agreements whose charges and milestones these lines are."""
    return list(dict.fromkeys(UUID(x.source["agreement_id"]) for x in lines if "agreement_id" in x.source))


def _own_versions(lines: Sequence[InvoiceLine], today: date) -> dict[UUID, AgreementVersion]:
    if not (keys := _agreements(lines)):
        return {}
    rows = versions_of(Agreement.objects.filter(pk__in=keys))
    return {key: version_on(versions, today) or versions[0] for key, versions in rows.items()}


def consent_of(invoice: Invoice, now: datetime) -> Consents | None:
    """The same of one draft, knowing its client."""
    today = shop_today(now)
    lines = list(InvoiceLine.objects.filter(invoice=invoice).order_by("position"))
    return consents_of([invoice], {invoice.pk: lines}, agreements_for([invoice.client], today), today).get(invoice.pk)
