"""Whether a request may have a billing record: 404 for not yours, by the walls; rights are the views' doors."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from billing.choices import CORRECTED, Status
from billing.models import (
    Allocation,
    BankAccount,
    BankLine,
    BillingRun,
    CardProcessor,
    DunningStep,
    Invoice,
    InvoiceLine,
    LineQuery,
    LoyaltyRule,
    Part,
    Payment,
    PayPromise,
    PrintBatch,
    Receivable,
    ReminderFee,
    StatementPdf,
    TaxRate,
    WriteOff,
)
from billing.queries.banking import picked
from clients.models import Client
from msp.accounts.choices import Capability
from msp.accounts.requests import StaffRequest
from msp.files.models import StoredFile
from msp.tenancy.context import enter, system_scope
from msp.tenancy.tokens import Token


def check_activity(request: StaffRequest, subject_id: UUID) -> None:
    """Who sees an invoice sees all that was done to it. Raises Http404 or PermissionDenied."""
    if not request.membership.can(Capability.BILLING_VIEW):
        raise PermissionDenied
    invoice_or_404(subject_id)


def invoice_or_404(invoice_id: UUID) -> Invoice:
    return get_object_or_404(Invoice.objects.select_related("client", "corrects"), pk=invoice_id)


def numbered_or_404(invoice_id: UUID) -> Invoice:
    """An issued invoice; drafts are not there for whoever asks for a document."""
    return get_object_or_404(Invoice.objects.issued().select_related("client"), pk=invoice_id)


def receivable_or_404(invoice_id: UUID) -> Receivable:
    """What is owed on an issued invoice, with the invoice."""
    return get_object_or_404(Receivable.objects.select_related("invoice__client"), invoice=invoice_id)


def pdf_or_404(invoice_id: UUID) -> StoredFile:
    """The PDF of an issued invoice, once it is made."""
    pdf: StoredFile | None = get_object_or_404(Invoice.objects.issued().select_related("pdf"), pk=invoice_id).pdf
    if pdf is None:
        raise Http404
    return pdf


def xml_or_404(invoice_id: UUID) -> StoredFile:
    """The e-invoice of an issued invoice, where the client gets one and it is made."""
    xml: StoredFile | None = get_object_or_404(Invoice.objects.issued().select_related("xml"), pk=invoice_id).xml
    if xml is None:
        raise Http404
    return xml


def tax_rate_or_404(tax_rate_id: UUID) -> TaxRate:
    return get_object_or_404(TaxRate, pk=tax_rate_id)


def line_or_404(invoice_id: UUID, line_id: UUID) -> InvoiceLine:
    rows = InvoiceLine.objects.select_related("invoice__client")
    return get_object_or_404(rows, pk=line_id, invoice=invoice_id)


def payment_or_404(payment_id: UUID) -> Payment:
    return get_object_or_404(Payment.objects.select_related("client", "invoice__client").knowing_voids(), pk=payment_id)


def allocation_or_404(allocation_id: UUID) -> Allocation:
    rows = Allocation.objects.select_related("invoice__client", "payment", "credit_note", "refund")
    return get_object_or_404(rows, pk=allocation_id)


def write_off_or_404(write_off_id: UUID) -> WriteOff:
    return get_object_or_404(WriteOff.objects.select_related("invoice__client"), pk=write_off_id)


def statement_pdf_or_404(statement_pdf_id: UUID) -> StoredFile:
    """The PDF of a statement, once it is made."""
    rows = StatementPdf.objects.select_related("pdf")
    pdf: StoredFile | None = get_object_or_404(rows, pk=statement_pdf_id).pdf
    if pdf is None:
        raise Http404
    return pdf


def bank_account_or_404(bank_account_id: UUID) -> BankAccount:
    return get_object_or_404(BankAccount, pk=bank_account_id)


def bank_line_or_404(bank_line_id: UUID) -> BankLine:
    return get_object_or_404(BankLine.objects.select_related("account"), pk=bank_line_id)


def picked_or_404(value: str) -> tuple[BankLine, Client, list[Invoice]]:
    """A line with what was proposed for it: `line:client,invoice,…`. Raises Http404 for what is not there, and nonsense."""
    line, _colon, rest = value.partition(":")
    keys = picked(rest)
    try:
        line_id = UUID(line)
    except ValueError:
        keys = None
    if keys is None:
        raise Http404
    client, wanted = get_object_or_404(Client, pk=keys[0]), keys[1]
    found = Invoice.objects.issued().filter(client=client).in_bulk(wanted)
    if len(found) != len(wanted):
        raise Http404
    return bank_line_or_404(line_id), client, [found[key] for key in wanted]


# --- queries about lines ---


def issued_line_or_404(invoice_id: UUID, line_id: UUID) -> InvoiceLine:
    """A line of an issued invoice, for who asks about it; a credit note and a pro forma ask for no money."""
    rows = InvoiceLine.objects.filter(invoice__status=Status.ISSUED, invoice__kind__in=CORRECTED)
    rows = rows.select_related("invoice__client")
    return get_object_or_404(rows, pk=line_id, invoice=invoice_id)


def query_or_404(query_id: UUID) -> LineQuery:
    rows = LineQuery.objects.select_related("client", "invoice", "line__ticket", "contact", "credit_note")
    return get_object_or_404(rows, pk=query_id)


# --- reminders and loyalty ---


def step_or_404(step_id: UUID) -> DunningStep:
    """A step that is part of the ladder."""
    return get_object_or_404(DunningStep, pk=step_id, archived_at=None)


def pay_promise_or_404(promise_id: UUID) -> PayPromise:
    return get_object_or_404(PayPromise.objects.select_related("invoice__client"), pk=promise_id)


def fee_or_404(fee_id: UUID) -> ReminderFee:
    return get_object_or_404(ReminderFee.objects.select_related("invoice__client"), pk=fee_id)


def rule_or_404(rule_id: UUID) -> LoyaltyRule:
    """A rule by which something is still given."""
    return get_object_or_404(LoyaltyRule, pk=rule_id, archived_at=None)


def card_hook_or_404(text: str) -> Token:
    """The token of the address that Stripe posts to, when it is a shop's living one. Raises Http404."""
    token = Token.parse(text)
    if token is None:
        raise Http404
    with enter(system_scope(token.tenant_id)):
        row = CardProcessor.objects.filter(pk=token.row_id).first()
    if row is None or not row.hook_hash or not token.matches(row.hook_hash):
        raise Http404
    return token


def part_or_404(ticket_number: int, part_id: UUID) -> Part:
    """A part or expense that stands on the ticket."""
    rows = Part.objects.filter(removed_at=None).select_related("ticket__client")
    return get_object_or_404(rows, pk=part_id, ticket__number=ticket_number)


def run_or_404(billing_run_id: UUID) -> BillingRun:
    return get_object_or_404(BillingRun, pk=billing_run_id)


def batch_or_404(print_batch_id: UUID) -> PrintBatch:
    return get_object_or_404(PrintBatch.objects.select_related("pdf"), pk=print_batch_id)
