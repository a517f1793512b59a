"""Promises: every deadline owed to a client is a row of one kind, whatever made it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.choices import JUDGED, STANDING, TRANSITIONS, PromiseState, ReminderState
from clients.rules.promises import Stage, Step, stages_from_json, steps_from_json
from msp.accounts.models import Membership
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import CLIENT_SQL, CONTACT_SQL, PortalRule, Scope

from .records import Client, Contact


def _shown_to(scope: Scope) -> Q:
    to_me = Q(confidential=False) | Q(contact_id=scope.contact_id)
    return Q(to_me, client_id=scope.client_id, shown=True)


# A client reads what was promised to it in words meant for it; what was promised about a confidential matter, only who it was
# promised to.
_PROMISED = PortalRule(
    "promised",
    f"client_id = {CLIENT_SQL} and shown and (not confidential or contact_id = {CONTACT_SQL})",
    _shown_to,
    ("client_id", "shown", "confidential", "contact_id"),
)


class PromiseQuerySet(TenantQuerySet["Promise"]):
    def standing(self) -> Self:
        """Still owed and not broken."""
        return self.filter(state__in=STANDING)

    def unkept(self) -> Self:
        """Still owed: standing, or broken and not made good yet."""
        return self.filter(Q(state__in=STANDING) | Q(state=PromiseState.BROKEN, kept_at=None))

    def judged(self) -> Self:
        """What the kept rate counts: kept or broken, and not excluded from it."""
        return self.filter(state__in=JUDGED, excluded_because="")


class Promise(DueRow):
    """A deadline owed to a client. Its subject lives in a higher app and is named by kind and id, without a key.

    `due_at`, which the sweep looks at, is the time of the next of `stages`; the last of them is the deadline. `round` counts how
    often the stages were laid out anew by moving the promise, so that each fires once a round.
    """

    portal = _PROMISED
    open_states = (PromiseState.OPEN,)
    resting_states = (PromiseState.PAUSED,)
    # Never given up: a promise whose stages cannot be worked is tried every hour and stays open, with its error.
    dead_state = ""

    state = models.CharField(_("state"), max_length=12, choices=PromiseState.choices, default=PromiseState.OPEN)
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    ordinal = models.PositiveIntegerField(default=1)
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="promises")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    owner = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    words = models.CharField(_("what was promised"), max_length=200)
    shown = models.BooleanField(default=False)  # to the client, in the portal
    confidential = models.BooleanField(default=False)  # there only to `contact`
    made_at = models.DateTimeField()
    promised_at = models.DateTimeField(_("promised for"))
    risk_at = models.DateTimeField()  # from then on it is at risk
    stages = models.JSONField(default=list)  # what is still to fire; see rules.promises
    round = models.PositiveIntegerField(default=0)
    working = models.JSONField(default=list)  # how the deadline was computed
    paused_since = models.DateTimeField(null=True, blank=True)
    paused_because = models.CharField(max_length=200, blank=True)
    moved_because = models.CharField(max_length=200, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)  # with `broken_at`: kept late
    broken_at = models.DateTimeField(null=True, blank=True)
    broken_because = models.CharField(max_length=400, blank=True)
    excluded_because = models.CharField(max_length=400, blank=True)  # why the kept rate leaves it out
    ended_because = models.CharField(max_length=200, blank=True)  # why it was cancelled

    objects: ClassVar = TenantManager.from_queryset(PromiseQuerySet)()

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        indexes = [
            *due_indexes("promise", (PromiseState.OPEN,)),
            models.Index(
                fields=["tenant", "promised_at", "id"], name="promise_standing", condition=Q(state__in=STANDING)
            ),
            models.Index(
                fields=["tenant", "state", "-finished_at", "-id"],
                name="promise_ended",
                condition=Q(finished_at__isnull=False),
            ),
            models.Index(fields=["tenant", "client", "state", "promised_at", "id"], name="promise_client"),
            models.Index(fields=["tenant", "owner", "state", "promised_at", "id"], name="promise_owner"),
            models.Index(
                fields=["tenant", "client"], name="promise_unkept", condition=Q(state="broken", kept_at__isnull=True)
            ),
            # With the client, which the wall asks for: so the indexes alone count what is at risk.
            models.Index(fields=["tenant", "risk_at", "client"], name="promise_risk", condition=Q(state="open")),
            models.Index(
                fields=["tenant", "owner", "risk_at", "client"], name="promise_risk_of", condition=Q(state="open")
            ),
        ]
        constraints = [
            due_constraint("promise", (PromiseState.OPEN,), (PromiseState.PAUSED,)),
            models.UniqueConstraint(
                fields=["tenant", "subject_kind", "subject_id", "kind", "ordinal"], name="promise_once"
            ),
            models.CheckConstraint(condition=Q(state__in=PromiseState.values), name="promise_state"),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="promise_ordinal"),
            models.CheckConstraint(
                condition=Q(state="paused", paused_since__isnull=False) | ~Q(state="paused") & Q(paused_since=None),
                name="promise_paused_since",
            ),
            models.CheckConstraint(
                condition=Q(state="broken", broken_at__isnull=False) | ~Q(state="broken") & Q(broken_at=None),
                name="promise_broken_at",
            ),
            models.CheckConstraint(
                condition=Q(state="kept", kept_at__isnull=False) | Q(state="broken") | Q(kept_at=None),
                name="promise_kept_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="broken") | Q(kept_at=None) | Q(kept_at__gt=F("broken_at")),
                name="promise_kept_late",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(ended_because__gt=""), name="promise_cancelled_because"
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def is_open(self) -> bool:
        return self.state == PromiseState.OPEN

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING

    @property
    def is_unkept(self) -> bool:
        """Whether somebody still has to do it."""
        return self.is_standing or (self.state == PromiseState.BROKEN and self.kept_at is None)

    @property
    def is_late(self) -> bool:
        return self.state == PromiseState.BROKEN and self.kept_at is not None

    @property
    def tells(self) -> bool:
        """Whether somebody outside is told when it is moved. Asks for the contact."""
        person = self.contact
        return self.shown and person is not None and bool(person.email) and not person.is_archived

    def is_past(self, now: datetime) -> bool:
        return self.promised_at < now

    def get_absolute_url(self) -> str:
        return reverse("clients:promise", kwargs={"promise_id": self.pk})

    def at_risk(self, now: datetime) -> bool:
        return self.is_open and self.risk_at <= now

    def can_become(self, state: str) -> bool:
        return state in TRANSITIONS[PromiseState(self.state)]

    @property
    def stages_ahead(self) -> list[Stage]:
        return stages_from_json(self.stages)

    @property
    def steps(self) -> list[Step]:
        return steps_from_json(self.working)


class PromiseStage(TenantModel):
    """A stage that fired. Never more than once a round, whatever crashes: the promise moves on in the same transaction."""

    append_only = True

    promise = TenantForeignKey(Promise, on_delete=models.PROTECT, related_name="fired")
    round = models.PositiveIntegerField()
    stage = models.CharField(max_length=40)
    fired_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "promise", "round", "stage"], name="promise_stage_once")
        ]
        indexes = [models.Index(fields=["tenant", "fired_at"], name="promise_stage_fired")]

    def __str__(self) -> str:
        return self.stage


class Reminder(DueRow):
    """That a person is to be told of their promises: one row a person, so that many stages at once are one reminder."""

    open_states = (ReminderState.QUEUED,)
    resting_states = (ReminderState.RESTING,)
    dead_state = ReminderState.DEAD

    state = models.CharField(max_length=12, choices=ReminderState.choices, default=ReminderState.QUEUED)
    to = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()  # what fired before it has been told

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("reminder of promises")
        verbose_name_plural = _("reminders of promises")
        indexes = due_indexes("reminder", (ReminderState.QUEUED,))
        constraints = [
            due_constraint("reminder", (ReminderState.QUEUED,), (ReminderState.RESTING,)),
            models.UniqueConstraint(fields=["tenant", "to"], name="reminder_one"),
        ]

    def __str__(self) -> str:
        return str(_("Reminder of promises"))
