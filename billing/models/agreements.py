"""What was agreed with a client, in versions: a change takes effect on a date and never reaches back."""

from __future__ import annotations

from datetime import date, timedelta
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
    AgreementKind,
    AgreementState,
    Basis,
    BillingPeriod,
    CountRule,
    Grouping,
    Proration,
    Renewal,
    RoundedPer,
    Rounding,
    Travel,
    TrueUp,
)
from clients.choices import AssetKind
from clients.models import Client, Contact, Site
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule
from tickets.choices import WorkType
from tickets.models import SlaPolicy

from . import columns
from .terms import MAX_PAYMENT_DAYS

LONGEST_STEP = 240  # minutes
MOST_MULTIPLIER = 10
DEFAULT_SENT_WITHIN = 48  # hours


class AgreementQuerySet(TenantQuerySet["Agreement"]):
    def running(self, on: date) -> Self:
        """In force on a day: begun, and neither ended nor past its end. One that renews itself has no end of its own."""
        begun = self.exclude(state=AgreementState.DRAFT).filter(starts_on__lte=on)
        goes_on = Q(ended_on=None) & (Q(ends_on=None) | Q(ends_on__gte=on) | Q(renewal=Renewal.AUTOMATIC))
        return begun.filter(goes_on | Q(ended_on__gte=on))


