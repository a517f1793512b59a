"""Reminders of payment: the shop's ladder, what was sent because of it, and what stops it."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.choices.care import CountedFrom, StepOutcome
from clients.models import Client
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.mail.models import OutgoingMail
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .invoices import Invoice, InvoiceLine

MAX_DAYS = 365
MAX_HOURS = 400


class CareSettings(TenantModel):
    """One row a shop: how queries are answered, when reminders leave, what loyalty may cost."""

    answer_hours = models.PositiveSmallIntegerField(
        _("hours to answer a query"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_HOURS)],
        help_text=_("Service hours. The client reads the time by which you answer."),
    )
    hold_days = models.PositiveSmallIntegerField(
        _("days on hold after an answer"),
        default=7,
        validators=[MaxValueValidator(MAX_DAYS)],
        help_text=_("How long an explained line stays out of reminders, so that the client can react."),
    )
    reminds = models.BooleanField(
        _("send reminders"), default=False, help_text=_("Off, nothing leaves; the page shows what would.")
    )
    send_hour = models.PositiveSmallIntegerField(
        _("reminders leave at"),
        default=10,
        validators=[MaxValueValidator(23)],
        help_text=_("The hour of the day at the client's, on working days there. Until then you can hold them."),
    )
    least_days = models.PositiveSmallIntegerField(
        _("days between two reminders"),
        default=5,
        validators=[MaxValueValidator(MAX_DAYS)],
        help_text=_("To one client, at least. What falls due meanwhile goes into the next one."),
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days for money to arrive"),
        default=2,
        validators=[MaxValueValidator(60)],
        help_text=_("After the day that a client has promised to pay on."),
    )
    fee_tax_rate = models.DecimalField(
        _("tax on reminder fees in %"),
        default=0,
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
    )
    hour_cost = models.DecimalField(
        _("what an hour costs you"),
        null=True,
        blank=True,
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        help_text=_("Wages and overhead. Gifts in percent are measured against it."),
    )
    margin_floor = models.DecimalField(
        _("margin to keep in %"),
        default=0,
        max_digits=columns.RATE_DIGITS,
        decimal_places=columns.RATE_PLACES,
        validators=columns.RATE_VALIDATORS,
        help_text=_("No gift takes an invoice below it."),
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="care_settings_one")]


class DunningStep(TenantModel):
    """A rung of the shop's ladder. One that was used is archived, never deleted."""

    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(editable=False)
    days = models.PositiveSmallIntegerField(_("days"), validators=[MaxValueValidator(MAX_DAYS)])
    counted_from = models.CharField(
        _("counted from"), max_length=10, choices=CountedFrom.choices, default=CountedFrom.DUE
    )
    fee = models.DecimalField(
        _("fee"),
        default=0,
        max_digits=columns.DIGITS,
        decimal_places=columns.PLACES,
        help_text=_("Once an invoice, in the shop's currency. It is put on the client's next draft."),
    )
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("step of the reminders")
        verbose_name_plural = _("steps of the reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "position"], condition=Q(archived_at=None), name="dunning_step_position"
            ),
            models.CheckConstraint(condition=Q(fee__gte=0), name="dunning_step_fee"),
        ]

    def __str__(self) -> str:
        return self.name


class DunningText(TenantModel):
    """What a step says in one language. {placeholders} are filled in for each client."""

    step = TenantForeignKey(DunningStep, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=4000)

    class Meta(TenantModel.Meta):
        verbose_name = _("text of a reminder")
        verbose_name_plural = _("texts of reminders")
        constraints = [models.UniqueConstraint(fields=["tenant", "step", "language"], name="dunning_text_language")]

    def __str__(self) -> str:
        return self.subject


class DunningSweep(DueRow):
    """One row a shop that sends reminders: it looks every hour whether a client's reminder may leave."""

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("look for reminders")
        verbose_name_plural = _("looks for reminders")
        indexes = due_indexes("dunning_sweep")
        constraints = [
            due_constraint("dunning_sweep"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(state="queued"), name="dunning_sweep_one"),
        ]


