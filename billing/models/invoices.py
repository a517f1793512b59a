"""Invoices and the documents like them. Once issued they are frozen by triggers: corrections are new documents."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices import (
    CORRECTING,
    OPEN,
    OWED,
    TRANSITIONS,
    DocumentKind,
    EInvoice,
    Status,
    TaxCategory,
    TaxRounding,
    TaxTreatment,
    Unit,
)
from billing.rules.explaining import Why, why_of
from billing.rules.parties import BuyerDetails, SellerDetails
from clients.models import Client
from msp.files.models import StoredFile
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import CLIENT_SQL, PortalRule
from tickets.models import Ticket, TimeEntry

from . import columns
from .terms import MAX_PAYMENT_DAYS

SENT_WITHIN = timedelta(hours=48)  # of finished work; the promise that invoices are measured by

_INVOICE_IS_ISSUED = "exists (select 1 from billing_invoice i where i.id = invoice_id and i.status = 'issued')"
# A client sees what was issued to it; drafts never. Lines look at their invoice, so the two cannot disagree.
_ISSUED = PortalRule(
    "issued_to_client",
    f"client_id = {CLIENT_SQL} and status = 'issued'",
    lambda scope: Q(client_id=scope.client_id, status=Status.ISSUED),
    ("client_id", "status"),
)
OF_ISSUED = PortalRule(
    "of_issued_invoice",
    f"client_id = {CLIENT_SQL} and {_INVOICE_IS_ISSUED}",
    lambda scope: Q(client_id=scope.client_id, invoice__status=Status.ISSUED),
    ("client_id", "invoice_id"),
)


class Series(TenantModel):
    """A gapless count of documents. Taking a number locks the row until the issuing transaction ends."""

    kind = models.CharField(max_length=20, choices=DocumentKind.choices, editable=False)
    prefix = models.CharField(max_length=12, blank=True, editable=False)
    year = models.PositiveSmallIntegerField(null=True, editable=False)  # null: one count for ever
    next_number = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "prefix", "year"], name="series_one_count", nulls_distinct=False
            )
        ]


class InvoiceQuerySet(TenantQuerySet["Invoice"]):
    def in_review(self) -> Self:
        return self.filter(status__in=OPEN)

    def issued(self) -> Self:
        return self.filter(status=Status.ISSUED)


class Invoice(TenantModel):
    """A bill to one client, in one currency, or a document like one. Texts and parties are copied in when it is approved.

    Amounts are as printed: on a credit note they are positive, and `sign` says that they count against what is owed.
    """

    portal = _ISSUED

    kind = models.CharField(max_length=20, choices=DocumentKind.choices, default=DocumentKind.INVOICE, editable=False)
    corrects = TenantForeignKey(
        "self", on_delete=models.PROTECT, related_name="corrections", null=True, editable=False
    )  # of a credit or debit note: the issued invoice
    correction_reason = models.CharField(max_length=300, blank=True, editable=False)  # printed

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="invoices", editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)
    currency = models.CharField(max_length=3, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    work_finished_at = models.DateTimeField(null=True, editable=False)  # the earliest finished ticket on it
    promised_at = models.DateTimeField(null=True, editable=False)  # the earliest promise that it keeps

    series = TenantForeignKey(Series, on_delete=models.PROTECT, related_name="invoices", null=True, editable=False)
    sequence = models.PositiveIntegerField(null=True, editable=False)
    number = models.CharField(max_length=40, null=True, editable=False)  # noqa: DJ001  no number is not an empty one
    issued_at = models.DateTimeField(null=True, editable=False)
    issued_on = models.DateField(null=True, editable=False)  # in the shop's zone
    due_on = models.DateField(null=True, editable=False)
    payment_days = models.PositiveSmallIntegerField(_("days to pay"), validators=[MaxValueValidator(MAX_PAYMENT_DAYS)])

    tax_name = models.CharField(max_length=20, editable=False)
    tax_treatment = models.CharField(max_length=20, choices=TaxTreatment.choices, editable=False)
    tax_reason = models.CharField(max_length=200, blank=True, editable=False)
    # A second tax on every line that is taxed as usual, like QST beside GST; "on top": charged on the first, too.
    second_tax_name = models.CharField(max_length=20, blank=True, editable=False)
    second_tax_rate = models.DecimalField(
        default=0, editable=False, max_digits=columns.RATE_DIGITS, decimal_places=columns.RATE_PLACES
    )
    second_on_top = models.BooleanField(default=False, editable=False)
    prices_include_tax = models.BooleanField(default=False, editable=False)
    tax_rounding = models.CharField(
        max_length=10, choices=TaxRounding.choices, default=TaxRounding.RATE, editable=False
    )
    cash_step = models.DecimalField(
        default=0, editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )  # what is to pay is a multiple of it; 0: to the cent
    cash_rounding = models.DecimalField(
        default=0, editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    delivered_from = models.DateField(null=True, editable=False)  # first and last day of the work, or the period
    delivered_until = models.DateField(null=True, editable=False)
    net = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    tax = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    total = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)

    po_number = models.CharField(_("purchase order number"), max_length=60, blank=True)
    recipients = ArrayField(models.EmailField(), default=list, blank=True, editable=False)
    language = models.CharField(max_length=10, editable=False)
    seller_name = models.CharField(max_length=160, editable=False)
    seller_address = models.TextField(blank=True, editable=False)
    seller_tax_id = models.CharField(max_length=40, blank=True, editable=False)
    seller_registration = models.CharField(max_length=60, blank=True, editable=False)
    seller_phone = models.CharField(max_length=40, blank=True, editable=False)
    seller_email = models.EmailField(blank=True, editable=False)
    buyer_name = models.CharField(max_length=160, editable=False)
    buyer_address = models.TextField(blank=True, editable=False)
    buyer_tax_id = models.CharField(max_length=40, blank=True, editable=False)
    bank_details = models.TextField(blank=True, editable=False)
    intro = models.TextField(blank=True, editable=False)
    footer = models.TextField(blank=True, editable=False)
    seller_details = models.JSONField(default=dict, editable=False)  # rules/parties.py: what e-invoices ask for apart
    buyer_details = models.JSONField(default=dict, editable=False)
    e_invoice = models.CharField(max_length=20, choices=EInvoice.choices, blank=True, editable=False)

    # The first of two approvals, where the shop wants two. A change of the draft takes it away.
    checked_at = models.DateTimeField(null=True, editable=False)
    checked_by = models.CharField(max_length=120, blank=True, editable=False)
    checked_by_id = models.CharField(max_length=40, blank=True, editable=False)  # the actor's
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.CharField(max_length=120, blank=True, editable=False)
    approval_reason = models.TextField(blank=True, editable=False)  # why it may go in spite of warnings

    pdf = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    pdf_sha256 = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001  set once, from NULL
    xml = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    xml_sha256 = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001  set once, from NULL

    objects: ClassVar = TenantManager.from_queryset(InvoiceQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [
            models.Index(fields=["tenant", "-issued_at", "-id"], name="invoice_issued", condition=Q(status="issued")),
            models.Index(fields=["tenant", "client", "-issued_at", "-id"], name="invoice_client"),
            models.Index(
                fields=["tenant", "-id"], name="invoice_review", condition=Q(status__in=["draft", "approved"])
            ),
            models.Index(
                fields=["tenant", "corrects"], name="invoice_corrections", condition=Q(corrects_id__isnull=False)
            ),
            models.Index(fields=["tenant", "kind", "-issued_at", "-id"], name="invoice_kind"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="invoice_number"),
            models.UniqueConstraint(fields=["tenant", "series", "sequence"], name="invoice_sequence"),
            models.CheckConstraint(
                condition=Q(
                    status="issued",
                    series__isnull=False,
                    sequence__isnull=False,
                    number__isnull=False,
                    issued_at__isnull=False,
                    issued_on__isnull=False,
                    due_on__isnull=False,
                )
                | ~Q(status="issued")
                & Q(series=None, sequence=None, number=None, issued_at=None, issued_on=None, due_on=None),
                name="invoice_number_means_issued",
            ),
            models.CheckConstraint(condition=Q(total=F("net") + F("tax")), name="invoice_adds_up"),
            models.CheckConstraint(
                condition=Q(pdf_id=None, pdf_sha256=None)
                | Q(pdf_id__isnull=False, pdf_sha256__isnull=False, status="issued"),
                name="invoice_pdf_with_hash",
            ),
            # Who is owed an e-invoice gets PDF and XML at one moment, or neither.
            models.CheckConstraint(
                condition=Q(xml_id=None, xml_sha256=None) & (Q(pdf_id=None) | Q(e_invoice=""))
                | Q(xml_id__isnull=False, xml_sha256__isnull=False, pdf_id__isnull=False) & ~Q(e_invoice=""),
                name="invoice_xml_with_pdf",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(CORRECTING), corrects_id__isnull=False)
                | ~Q(kind__in=sorted(CORRECTING)) & Q(corrects_id=None, correction_reason=""),
                name="invoice_corrects_another",
            ),
            # Two open credit notes of one invoice could give more back than it charged, or lose a cent of tax.
            models.UniqueConstraint(
                fields=["tenant", "corrects"],
                condition=Q(kind=DocumentKind.CREDIT_NOTE, status__in=[Status.DRAFT, Status.APPROVED]),
                name="invoice_one_open_credit",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Draft"))

    def get_absolute_url(self) -> str:
        return reverse("billing:invoice", kwargs={"invoice_id": self.pk})

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_issued(self) -> bool:
        return self.status == Status.ISSUED

    @property
    def sign(self) -> int:
        """1 where the client owes the amounts, -1 where they are given back."""
        return -1 if self.kind == DocumentKind.CREDIT_NOTE else 1

    @property
    def is_credit(self) -> bool:
        return self.kind == DocumentKind.CREDIT_NOTE

    @property
    def is_owed(self) -> bool:
        """Whether it moves what the client owes; a pro forma does not."""
        return self.kind in OWED

    @property
    def payable(self) -> Decimal:
        """What is to be paid, or on a credit note given back: the total after cash rounding."""
        return self.total + self.cash_rounding

    @property
    def seller(self) -> SellerDetails:
        return SellerDetails(**self.seller_details)

    @property
    def buyer(self) -> BuyerDetails:
        return BuyerDetails(**self.buyer_details)

    @property
    def send_by(self) -> datetime | None:
        """When it is promised to be out; before a promise was made: when 48 hours after the earliest work are over."""
        if self.promised_at is not None:
            return self.promised_at
        return self.work_finished_at + SENT_WITHIN if self.work_finished_at else None

    def can_become(self, status: Status) -> bool:
        return status in TRANSITIONS[Status(self.status)]

    def is_overdue(self, today: date) -> bool:
        """Past its due day; says nothing about whether it was paid."""
        return self.due_on is not None and self.due_on < today


class InvoiceLine(TenantModel):
    """One line. `source` says why it costs what it costs, for our own eyes."""

    portal = OF_ISSUED

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    position = models.PositiveSmallIntegerField(editable=False)
    description = models.CharField(_("description"), max_length=300)
    detail = models.TextField(_("what was done"), max_length=4000, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, default=Unit.PIECE)
    unit_price = models.DecimalField(_("price"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    amount = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    tax_rate = models.DecimalField(
        _("tax rate in %"),
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    # How it is taxed besides. Empty: as the invoice says. Filled when somebody chose another tax for this line.
    tax_category = models.CharField(_("kind of tax"), max_length=2, choices=TaxCategory.choices, blank=True)
    exemption_code = models.CharField(_("code of the reason"), max_length=30, blank=True)  # VATEX
    exemption_reason = models.CharField(_("reason for no tax"), max_length=200, blank=True)
    second_tax_name = models.CharField(max_length=20, blank=True, editable=False)
    second_tax_rate = models.DecimalField(
        default=0, editable=False, max_digits=columns.RATE_DIGITS, decimal_places=columns.RATE_PLACES
    )
    second_on_top = models.BooleanField(default=False, editable=False)  # a tax on the tax (compound)
    net = models.DecimalField(default=0, editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    credits = TenantForeignKey(
        "self", on_delete=models.PROTECT, related_name="credited_by", null=True, editable=False
    )  # of a credit note's line: the line it gives back
    source = models.JSONField(default=dict, editable=False)
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one line

    class Meta(TenantModel.Meta):
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice", "position"], name="invoice_line_position"),
            models.UniqueConstraint(fields=["tenant", "form_key"], name="invoice_line_once"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def why(self) -> Why:
        """Why it costs what it costs."""
        return why_of(self.source)


class LineTime(TenantModel):
    """Which line bills a time entry. One row an entry: the database forbids billing it twice."""

    line = TenantForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="times", editable=False)
    time_entry = TenantForeignKey(TimeEntry, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "time_entry"], name="line_time_billed_once")]
        indexes = [models.Index(fields=["tenant", "line"], name="line_time_line")]
