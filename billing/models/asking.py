"""A client's question about one line of an issued invoice, and what was said about it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.choices import Status
from billing.choices.care import QUERY_TRANSITIONS, UNSETTLED, QueryState, Turn
from clients.models import Client, Contact
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from . import columns
from .invoices import Invoice, InvoiceLine


class LineQueryQuerySet(TenantQuerySet["LineQuery"]):
    def unsettled(self) -> Self:
        """Somebody still has something to say or do."""
        return self.filter(state__in=UNSETTLED)

    def ours(self) -> Self:
        """It is the shop's turn: to answer, or to send the credit note that was promised."""
        return self.filter(
            Q(state=QueryState.OPEN) | Q(state=QueryState.CREDITED) & ~Q(credit_note__status=Status.ISSUED)
        )

    def holding(self, today: date) -> Self:
        """What keeps its line on hold: an answer does for the days that the client has to react to it."""
        answered = Q(state=QueryState.ANSWERED, hold_until__gte=today)
        crediting = Q(state=QueryState.CREDITED) & ~Q(credit_note__status=Status.ISSUED)
        return self.filter(Q(state=QueryState.OPEN) | answered | crediting)


class LineQuery(TenantModel):
    """One a line, for ever: asked again, it goes on. `held` is what the line comes to with its tax; nobody is reminded of it."""

    portal = PortalRule.BY_CLIENT

    invoice = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="queries")
    line = TenantForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="queries")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+")  # who asked last
    state = models.CharField(_("state"), max_length=10, choices=QueryState.choices, default=QueryState.OPEN)
    currency = models.CharField(max_length=3)
    held = models.DecimalField(max_digits=columns.DIGITS, decimal_places=columns.PLACES)
    round = models.PositiveSmallIntegerField(default=1)  # how often it was asked; the ordinal of the promise to answer
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)  # while it is open: the deadline of the promise
    answered_at = models.DateTimeField(null=True)
    hold_until = models.DateField(null=True)  # the last day of the hold once it was answered
    settled_at = models.DateTimeField(null=True)
    credit_note = TenantForeignKey(Invoice, on_delete=models.PROTECT, related_name="+", null=True)

    objects: ClassVar = TenantManager.from_queryset(LineQueryQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = _("query about a line")
        verbose_name_plural = _("queries about lines")
        indexes = [
            models.Index(fields=["tenant", "-asked_at", "-id"], name="line_query_newest"),
            models.Index(
                fields=["tenant", "asked_at", "id"],
                name="line_query_unsettled",
                condition=Q(state__in=["open", "answered", "credited"]),
            ),
            models.Index(fields=["tenant", "invoice"], name="line_query_invoice"),
            models.Index(fields=["tenant", "client", "-asked_at"], name="line_query_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "line"], name="line_query_one_a_line"),
            models.CheckConstraint(condition=Q(round__gte=1), name="line_query_round"),
            models.CheckConstraint(
                condition=Q(state="open", answer_by__isnull=False) | ~Q(state="open") & Q(answer_by=None),
                name="line_query_open_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", hold_until__isnull=False) | ~Q(state="answered") & Q(hold_until=None),
                name="line_query_answered_holds_on",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["settled", "withdrawn"], settled_at__isnull=False)
                | ~Q(state__in=["settled", "withdrawn"]) & Q(settled_at=None),
                name="line_query_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return str(self.line.description)

    def get_absolute_url(self) -> str:
        return reverse("billing:query", kwargs={"line_query_id": self.pk})

    @property
    def is_open(self) -> bool:
        return self.state == QueryState.OPEN

    @property
    def is_unsettled(self) -> bool:
        return self.state in UNSETTLED

    def can_become(self, state: QueryState) -> bool:
        return state in QUERY_TRANSITIONS[QueryState(self.state)]

    @property
    def turn(self) -> Turn:
        """Who has to do something. Asks for the credit note."""
        if self.state == QueryState.OPEN or (self.state == QueryState.CREDITED and not self.is_credited):
            return Turn.OURS
        return Turn.THEIRS if self.state == QueryState.ANSWERED else Turn.NOBODY

    @property
    def is_credited(self) -> bool:
        """Whether the credit note has gone out. Asks for the credit note."""
        return self.credit_note is not None and self.credit_note.status == Status.ISSUED

    @property
    def lost_its_note(self) -> bool:
        """Whether somebody discarded the draft by which it was to be credited. Asks for the credit note."""
        note = self.credit_note
        return self.state == QueryState.CREDITED and (note is None or note.status == Status.DISCARDED)

    def is_holding(self, today: date) -> bool:
        """As `LineQueryQuerySet.holding`. Asks for the credit note."""
        if self.state == QueryState.ANSWERED:
            return self.hold_until is not None and self.hold_until >= today
        return self.turn is Turn.OURS


class QueryMessage(TenantModel):
    """What one side said about a query. Both read all of it."""

    portal = PortalRule.BY_CLIENT
    append_only = True

    query = TenantForeignKey(LineQuery, on_delete=models.PROTECT, related_name="messages")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    by_client = models.BooleanField()
    author = models.CharField(max_length=120)
    words = models.TextField(_("message"), max_length=4000)
    said_at = models.DateTimeField()
    form_key = models.UUIDField(null=True, editable=False)  # one form sent twice is one message

    class Meta(TenantModel.Meta):
        verbose_name = _("message about a line")
        verbose_name_plural = _("messages about lines")
        indexes = [models.Index(fields=["tenant", "query", "said_at", "id"], name="query_message_order")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "form_key"], name="query_message_once"),
            models.CheckConstraint(condition=~Q(words=""), name="query_message_says_something"),
        ]

    def __str__(self) -> str:
        return self.words[:60]