class Agreement(TenantModel):
    """A contract with one client. What it says at a time stands in its versions."""

    portal = PortalRule.BY_CLIENT

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="agreements", editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=AgreementKind.choices)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    state = models.CharField(max_length=10, choices=AgreementState.choices, default=AgreementState.DRAFT)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("term ends on"), null=True, blank=True)  # the last day; null: no term
    renewal = models.CharField(
        _("at the end of the term"), max_length=10, choices=Renewal.choices, default=Renewal.AUTOMATIC
    )
    term_months = models.PositiveSmallIntegerField(
        _("renewed for months"), default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=90, validators=[MaxValueValidator(730)])
    period = models.CharField(
        _("charged"), max_length=8, choices=BillingPeriod.choices, default=BillingPeriod.MONTH, editable=False
    )
    in_advance = models.BooleanField(_("charged at the start of the period"), default=True, editable=False)
    charged_until = models.DateField(
        _("charged elsewhere until"),
        null=True,
        blank=True,
        help_text=_("For an agreement of old times: the last day that another system has charged."),
    )
    planned_hours = models.DecimalField(
        _("hours planned"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_(
            "Of a project in all, of others in each period. For your forecast of profit; the client does not see it."
        ),
    )
    ended_on = models.DateField(null=True, editable=False)  # by decision; the last day
    end_reason = models.CharField(max_length=300, blank=True, editable=False)
    told_for = models.DateField(null=True, editable=False)  # the end of the term that the office was told of
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one agreement
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = TenantManager.from_queryset(AgreementQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        indexes = [
            models.Index(fields=["tenant", "client", "-starts_on"], name="agreement_client"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="agreement_newest"),
            models.Index(
                fields=["tenant", "ends_on", "id"],
                name="agreement_ending",
                condition=Q(state="active", ends_on__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="agreement_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="agreement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | ~Q(state="ended"), name="agreement_end_has_day"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("billing:agreement", kwargs={"agreement_id": self.pk})

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, as things stand; None: it goes on."""
        if self.ended_on is not None:
            return self.ended_on
        return None if self.renewal == Renewal.AUTOMATIC else self.ends_on

    @property
    def is_draft(self) -> bool:
        return self.state == AgreementState.DRAFT

    @property
    def is_active(self) -> bool:
        return self.state == AgreementState.ACTIVE

    @property
    def charged_from(self) -> date:
        """The first day that is charged here."""
        return (
            self.starts_on
            if self.charged_until is None
            else max(self.starts_on, self.charged_until + timedelta(days=1))
        )

    def runs_on(self, day: date) -> bool:
        last = self.last_day
        begun = self.state != AgreementState.DRAFT and self.starts_on <= day
        return begun and (last is None or day <= last)


class RateTerms(models.Model):
    """How logged work is rated; see rules/rating.py. Empty prices follow the client's terms and the shop's settings."""

    hourly_rate = models.DecimalField(
        _("hourly rate"), null=True, blank=True, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    on_site_rate = models.DecimalField(
        _("hourly rate on site"), null=True, blank=True, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    travel = models.CharField(_("travel"), max_length=10, choices=Travel.choices, default=Travel.AS_WORK)
    travel_price = models.DecimalField(
        _("price of travel"), null=True, blank=True, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    after_multiplier = models.DecimalField(
        _("factor after hours"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(MOST_MULTIPLIER))],
    )
    day_off_multiplier = models.DecimalField(
        _("factor on days off"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(MOST_MULTIPLIER))],
    )
    round_step = models.PositiveSmallIntegerField(
        _("rounded to minutes"), default=1, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_STEP)]
    )
    round_how = models.CharField(_("rounded"), max_length=8, choices=Rounding.choices, default=Rounding.NEAREST)
    round_per = models.CharField(_("rounded for"), max_length=8, choices=RoundedPer.choices, default=RoundedPer.ENTRY)
    minimum_minutes = models.PositiveSmallIntegerField(
        _("at least minutes"), default=0, validators=[MaxValueValidator(480)]
    )
    includes = ArrayField(
        models.CharField(max_length=10, choices=WorkType.choices),
        verbose_name=_("work included without limit"),
        default=list,
        blank=True,
    )
    includes_after_hours = models.BooleanField(_("included after hours, too"), default=False)
    included_minutes = models.PositiveIntegerField(
        _("minutes included each period"), default=0, validators=[MaxValueValidator(600_000)]
    )
    carry_minutes = models.PositiveIntegerField(
        _("of them carried over at most"), default=0, validators=[MaxValueValidator(600_000)]
    )
    not_from_blocks = ArrayField(
        models.CharField(max_length=10, choices=WorkType.choices),
        verbose_name=_("work that no block or allowance pays for"),
        default=list,
        blank=True,
    )
    excluded_categories = ArrayField(models.UUIDField(), default=list, blank=True)  # of tickets: always at the rate

    class Meta:
        abstract = True


class PromiseTerms(models.Model):
    """How bills are made and who says yes to what."""

    sent_within_hours = models.PositiveSmallIntegerField(
        _("invoices are sent within hours"),
        default=DEFAULT_SENT_WITHIN,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 31)],
    )
    weekend_counts = models.BooleanField(_("weekends count"), default=True)
    grouping = models.CharField(
        _("finished work is billed"), max_length=8, choices=Grouping.choices, default=Grouping.JOB
    )
    payment_days = models.PositiveSmallIntegerField(
        _("days to pay"), null=True, blank=True, validators=[MaxValueValidator(MAX_PAYMENT_DAYS)]
    )
    po_number = models.CharField(_("purchase order number"), max_length=60, blank=True)
    po_limit = models.DecimalField(
        _("purchase order covers"), null=True, blank=True, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    approver = TenantForeignKey(
        Contact, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("who approves")
    )
    approval_limit = models.DecimalField(
        _("must be approved above"), null=True, blank=True, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    index_percent = models.DecimalField(
        _("prices rise at renewal by %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(-50)), MaxValueValidator(Decimal(100))],
    )
    sla_policy = TenantForeignKey(
        SlaPolicy, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("service level")
    )
    included_text = models.TextField(_("what is included"), max_length=2000, blank=True)
    excluded_text = models.TextField(_("what is not included"), max_length=2000, blank=True)

    class Meta:
        abstract = True


class AgreementVersion(RateTerms, PromiseTerms, TenantModel):
    """What an agreement says from a day on, until the next version's day."""

    portal = PortalRule.BY_CLIENT

    agreement = TenantForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    number = models.PositiveSmallIntegerField(editable=False)
    valid_from = models.DateField(_("takes effect on"))
    proration = models.CharField(_("part periods"), max_length=8, choices=Proration.choices, default=Proration.DAYS)
    true_up = models.CharField(
        _("numbers that change in a period charged ahead"), max_length=8, choices=TrueUp.choices, default=TrueUp.UP
    )
    because = models.CharField(_("why it changes"), max_length=300, blank=True)
    made_by = models.CharField(max_length=120, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("version of an agreement")
        verbose_name_plural = _("versions of agreements")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "agreement", "valid_from"], name="agreement_version_day"),
            models.UniqueConstraint(fields=["tenant", "agreement", "number"], name="agreement_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def included_work(self) -> str:
        """The work included without limit, in words."""
        return ", ".join(str(WorkType(each).label) for each in self.includes)


class AgreementItem(TenantModel):
    """A recurring charge of a version. `key` is the same through all versions, so that quantities go on counting."""

    portal = PortalRule.BY_CLIENT

    version = TenantForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="items", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    key = models.UUIDField(editable=False)
    position = models.PositiveSmallIntegerField(editable=False)
    label = models.CharField(_("what for"), max_length=160)
    basis = models.CharField(_("counted"), max_length=8, choices=Basis.choices, default=Basis.FLAT)
    asset_kind = models.CharField(_("devices of kind"), max_length=12, choices=AssetKind.choices, blank=True)
    site = TenantForeignKey(
        Site, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("at one site only")
    )
    count_rule = models.CharField(_("which number"), max_length=8, choices=CountRule.choices, default=CountRule.START)
    quantity = models.DecimalField(_("number"), max_digits=12, decimal_places=2, default=Decimal(1))
    at_least = models.PositiveIntegerField(_("at least"), default=0)
    unit_price = models.DecimalField(
        _("price"), max_digits=columns.DIGITS, decimal_places=columns.PLACES, help_text=_("Before tax, for one period.")
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("recurring charge")
        verbose_name_plural = _("recurring charges")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version", "key"], name="agreement_item_key"),
            models.UniqueConstraint(fields=["tenant", "version", "position"], name="agreement_item_position"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="agreement_item_quantity"),
        ]

    def __str__(self) -> str:
        return self.label
