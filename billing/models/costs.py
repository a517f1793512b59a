"""What work costs us: a rate for each person from a day on, and what the house comes to on top of it."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from . import columns


class CostRate(TenantModel):
    """What an hour of one person costs from a day on, wages and what goes with them, until the next row's day."""

    member = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    valid_from = models.DateField(_("from"))
    currency = models.CharField(max_length=3, editable=False)  # the shop's
    hourly = models.DecimalField(
        _("cost of an hour"),
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Wages and what goes with them, by the hours that are paid."),
    )
    set_by = models.CharField(max_length=120, editable=False)
    set_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("cost rate")
        verbose_name_plural = _("cost rates")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "member", "valid_from"], name="cost_rate_day"),
            models.CheckConstraint(condition=models.Q(hourly__gte=0), name="cost_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.hourly} {self.currency}"


class Overhead(TenantModel):
    """Rent, cars, tools and the hours nobody can bill, in percent of the cost of work, from a day on."""

    valid_from = models.DateField(_("from"))
    percent = models.DecimalField(
        _("overhead in %"),
        max_digits=6,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1000))],
        help_text=_("Added to the cost of each hour: 60 makes 30.00 an hour 48.00."),
    )
    set_by = models.CharField(max_length=120, editable=False)
    set_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("overhead")
        verbose_name_plural = _("overheads")
        constraints = [models.UniqueConstraint(fields=["tenant", "valid_from"], name="overhead_day")]

    def __str__(self) -> str:
        return f"{self.percent} %"
