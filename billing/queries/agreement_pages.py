"""Lists of agreements, and everything one agreement's page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet

from billing.choices import AgreementState, BlockKind
from billing.models import (
    Acceptance,
    Agreement,
    AgreementCharge,
    AgreementItem,
    AgreementTicket,
    AgreementVersion,
    Block,
    CoveredWork,
    ItemCount,
    Milestone,
)
from clients.models import Client
from msp.audit.models import Entry
from msp.tenancy.keyset import Page, page_of

from .agreements import version_on
from .charging import COUNTED, Waiting, due_periods, items_of

ACTIVITY, SHOWN = 30, 12


class View(StrEnum):
    """The views of the list."""

    ACTIVE = "active"
    DRAFT = "draft"
    ENDED = "ended"
    ALL = "all"


def agreement_rows(view: View, words: str = "") -> QuerySet[Agreement]:
    """Agreements of a view; words find a name of the agreement or of its client."""
    rows = Agreement.objects.select_related("client")
    if view is not View.ALL:
        rows = rows.filter(state=AgreementState(view.value))
    for word in words.split():
        name = Q(name__icontains=word) | Q(client__name__istartswith=word) | Q(client__name__icontains=f" {word}")
        rows = rows.filter(name)
    return rows


def agreement_page(view: View, words: str, params: Mapping[str, str], size: int = 50) -> Page[Agreement]:
    return page_of(agreement_rows(view, words), order=("-created_at", "-id"), params=params, size=size)


@dataclass(frozen=True)
class ItemShown:
    """A recurring charge with the number that holds now and how it came to it, the newest first."""

    item: AgreementItem
    quantity: Decimal
    log: list[ItemCount]

    @property
    def is_counted(self) -> bool:
        return self.item.basis in COUNTED

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.item.unit_price


@dataclass(frozen=True)
class AgreementDetail:
    """`version` is the one in force on `today`, or the first before its start."""

    agreement: Agreement
    today: date
    version: AgreementVersion
    versions: list[AgreementVersion]
    items: list[ItemShown]
    blocks: list[Block]
    milestones: list[Milestone]
    charges: list[AgreementCharge]
    waiting: list[Waiting]
    tickets: list[AgreementTicket]
    covered: list[CoveredWork]
    acceptances: list[Acceptance]
    activity: list[Entry]

    @property
    def per_period(self) -> Decimal:
        """What a whole period costs with today's numbers, before tax."""
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def runs(self) -> bool:
        return self.agreement.runs_on(self.today)


def agreement_detail(agreement: Agreement, today: date) -> AgreementDetail:
    """A constant number of queries."""
    versions = list(
        AgreementVersion.objects.filter(agreement=agreement)
        .select_related("approver", "sla_policy")
        .order_by("-valid_from", "-number")
    )
    version = version_on(versions, today) or versions[-1]
    entries = Entry.objects.filter(subject_kind="billing.agreement", subject_id=agreement.pk).order_by("-at", "-id")
    accepted = Acceptance.objects.filter(version__agreement=agreement).select_related("version", "document")
    covered = CoveredWork.objects.filter(agreement=agreement).select_related("ticket").order_by("-covered_at", "-id")
    charges = AgreementCharge.objects.filter(agreement=agreement).select_related("invoice")
    return AgreementDetail(
        agreement=agreement,
        today=today,
        version=version,
        versions=versions,
        items=items_shown(agreement, version),
        blocks=list(Block.objects.filter(agreement=agreement).in_order()),
        milestones=list(
            Milestone.objects.filter(agreement=agreement).select_related("line__invoice").order_by("position")
        ),
        charges=list(charges.order_by("-period_start")[:SHOWN]),
        waiting=due_periods(agreement, today),
        tickets=list(AgreementTicket.objects.filter(agreement=agreement).select_related("ticket").order_by("-id")),
        covered=list(covered[:SHOWN]),
        acceptances=list(accepted.order_by("-recorded_at", "-id")),
        activity=list(entries[:ACTIVITY]),
    )


def items_shown(agreement: Agreement, version: AgreementVersion) -> list[ItemShown]:
    """The charges of a version with their counts. Two queries."""
    items = items_of([version])[version.pk]
    logs: dict[UUID, list[ItemCount]] = {}
    for row in ItemCount.objects.filter(agreement=agreement).order_by("-on", "-id")[: SHOWN * 20]:
        logs.setdefault(row.item_key, []).append(row)
    return [_item(item, logs.get(item.key, [])) for item in items]


def _item(item: AgreementItem, log: Sequence[ItemCount]) -> ItemShown:
    if item.basis not in COUNTED:
        return ItemShown(item, item.quantity, [])
    counted = log[0].quantity if log else 0
    return ItemShown(item, Decimal(max(counted, item.at_least)), list(log[:SHOWN]))


def client_agreements(client: Client) -> tuple[list[Agreement], list[Block]]:
    """The agreements of a client that have not ended, and its blocks. Two queries."""
    rows = Agreement.objects.filter(client=client).exclude(state=AgreementState.ENDED).order_by("-starts_on", "-id")
    blocks = Block.objects.filter(client=client, closed_at=None).exclude(agreement__state=AgreementState.DRAFT)
    return list(rows), list(blocks.select_related("agreement").in_order())


@dataclass(frozen=True)
class Agreed:
    """An agreement as its client sees it."""

    agreement: Agreement
    version: AgreementVersion
    items: list[ItemShown]
    blocks: list[Block]


def portal_agreements(today: date) -> list[Agreed]:
    """The client's agreements that are in force or were lately, with what is left in their blocks. For the portal's scope."""
    rows = Agreement.objects.exclude(state=AgreementState.DRAFT).order_by("-starts_on", "-id")[:SHOWN]
    found = []
    for agreement in rows:
        versions = list(AgreementVersion.objects.filter(agreement=agreement).order_by("-valid_from"))
        version = version_on(versions, today) or versions[-1]
        blocks = Block.objects.filter(agreement=agreement, closed_at=None).in_order()
        shown = [block for block in blocks if block.kind == BlockKind.PREPAID or block.valid_from <= today]
        found.append(Agreed(agreement, version, items_shown(agreement, version), shown))
    return found
