"""Thanks to clients who stay: the shop's rules, and what was given because of them."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.choices import Status
from billing.choices.care import Gift, LoyaltyCounts
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel

from . import columns
from .invoices import Invoice, InvoiceLine


class LoyaltyRule(TenantModel):
    """When a client gets what. A rule that gave something is archived, never deleted."""

    name = models.CharField(_("name"), max_length=80)
    counts = models.CharField(_("counts"), max_length=10, choices=LoyaltyCounts.choices, default=LoyaltyCounts.YEARS)
    threshold = models.PositiveSmallIntegerField(
        _("from"),
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text=_("Years, or solved requests."),
    )
    repeats = models.BooleanField(
        _("again"), default=True, help_text=_("Every year after that; or every time so many requests were solved.")
    )
    gift = models.CharField(_("gift"), max_length=10, choices=Gift.choices, default=Gift.PERCENT)
    percent = models.DecimalField(
        _("percent off the work"),
        null=True,
        blank=True,
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    thanks = models.CharField(
        _("printed words"),
        max_length=300,
        help_text=_("The line on the invoice. {years}, {requests} and {client} are filled in."),
    )
    yearly_cap = models.DecimalField(
        _("most in a year"),
        null=True,
        blank=True,
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        help_text=_("For one client, before tax, in the client's currency. Empty: no cap."),
    )
    automatic = models.BooleanField(
        _("by itself"), default=True, help_text=_("On each new draft. Otherwise a button on the draft offers it.")
    )
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("loyalty rule")
        verbose_name_plural = _("loyalty rules")
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gte=1), name="loyalty_rule_threshold"),
            models.CheckConstraint(
                condition=Q(gift="percent", percent__gt=0) | Q(gift="service", percent=None),
                name="loyalty_rule_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LoyaltyGiftQuerySet(TenantQuerySet["LoyaltyGift"]):
    def standing(self) -> Self:
        """Still on an invoice: its line was not removed and the draft not discarded."""
        return self.filter(line__isnull=False).exclude(invoice__status=Status.DISCARDED)


class LoyaltyGift(TenantModel):
    """What one client was given for one occasion, once for ever. Taken off the draft, the occasion may be used again."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    rule = TenantForeignKey(LoyaltyRule, on_delete=models.PROTECT, related_name="gifts")
    occasion = models.PositiveIntegerField()  # the year or the number of requests
    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="gifts")
    line = TenantForeignKey(InvoiceLine, on_delete=models.SET_NULL, related_name="+", null=True)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(
        max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )  # before tax; 0 for a service
    given_on = models.DateField()
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=120)

    objects: ClassVar = TenantManager.from_queryset(LoyaltyGiftQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        indexes = [
            models.Index(fields=["tenant", "-given_at", "-id"], name="loyalty_gift_newest"),
            models.Index(fields=["tenant", "client", "given_on"], name="loyalty_gift_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "client", "rule", "occasion"], name="loyalty_gift_once"),
            models.UniqueConstraint(fields=["tenant", "line"], name="loyalty_gift_line"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="loyalty_gift_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
