"""Quotes. Each revision that was sent is frozen by triggers (the quotes' own migration): a change is a new revision.

The portal reads sent revisions and their lines; the quote's own row, drafts and evidence sheets are the shop's.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices import (
    QUOTE_TRANSITIONS,
    Every,
    LineKind,
    LineRole,
    OnAccept,
    QuoteState,
    RevisionEnd,
    RevisionState,
    TaxTreatment,
    Unit,
)
from clients.models import Client
from msp.accounts.models import Membership
from msp.files.models import StoredFile
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import CLIENT_SQL, PortalRule

from . import columns

_SENT = PortalRule(
    "sent_to_client",
    f"client_id = {CLIENT_SQL} and state = 'sent'",
    lambda scope: Q(client_id=scope.client_id, state=RevisionState.SENT),
    ("client_id", "state"),
)
_REVISION_IS_SENT = "exists (select 1 from billing_quoterevision r where r.id = revision_id and r.state = 'sent')"
_OF_SENT = PortalRule(
    "of_sent_revision",
    f"client_id = {CLIENT_SQL} and {_REVISION_IS_SENT}",
    lambda scope: Q(client_id=scope.client_id, revision__state=RevisionState.SENT),
    ("client_id", "revision_id"),
)
_PERCENT = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


class QuoteSettings(TenantModel):
    """How the shop quotes. One row a shop; it also counts the quotes, whose numbers may have gaps."""

    number_prefix = models.CharField(_("numbers begin with"), max_length=12, default="Q-", blank=True)
    next_number = models.PositiveIntegerField(default=1, editable=False)
    valid_days = models.PositiveSmallIntegerField(
        _("days an offer stands"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    remind_days = models.PositiveSmallIntegerField(
        _("remind so many days before its end"),
        default=3,
        validators=[MaxValueValidator(60)],
        help_text=_("0: the client is not reminded."),
    )
    approval_limit = models.DecimalField(
        _("above this a second person approves"),
        null=True,
        blank=True,
        help_text=_("Total before tax, with a year of what is paid again and again. Empty: nobody needs to."),
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
    )
    evidence_from = models.DecimalField(
        _("evidence from"),
        null=True,
        blank=True,
        default=Decimal(1000),
        help_text=_("Hardware and licences from this amount on, before tax and for a year, need their evidence sheet."),
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
    )
    spare_percent = models.PositiveSmallIntegerField(
        _("spare room in %"),
        default=25,
        validators=[MaxValueValidator(500)],
        help_text=_("What exceeds the need, growth included, by more than this is reported as oversized."),
    )
    intro = models.TextField(_("first words"), max_length=2000, blank=True)
    closing = models.TextField(_("terms and last words"), max_length=4000, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="quote_settings_one")]


class QuoteQuerySet(TenantQuerySet["Quote"]):
    def drafts(self) -> Self:
        return self.filter(state=QuoteState.DRAFT)

    def open(self, today: date) -> Self:
        """With the client, and still standing."""
        return self.filter(state=QuoteState.OPEN, valid_until__gte=today)

    def expired(self, today: date) -> Self:
        return self.filter(state=QuoteState.OPEN, valid_until__lt=today)


class Quote(TenantModel):
    """An offer to one client through all its revisions. The amounts are those of the latest one, as it is preselected."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="quotes", editable=False)
    owner = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    sequence = models.PositiveIntegerField(editable=False)
    number = models.CharField(max_length=40, editable=False)
    title = models.CharField(_("title"), max_length=160)
    state = models.CharField(max_length=10, choices=QuoteState.choices, default=QuoteState.DRAFT, editable=False)
    revision = models.PositiveSmallIntegerField(default=1, editable=False)  # number of the latest one
    is_waiting = models.BooleanField(default=False, editable=False)  # its latest revision waits for a second person
    currency = models.CharField(max_length=3, editable=False)
    net = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    monthly = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    yearly = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    valid_until = models.DateField(null=True, editable=False)  # of the latest sent revision
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)  # when its latest revision was sent
    answered_at = models.DateTimeField(null=True, editable=False)
    form_key = models.UUIDField(null=True, editable=False)

    objects: ClassVar = TenantManager.from_queryset(QuoteQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="quote_newest"),
            models.Index(fields=["tenant", "state", "-created_at", "-id"], name="quote_by_state"),
            models.Index(fields=["tenant", "valid_until", "id"], name="quote_open", condition=Q(state="open")),
            models.Index(fields=["tenant", "client", "-created_at"], name="quote_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="quote_sequence"),
            models.UniqueConstraint(fields=["tenant", "form_key"], name="quote_once"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("billing:quote", kwargs={"quote_id": self.pk})

    def can_become(self, state: QuoteState) -> bool:
        return state in QUOTE_TRANSITIONS[QuoteState(self.state)]

    def is_expired(self, today: date) -> bool:
        """Still unanswered when its last day was over."""
        return self.state == QuoteState.OPEN and self.valid_until is not None and self.valid_until < today


class QuoteRevision(TenantModel):
    """One wording of a quote. Sent, it never changes but for what is set once: PDF, first seen, what became of it."""

    portal = _SENT

    quote = TenantForeignKey(Quote, on_delete=models.PROTECT, related_name="revisions", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    number = models.PositiveSmallIntegerField(editable=False)
    quote_number = models.CharField(max_length=40, editable=False)
    state = models.CharField(max_length=10, choices=RevisionState.choices, default=RevisionState.DRAFT, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    title = models.CharField(_("title"), max_length=160)
    intro = models.TextField(_("first words"), max_length=2000, blank=True)
    closing = models.TextField(_("terms and last words"), max_length=4000, blank=True)
    valid_until = models.DateField(_("stands until"))
    deposit_percent = models.DecimalField(
        _("deposit in %"),
        default=0,
        max_digits=5,
        decimal_places=2,
        validators=_PERCENT,
        help_text=_("Of what is paid once. 0: no deposit."),
    )
    on_accept = models.CharField(
        _("invoice drafted when it is accepted"), max_length=10, choices=OnAccept.choices, default=OnAccept.NOTHING
    )

    currency = models.CharField(max_length=3, editable=False)
    language = models.CharField(max_length=10, editable=False)
    tax_name = models.CharField(max_length=20, editable=False)
    tax_treatment = models.CharField(max_length=20, choices=TaxTreatment.choices, editable=False)
    tax_reason = models.CharField(max_length=200, blank=True, editable=False)
    second_tax_name = models.CharField(max_length=20, blank=True, editable=False)
    second_tax_rate = models.DecimalField(
        default=0, editable=False, max_digits=columns.RATE_DIGITS, decimal_places=columns.RATE_PLACES
    )
    second_on_top = models.BooleanField(default=False, editable=False)
    # Of the preselected lines: what is paid once, then before tax what is paid each month and each year.
    net = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    tax = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    total = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    monthly = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    yearly = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)

    seller_name = models.CharField(max_length=160, blank=True, editable=False)
    seller_address = models.TextField(blank=True, editable=False)
    seller_tax_id = models.CharField(max_length=40, blank=True, editable=False)
    seller_registration = models.CharField(max_length=60, blank=True, editable=False)
    seller_phone = models.CharField(max_length=40, blank=True, editable=False)
    seller_email = models.EmailField(blank=True, editable=False)
    buyer_name = models.CharField(max_length=160, blank=True, editable=False)
    buyer_address = models.TextField(blank=True, editable=False)
    buyer_tax_id = models.CharField(max_length=40, blank=True, editable=False)

    asked_at = models.DateTimeField(null=True, editable=False)
    asked_by = models.CharField(max_length=120, blank=True, editable=False)
    asked_by_id = models.CharField(max_length=40, blank=True, editable=False)  # the actor's: who may not approve it
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.CharField(max_length=120, blank=True, editable=False)
    approval_words = models.CharField(max_length=300, blank=True, editable=False)

    sent_at = models.DateTimeField(null=True, editable=False)
    sent_by = models.CharField(max_length=120, blank=True, editable=False)
    recipients = ArrayField(models.EmailField(), default=list, blank=True, editable=False)
    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    pdf = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    pdf_sha256 = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001  set once, from NULL
    seen_at = models.DateTimeField(null=True, editable=False)  # when the client first had it open
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_as = models.CharField(max_length=10, choices=RevisionEnd.choices, null=True, editable=False)  # noqa: DJ001

    class Meta(TenantModel.Meta):
        verbose_name = _("revision of a quote")
        verbose_name_plural = _("revisions of quotes")
        indexes = [models.Index(fields=["tenant", "client", "-sent_at", "-id"], name="quote_revision_client")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "quote", "number"], name="quote_revision_number"),
            models.UniqueConstraint(
                fields=["tenant", "quote"], condition=~Q(state="sent"), name="quote_revision_one_unsent"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) & ~Q(content_sha256="")
                | ~Q(state="sent") & Q(sent_at=None, pdf_id=None, seen_at=None, ended_at=None, content_sha256=""),
                name="quote_revision_sent",
            ),
            models.CheckConstraint(condition=Q(total=F("net") + F("tax")), name="quote_revision_adds_up"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_as=None) | Q(ended_at__isnull=False, ended_as__isnull=False),
                name="quote_revision_ended",
            ),
            models.CheckConstraint(
                condition=Q(pdf_id=None, pdf_sha256=None) | Q(pdf_id__isnull=False, pdf_sha256__isnull=False),
                name="quote_revision_pdf_with_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The number as printed; from the second revision on with its own: Q-0042/2."""
        return self.quote_number if self.number == 1 else f"{self.quote_number}/{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == RevisionState.DRAFT

    @property
    def is_sent(self) -> bool:
        return self.state == RevisionState.SENT

    @property
    def awaits_answer(self) -> bool:
        """Sent, and neither answered nor replaced nor withdrawn; its last day may have passed."""
        return self.is_sent and self.ended_at is None

    def is_expired(self, today: date) -> bool:
        return self.awaits_answer and self.valid_until < today

    def can_be_answered(self, today: date) -> bool:
        return self.awaits_answer and self.valid_until >= today


class QuoteLine(TenantModel):
    """One line of one revision. `thread` stays the same through the revisions, so that they can be compared."""

    portal = _OF_SENT

    revision = TenantForeignKey(QuoteRevision, on_delete=models.PROTECT, related_name="lines", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    thread = models.UUIDField(editable=False)
    position = models.PositiveSmallIntegerField(editable=False)
    kind = models.CharField(_("what it is"), max_length=10, choices=LineKind.choices, default=LineKind.SERVICE)
    description = models.CharField(_("description"), max_length=300)
    detail = models.TextField(_("details"), max_length=4000, blank=True)
    quantity = models.DecimalField(
        _("quantity"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, default=Unit.PIECE)
    unit_price = models.DecimalField(_("price"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    amount = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    every = models.CharField(_("paid"), max_length=5, choices=Every.choices, default=Every.ONCE)
    tax_rate = models.DecimalField(
        _("tax rate in %"),
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    role = models.CharField(
        _("the client's choice"), max_length=12, choices=LineRole.choices, default=LineRole.REQUIRED
    )
    group = models.CharField(
        _("choose one of"),
        max_length=60,
        blank=True,
        help_text=_("The same words on each line of the choice, for example: Backup."),
    )
    preselected = models.BooleanField(_("preselected"), default=True)
    form_key = models.UUIDField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("line of a quote")
        verbose_name_plural = _("lines of quotes")
        indexes = [models.Index(fields=["tenant", "revision", "position", "id"], name="quote_line_order")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "revision", "thread"], name="quote_line_thread"),
            models.UniqueConstraint(fields=["tenant", "form_key"], name="quote_line_once"),
            models.UniqueConstraint(
                fields=["tenant", "revision", "group"],
                condition=Q(role="alternative", preselected=True),
                name="quote_line_one_preselected",
            ),
            models.CheckConstraint(
                condition=Q(role="required", group="", preselected=True)
                | Q(role="optional", group="")
                | Q(role="alternative") & ~Q(group=""),
                name="quote_line_role",
            ),
        ]

    def __str__(self) -> str:
        return self.description
