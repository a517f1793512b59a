"""What things cost: the shop's defaults, and what was agreed with one client."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.choices import Column, EInvoice, EndpointScheme, Grouping, Paper, TaxRounding, TaxTreatment
from clients.models import Client
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from . import columns

MAX_PAYMENT_DAYS = 365
MAX_UNDO_MINUTES = 24 * 60
MAX_SENT_WITHIN = 31 * 24  # hours


def _all_columns() -> list[str]:
    return [Column.QUANTITY, Column.PRICE, Column.TAX]


class BillingSettings(TenantModel):
    """One row a shop. Rates are empty until somebody sets them: a guessed tax is worse than a question."""

    hourly_rate = models.DecimalField(
        _("hourly rate"),
        null=True,
        help_text=_("Before tax. Clients may have their own."),
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
    )
    payment_days = models.PositiveSmallIntegerField(
        _("days to pay"), default=14, validators=[MaxValueValidator(MAX_PAYMENT_DAYS)]
    )
    tax_name = models.CharField(_("name of the tax"), max_length=20, default="VAT")
    tax_rate = models.DecimalField(
        _("tax rate in %"),
        null=True,
        help_text=_("0 when your shop is not registered for tax."),
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    number_prefix = models.CharField(_("numbers begin with"), max_length=12, default="INV-", blank=True)
    number_by_year = models.BooleanField(_("begin again at 1 each year"), default=False)
    bank_details = models.TextField(
        _("how to pay"), max_length=600, blank=True, help_text=_("Printed on each invoice: bank, account, reference.")
    )
    footer = models.TextField(_("foot of the invoice"), max_length=600, blank=True)
    undo_minutes = models.PositiveSmallIntegerField(
        _("minutes to undo"),
        default=10,
        validators=[MaxValueValidator(MAX_UNDO_MINUTES)],
        help_text=_("How long an approved invoice waits before it gets its number and is sent."),
    )
    drafts_automatically = models.BooleanField(
        _("draft finished work by itself"),
        default=True,
        help_text=_("A few minutes after a ticket is solved, or when the client's week or month is over."),
    )
    sent_within_hours = models.PositiveSmallIntegerField(
        _("hours until an invoice is out"),
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_SENT_WITHIN)],
        help_text=_(
            "Counted from finished work. You are warned when half of them are over, the owner at three quarters."
        ),
    )
    weekend_counts = models.BooleanField(_("Saturdays and Sundays count"), default=True)
    second_person_above = models.DecimalField(
        _("a second person approves above"),
        null=True,
        blank=True,
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        help_text=_("Total with tax, the same number in every currency. Empty: one person is enough."),
    )
    least_margin = models.DecimalField(
        _("least margin on parts in %"),
        null=True,
        blank=True,
        max_digits=5,
        decimal_places=2,
        validators=columns.RATE_VALIDATORS,
        help_text=_("Of the price. Below it, somebody who approves invoices must agree."),
    )
    most_margin = models.DecimalField(
        _("most margin on parts in %"),
        null=True,
        blank=True,
        max_digits=5,
        decimal_places=2,
        validators=columns.RATE_VALIDATORS,
        help_text=_("Above it, somebody must agree as well: a fair price is one that can be explained."),
    )

    # Tax
    prices_include_tax = models.BooleanField(_("prices include the tax"), default=False)
    tax_rounding = models.CharField(
        _("tax is rounded"), max_length=10, choices=TaxRounding.choices, default=TaxRounding.RATE
    )
    cash_step = models.DecimalField(
        _("round what is to pay to"),
        default=0,
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        validators=[MinValueValidator(0)],
        help_text=_("0.05 where the smallest coin is five hundredths; 0 for none."),
    )

    # Documents
    credit_prefix = models.CharField(_("credit notes begin with"), max_length=12, default="CN-")
    debit_prefix = models.CharField(_("debit notes begin with"), max_length=12, default="DN-")
    proforma_prefix = models.CharField(_("pro forma invoices begin with"), max_length=12, default="PRO-")
    deposit_prefix = models.CharField(_("deposit invoices begin with"), max_length=12, default="DEP-")
    final_prefix = models.CharField(_("final invoices begin with"), max_length=12, default="FIN-")
    paper = models.CharField(_("paper"), max_length=10, choices=Paper.choices, default=Paper.A4)
    pdf_columns = ArrayField(
        models.CharField(max_length=10, choices=Column.choices),
        default=_all_columns,
        blank=True,
        verbose_name=_("columns"),
    )
    intro = models.TextField(_("text above the lines"), max_length=600, blank=True)

    # What e-invoices and payment codes ask for
    account_name = models.CharField(_("account holder"), max_length=70, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    street = models.CharField(_("street"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    city = models.CharField(_("town"), max_length=60, blank=True)
    contact_name = models.CharField(_("whom clients ask about invoices"), max_length=100, blank=True)
    tax_number = models.CharField(
        _("local tax number"), max_length=40, blank=True, help_text=_("Where it differs from the VAT number.")
    )
    endpoint = models.CharField(
        _("electronic address"), max_length=100, blank=True, help_text=_("Empty: the shop's e-mail address.")
    )
    endpoint_scheme = models.CharField(
        _("kind of electronic address"), max_length=4, choices=EndpointScheme.choices, default=EndpointScheme.EMAIL
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="billing_settings_one")]


class ClientTerms(TenantModel):
    """What was agreed with one client; whatever is empty follows the shop's settings."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+", editable=False)
    hourly_rate = models.DecimalField(
        _("hourly rate"), null=True, blank=True, max_digits=columns.DIGITS, decimal_places=columns.PLACES
    )
    tax_treatment = models.CharField(
        _("tax"), max_length=20, choices=TaxTreatment.choices, default=TaxTreatment.STANDARD
    )
    tax_rate = models.DecimalField(
        _("own tax rate in %"),
        null=True,
        blank=True,
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    tax_reason = models.CharField(
        _("reason printed on the invoice"),
        max_length=200,
        blank=True,
        help_text=_("Why no tax is charged, for example the article of the law."),
    )
    tax_id = models.CharField(_("client's tax number"), max_length=40, blank=True)
    payment_days = models.PositiveSmallIntegerField(
        _("days to pay"), null=True, blank=True, validators=[MaxValueValidator(MAX_PAYMENT_DAYS)]
    )
    po_number = models.CharField(_("purchase order number"), max_length=60, blank=True)
    po_required = models.BooleanField(_("no invoice without a purchase order number"), default=False)
    invoice_email = models.EmailField(
        _("send invoices to"), blank=True, help_text=_("Empty: the contacts who receive invoices.")
    )
    billing_name = models.CharField(_("name on the invoice"), max_length=160, blank=True)
    billing_address = models.TextField(_("address on the invoice"), max_length=600, blank=True)
    prices_include_tax = models.BooleanField(_("prices include the tax"), null=True, blank=True)  # null: as the shop
    e_invoice = models.CharField(_("e-invoice"), max_length=20, choices=EInvoice.choices, blank=True)
    buyer_reference = models.CharField(
        _("buyer reference"), max_length=60, blank=True, help_text=_("For public bodies in Germany: the Leitweg-ID.")
    )
    endpoint = models.CharField(
        _("electronic address"), max_length=100, blank=True, help_text=_("Empty: where invoices are sent.")
    )
    endpoint_scheme = models.CharField(
        _("kind of electronic address"), max_length=4, choices=EndpointScheme.choices, default=EndpointScheme.EMAIL
    )
    street = models.CharField(_("street"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    city = models.CharField(_("town"), max_length=60, blank=True)
    grouping = models.CharField(_("invoices"), max_length=10, choices=Grouping.choices, default=Grouping.JOB)
    sent_within_hours = models.PositiveSmallIntegerField(
        _("hours until an invoice is out"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_SENT_WITHIN)],
        help_text=_("Empty: as the shop's settings say."),
    )
    po_limit = models.DecimalField(
        _("the purchase order covers"),
        null=True,
        blank=True,
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        help_text=_("Before tax, all invoices on this order number together. Empty: it has no limit."),
    )
    by_post = models.BooleanField(
        _("invoices go by post"),
        default=False,
        help_text=_("They wait to be printed. Mail goes only to the address above."),
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "client"], name="client_terms_one"),
            models.CheckConstraint(
                condition=~models.Q(tax_treatment=TaxTreatment.REVERSE_CHARGE)
                | (~models.Q(tax_id="") & ~models.Q(tax_reason="")),
                name="client_terms_reverse_charge_says_why",
            ),
        ]
