"""What was paid ahead, what is included, and how it was used up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices import BlockKind, BlockUnit, DrawKind
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule
from tickets.models import Ticket, TimeEntry

from . import columns
from .agreements import Agreement
from .invoices import InvoiceLine


class BlockQuerySet(TenantQuerySet["Block"]):
    def usable(self, on: date) -> Self:
        """Not closed, begun and not expired on a day; the first to expire comes first."""
        valid = self.filter(Q(expires_on=None) | Q(expires_on__gte=on), closed_at=None, valid_from__lte=on)
        return valid.in_order()

    def in_order(self) -> Self:
        """In the order in which they are used: what is included first, then the one that expires first."""
        return self.order_by("kind", F("expires_on").asc(nulls_last=True), "valid_from", "id")


class Block(TenantModel):
    """Hours or money to draw work from. `size` and `left` are minutes or money, by `unit`; draws alone change `left`."""

    portal = PortalRule.BY_CLIENT

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="blocks", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    kind = models.CharField(max_length=10, choices=BlockKind.choices, default=BlockKind.PREPAID, editable=False)
    unit = models.CharField(_("holds"), max_length=8, choices=BlockUnit.choices, default=BlockUnit.MINUTES)
    currency = models.CharField(max_length=3, editable=False)
    size = models.DecimalField(_("size"), max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    left = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    price = models.DecimalField(
        _("price"),
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        default=Decimal(0),
        help_text=_("Before tax. What the client pays for it."),
    )
    valid_from = models.DateField(_("usable from"))
    expires_on = models.DateField(_("last day"), null=True, blank=True)
    may_go_negative = models.BooleanField(_("may be overdrawn"), default=False)
    notice_days = models.PositiveSmallIntegerField(
        _("say so days before it expires"), default=30, validators=[MaxValueValidator(365)]
    )
    low_percent = models.PositiveSmallIntegerField(
        _("say so when less is left than %"), default=20, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    carry_over = models.DecimalField(
        _("carried over at most"),
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        default=Decimal(0),
        help_text=_("What may go into the next block when this one expires."),
    )
    carried_from = TenantForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    sold_by = TenantForeignKey(
        InvoiceLine, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )  # the line that bills its price
    closed_at = models.DateTimeField(null=True, editable=False)
    expiry_told_at = models.DateTimeField(null=True, editable=False)  # when the office was told of it
    low_told_at = models.DateTimeField(null=True, editable=False)
    form_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = TenantManager.from_queryset(BlockQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        indexes = [
            models.Index(fields=["tenant", "client", "expires_on"], name="block_client", condition=Q(closed_at=None)),
            models.Index(fields=["tenant", "expires_on", "id"], name="block_expiring", condition=Q(closed_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="block_once"),
            models.UniqueConstraint(
                fields=["tenant", "agreement", "valid_from"],
                condition=Q(kind="allowance"),
                name="block_one_allowance_a_period",
            ),
            models.CheckConstraint(condition=Q(left__gte=0) | Q(may_go_negative=True), name="block_not_overdrawn"),
            models.CheckConstraint(condition=Q(size__gte=0, carry_over__gte=0), name="block_size"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=F("valid_from")), name="block_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.size}"

    @property
    def is_hours(self) -> bool:
        return self.unit == BlockUnit.MINUTES

    @property
    def used(self) -> Decimal:
        return self.size - self.left

    def is_low(self) -> bool:
        """Less is left than the client wants to be told of."""
        return self.left * 100 < self.size * self.low_percent


class BlockDraw(TenantModel):
    """One use of a block: positive takes, negative gives back. Never changed, never deleted."""

    portal = PortalRule.BY_CLIENT
    append_only = True

    block = TenantForeignKey(Block, on_delete=models.PROTECT, related_name="draws")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=DrawKind.choices, default=DrawKind.WORK)
    amount = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    minutes = models.PositiveIntegerField(default=0)  # of work, before the factor
    about = models.CharField(max_length=200, blank=True)
    work_id = models.UUIDField(null=True)  # of the line or the covered work it stands for: lines of drafts may go
    gives_back = TenantForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    drawn_on = models.DateField()
    drawn_by = models.CharField(max_length=120)
    drawn_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "block", "drawn_at"], name="block_draw_block"),
            models.Index(fields=["tenant", "work_id"], name="block_draw_work", condition=Q(work_id__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "gives_back"], name="block_draw_given_back_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="block_draw_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


class CoveredWork(TenantModel):
    """A ticket's work that an agreement bears in full: it stands on no invoice, and is billed by none."""

    portal = PortalRule.CLOSED

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="covered")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    ticket = TenantForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveIntegerField()  # as worked
    source = models.JSONField(default=dict)  # as InvoiceLine.source, a list of parts
    covered_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "agreement", "-covered_at"], name="covered_work_agreement")]

    def __str__(self) -> str:
        return f"{self.minutes} min"


class CoveredTime(TenantModel):
    """Which covered work took a time entry. One row an entry."""

    work = TenantForeignKey(CoveredWork, on_delete=models.PROTECT, related_name="times")
    time_entry = TenantForeignKey(TimeEntry, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "time_entry"], name="covered_time_once")]
        indexes = [models.Index(fields=["tenant", "work"], name="covered_time_work")]

    def __str__(self) -> str:
        return f"{self.time_entry_id}"


class TimeCorrection(TenantModel):
    """That billed time was wrong, by how many minutes and why. The next draft settles it; the entry and its line stay."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    time_entry = TenantForeignKey(TimeEntry, on_delete=models.PROTECT, related_name="+")
    was_line = TenantForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="+")
    minutes = models.IntegerField()  # how many more (or, negative, fewer) were right
    unit_price = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    currency = models.CharField(max_length=3)
    reason = models.CharField(_("what was wrong"), max_length=300)
    line = TenantForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="+", null=True)  # that settles it
    made_by = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=timezone.now)
    form_key = models.UUIDField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("correction of billed time")
        verbose_name_plural = _("corrections of billed time")
        indexes = [models.Index(fields=["tenant", "client"], name="correction_open", condition=Q(line=None))]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="correction_once"),
            models.CheckConstraint(condition=~Q(minutes=0) & ~Q(reason=""), name="correction_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min"
