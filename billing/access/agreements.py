"""Whether a request may have an agreement or what belongs to one: 404 for not yours, by the walls."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from billing.models import (
    Acceptance,
    Agreement,
    AgreementTemplate,
    AgreementTicket,
    Block,
    ClientApproval,
    CoveredWork,
    LineTime,
    Milestone,
)
from msp.accounts.choices import Capability
from msp.accounts.requests import PortalRequest, StaffRequest
from msp.files.models import StoredFile
from tickets.models import TimeEntry


def check_agreement_activity(request: StaffRequest, subject_id: UUID) -> None:
    """Who sees an agreement sees all that was done to it. Raises Http404 or PermissionDenied."""
    if not request.membership.can(Capability.BILLING_VIEW):
        raise PermissionDenied
    agreement_or_404(subject_id)


def agreement_or_404(agreement_id: UUID) -> Agreement:
    return get_object_or_404(Agreement.objects.select_related("client"), pk=agreement_id)


def block_or_404(block_id: UUID) -> Block:
    return get_object_or_404(Block.objects.select_related("agreement__client"), pk=block_id)


def milestone_or_404(milestone_id: UUID) -> Milestone:
    return get_object_or_404(Milestone.objects.select_related("agreement__client"), pk=milestone_id)


def covered_or_404(covered_work_id: UUID) -> CoveredWork:
    return get_object_or_404(CoveredWork.objects.select_related("agreement", "ticket"), pk=covered_work_id)


def put_ticket_or_404(agreement_ticket_id: UUID) -> AgreementTicket:
    rows = AgreementTicket.objects.select_related("agreement__client", "ticket")
    return get_object_or_404(rows, pk=agreement_ticket_id)


def template_or_404(agreement_template_id: UUID) -> AgreementTemplate:
    return get_object_or_404(AgreementTemplate.objects.filter(archived_at=None), pk=agreement_template_id)


def acceptance_file_or_404(acceptance_id: UUID) -> StoredFile:
    """The signed document of an acceptance."""
    document: StoredFile | None = get_object_or_404(
        Acceptance.objects.select_related("document"), pk=acceptance_id
    ).document
    if document is None:
        raise Http404
    return document


def billed_entry_or_404(invoice_id: UUID, time_entry_id: UUID) -> TimeEntry:
    """A time entry that a line of this issued invoice bills."""
    link = LineTime.objects.filter(line__invoice=invoice_id, line__invoice__status="issued", time_entry=time_entry_id)
    return get_object_or_404(TimeEntry.objects.select_related("ticket", "member"), pk__in=link.values("time_entry"))


def client_approval_or_404(request: PortalRequest, client_approval_id: UUID) -> ClientApproval:
    """A draft that this person was asked to approve: colleagues of theirs do not see it."""
    rows = ClientApproval.objects.filter(contact=request.identity.contact_id)
    return get_object_or_404(rows, pk=client_approval_id)
