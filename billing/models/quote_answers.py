"""What leads a quote out of the house and back: its PDF, its links, its reminders, the client's answer, the invoices of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.choices import AgreedPart, AnswerKind, AnswerWay, Measure, QuotePart
from billing.rules import sizing
from clients.models import Client, Contact
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.mail.models import OutgoingMail
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .agreements import Agreement
from .invoices import Invoice
from .quotes import Quote, QuoteLine, QuoteRevision


class EvidenceSheet(TenantModel):
    """Why an offered thing has the size it has. Kept with the revision and frozen with it; never shown to the client."""

    line = TenantForeignKey(QuoteLine, on_delete=models.PROTECT, related_name="sheets", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    counted_people = models.PositiveIntegerField(editable=False)  # on record when the sheet was filled in
    counted_devices = models.PositiveIntegerField(editable=False)
    people = models.PositiveIntegerField(_("people who will use it"))
    devices = models.PositiveIntegerField(_("devices that need it"))
    measure = models.CharField(_("its size is measured by"), max_length=10, choices=Measure.choices)
    use = models.TextField(
        _("what is used today"),
        max_length=1000,
        help_text=_("What they have and how full it is, for example: 1.2 of 2 TB, 9 of 10 licences."),
    )
    growth_percent = models.DecimalField(
        _("growth in %"),
        max_digits=6,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1000))],
        help_text=_("Until the thing is replaced. 0 is an answer."),
    )
    growth_why = models.CharField(_("where the growth comes from"), max_length=300)
    serves = models.PositiveIntegerField(
        _("it is enough for"),
        validators=[MinValueValidator(1)],
        help_text=_("So many people or devices, all units together."),
    )
    smaller = models.CharField(_("smaller alternative considered"), max_length=300)
    smaller_price = models.DecimalField(
        _("its price"), null=True, blank=True, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    why_not_smaller = models.CharField(_("why it would not do"), max_length=500)
    filled_by = models.CharField(max_length=120, editable=False)
    filled_at = models.DateTimeField(editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("evidence sheet")
        verbose_name_plural = _("evidence sheets")
        constraints = [models.UniqueConstraint(fields=["tenant", "line"], name="evidence_sheet_one")]

    def __str__(self) -> str:
        return str(self.line)

    @property
    def size(self) -> sizing.Size:
        """The need that the sheet states against what is offered."""
        base = self.people if self.measure == Measure.PEOPLE else self.devices
        return sizing.Size(base, self.growth_percent, self.serves)


class QuoteRendering(DueRow):
    """A sent revision whose PDF is to be made. Its end sets the PDF and queues the mails in one transaction."""

    revision = TenantForeignKey(QuoteRevision, on_delete=models.PROTECT, related_name="renderings")

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("quote PDF")
        verbose_name_plural = _("quote PDFs")
        indexes = due_indexes("quote_rendering")
        constraints = [
            due_constraint("quote_rendering"),
            models.UniqueConstraint(fields=["tenant", "revision"], name="quote_rendering_once"),
        ]


class QuoteTimer(DueRow):
    """The reminder before a revision's last day, and after it the word to us that nobody answered."""

    revision = TenantForeignKey(QuoteRevision, on_delete=models.PROTECT, related_name="timers")
    is_reminded = models.BooleanField(default=False)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("end of a quote")
        verbose_name_plural = _("ends of quotes")
        indexes = due_indexes("quote_timer")
        constraints = [
            due_constraint("quote_timer"),
            models.UniqueConstraint(fields=["tenant", "revision"], name="quote_timer_once"),
        ]


class QuoteLink(TenantModel):
    """Whom a revision was sent to, and the mailed link by which that contact answers without signing in.

    Only the secret's hash is kept, and there is none before the mail is written. A reminder brings a link of its own.
    """

    revision = TenantForeignKey(QuoteRevision, on_delete=models.PROTECT, related_name="links")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    recipient = models.EmailField()
    is_reminder = models.BooleanField(default=False)
    secret_hash = models.CharField(max_length=64, blank=True)
    mail = TenantForeignKey(OutgoingMail, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("link to a quote")
        verbose_name_plural = _("links to quotes")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "revision", "recipient", "is_reminder"], name="quote_link_once")
        ]

    def is_open(self, now: datetime) -> bool:
        return bool(self.secret_hash) and now < self.expires_at


class QuoteAnswer(TenantModel):
    """The client's yes or no to one revision: who, when, to which document. No address of a machine is kept."""

    portal = PortalRule.BY_CLIENT
    append_only = True

    revision = TenantForeignKey(QuoteRevision, on_delete=models.PROTECT, related_name="answers")
    quote = TenantForeignKey(Quote, on_delete=models.PROTECT, related_name="answers")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=10, choices=AnswerKind.choices)
    way = models.CharField(max_length=10, choices=AnswerWay.choices)
    name = models.CharField(_("name"), max_length=120)  # as it was typed
    sent_to = models.EmailField(blank=True)  # whose link it was
    words = models.TextField(blank=True)  # what was agreed to, or why not
    reason = models.CharField(max_length=500, blank=True)
    po_number = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    recorded_by = models.CharField(max_length=120)
    document_sha256 = models.CharField(max_length=64)  # of the PDF
    content_sha256 = models.CharField(max_length=64)  # of what the page said
    chosen = models.JSONField(default=list)  # ids of the lines
    currency = models.CharField(max_length=3)
    net = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    tax = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    total = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    monthly = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    yearly = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)

    class Meta(TenantModel.Meta):
        verbose_name = _("answer to a quote")
        verbose_name_plural = _("answers to quotes")
        indexes = [models.Index(fields=["tenant", "quote", "-at"], name="quote_answer_quote")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "revision"], name="quote_answer_once"),
            models.UniqueConstraint(
                fields=["tenant", "quote"], condition=Q(kind="accepted"), name="quote_accepted_once"
            ),
            models.CheckConstraint(condition=Q(total=F("net") + F("tax")), name="quote_answer_adds_up"),
        ]

    @property
    def is_yes(self) -> bool:
        return self.kind == AnswerKind.ACCEPTED


class QuoteInvoice(TenantModel):
    """Which invoice bills what of an accepted quote. A discarded one counts no more; drafting locks the quote."""

    answer = TenantForeignKey(QuoteAnswer, on_delete=models.PROTECT, related_name="invoices")
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="+")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=QuotePart.choices)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "invoice"], name="quote_invoice_once")]
        indexes = [models.Index(fields=["tenant", "answer"], name="quote_invoice_answer")]


class QuoteAgreement(TenantModel):
    """Which agreement or project an accepted quote became."""

    answer = TenantForeignKey(QuoteAnswer, on_delete=models.PROTECT, related_name="agreements")
    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=AgreedPart.choices)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "answer", "part"], name="quote_agreement_once")]
