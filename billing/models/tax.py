"""Tax: the shop's rates with their dates, and what an invoice charges by rate."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.choices import TaxCategory
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from . import columns
from .invoices import OF_ISSUED, Invoice


class TaxRate(TenantModel):
    """A tax as it is from a day on. Rows of one name are one tax and its history.

    The name "" is the shop's usual tax: before its first row the rate of the billing settings holds.
    """

    name = models.CharField(_("name"), max_length=60, blank=True)
    valid_from = models.DateField(_("from"))
    category = models.CharField(
        _("kind of tax"), max_length=2, choices=TaxCategory.choices, default=TaxCategory.STANDARD
    )
    rate = models.DecimalField(
        _("rate in %"),
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    second_name = models.CharField(
        _("name of a second tax"), max_length=20, blank=True, help_text=_("Where two are charged, like GST and QST.")
    )
    second_rate = models.DecimalField(
        _("rate of the second tax in %"),
        default=0,
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    second_on_top = models.BooleanField(_("the second is charged on the first, too (compound)"), default=False)
    exemption_code = models.CharField(_("code of the reason"), max_length=30, blank=True)
    exemption_reason = models.CharField(_("reason printed on the invoice"), max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name", "valid_from"], name="tax_rate_one_a_day"),
            models.CheckConstraint(
                condition=models.Q(category=TaxCategory.STANDARD) | models.Q(rate=0, second_rate=0),
                name="tax_rate_only_if_taxed",
            ),
            models.CheckConstraint(
                condition=models.Q(second_rate=0, second_name="")
                | models.Q(second_rate__gt=0) & ~models.Q(second_name=""),
                name="tax_rate_second_has_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(_("Usual tax"))


class InvoiceTax(TenantModel):
    """What an invoice charges at one rate, as printed. Frozen with its invoice; of a second tax it is a row of its own."""

    portal = OF_ISSUED

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="taxes", editable=False)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    position = models.PositiveSmallIntegerField(editable=False)
    name = models.CharField(max_length=20, editable=False)
    category = models.CharField(max_length=2, choices=TaxCategory.choices, editable=False)
    rate = models.DecimalField(editable=False, max_digits=columns.RATE_DIGITS, decimal_places=columns.RATE_PLACES)
    is_second = models.BooleanField(default=False, editable=False)  # its base is counted by the first tax already
    base = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    amount = models.DecimalField(editable=False, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    exemption_code = models.CharField(max_length=30, blank=True, editable=False)
    exemption_reason = models.CharField(max_length=200, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("tax of an invoice")
        verbose_name_plural = _("taxes of invoices")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice", "position"], name="invoice_tax_position"),
        ]


class DepositUse(TenantModel):
    """Which final invoice takes a deposit off. One row a deposit: the database forbids taking it off twice."""

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="deposits", editable=False)
    deposit = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="used_by", editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("use of a deposit")
        verbose_name_plural = _("uses of deposits")
        constraints = [models.UniqueConstraint(fields=["tenant", "deposit"], name="deposit_used_once")]