class DunningRound(DueRow):
    """That one client is to be reminded of what it owes today. Made by the sweep; what it finds then decides."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("reminder of payment")
        verbose_name_plural = _("reminders of payment")
        indexes = due_indexes("dunning_round")
        constraints = [
            due_constraint("dunning_round"),
            models.UniqueConstraint(
                fields=["tenant", "client"], condition=Q(state="queued"), name="dunning_round_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return str(self.client_id)


class DunningLetter(TenantModel):
    """A reminder that was sent to one client, of one or several invoices in one currency."""

    append_only = True

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    step = TenantForeignKey(DunningStep, on_delete=models.PROTECT, related_name="+")  # whose text it carries
    step_name = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    recipients = ArrayField(models.EmailField(), default=list)
    sent_on = models.DateField()  # at the client's
    sent_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        verbose_name = _("sent reminder")
        verbose_name_plural = _("sent reminders")
        indexes = [
            models.Index(fields=["tenant", "-sent_at", "-id"], name="dunning_letter_newest"),
            models.Index(fields=["tenant", "client", "-sent_on"], name="dunning_letter_client"),
        ]

    def __str__(self) -> str:
        return self.step_name


class LetterMail(TenantModel):
    """One mail of one reminder to one recipient. The mail's own row knows whether it was sent."""

    letter = TenantForeignKey(DunningLetter, on_delete=models.PROTECT, related_name="mails")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    recipient = models.EmailField()
    mail = TenantForeignKey(OutgoingMail, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "letter", "recipient"], name="letter_mail_once")]

    def __str__(self) -> str:
        return self.recipient


class StepTaken(TenantModel):
    """That a step is over for an invoice, whatever became of it: the database forbids it twice."""

    append_only = True

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="steps_taken")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    step = TenantForeignKey(DunningStep, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=StepOutcome.choices)
    letter = TenantForeignKey(DunningLetter, on_delete=models.PROTECT, related_name="steps", null=True)
    currency = models.CharField(max_length=3)
    asked = models.DecimalField(default=0, max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=120)
    because = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("step taken")
        verbose_name_plural = _("steps taken")
        indexes = [models.Index(fields=["tenant", "letter"], name="step_taken_letter")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice", "step"], name="step_taken_once"),
            models.CheckConstraint(
                condition=Q(outcome="sent", letter__isnull=False) | ~Q(outcome="sent") & Q(letter=None),
                name="step_taken_sent_by_letter",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome


class ReminderFee(TenantModel):
    """A fee for a reminder, once an invoice and step. It waits for the client's next draft, and is a line there."""

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="+")  # the one that was late
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    step = TenantForeignKey(DunningStep, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    arose_at = models.DateTimeField()
    line = TenantForeignKey(InvoiceLine, on_delete=models.SET_NULL, related_name="+", null=True)
    waived_at = models.DateTimeField(null=True)
    waived_by = models.CharField(max_length=120, blank=True)
    waived_because = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("reminder fee")
        verbose_name_plural = _("reminder fees")
        indexes = [
            models.Index(
                fields=["tenant", "client", "arose_at"],
                name="reminder_fee_waiting",
                condition=Q(line=None, waived_at=None),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice", "step"], name="reminder_fee_once"),
            models.UniqueConstraint(fields=["tenant", "line"], name="reminder_fee_line"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="reminder_fee_amount"),
            models.CheckConstraint(
                condition=Q(waived_at=None, waived_because="")
                | Q(line=None, waived_at__isnull=False) & ~Q(waived_because=""),
                name="reminder_fee_waived_because",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class ReminderPause(TenantModel):
    """Nobody reminds this client, until a day or until it is taken back."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateField(_("until"), null=True, blank=True)  # the first day on which reminders leave again
    because = models.CharField(_("why"), max_length=300)
    paused_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("pause of reminders")
        verbose_name_plural = _("pauses of reminders")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "client"], condition=Q(ended_at=None), name="reminder_pause_one"),
            models.CheckConstraint(condition=~Q(because=""), name="reminder_pause_because"),
        ]

    def __str__(self) -> str:
        return self.because

    def holds(self, today: date) -> bool:
        return self.ended_at is None and (self.until is None or today < self.until)


class PayPromise(TenantModel):
    """That a client said when it pays an invoice. Nobody reminds it until then; whether it was kept is seen from the money."""

    portal = PortalRule.BY_CLIENT

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="pay_promises")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    pay_on = models.DateField(_("they pay on"))
    who = models.CharField(_("who said so"), max_length=120)
    noted_by = models.CharField(max_length=120)
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # withdrawn, or another took its place
    told_at = models.DateTimeField(null=True)  # the office heard that it was broken

    class Meta(TenantModel.Meta):
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice"], condition=Q(ended_at=None), name="pay_promise_one")
        ]

    def __str__(self) -> str:
        return str(self.pay_on)
