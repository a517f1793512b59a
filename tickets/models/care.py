"""Clients who need more care for a while, and people who had better not meet."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from msp.accounts.models import Membership
from msp.jobs.choices import DueState
from msp.jobs.models import DueRow, due_constraint, due_indexes
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from tickets.choices import BoostEnd


class Boost(DueRow):
    """A sore client's tickets stand earlier in the queues until the exit rule is met: enough good ratings, and quiet for long enough.

    `due_at` is when the rule is looked at next. It ends at `until` in any case.
    """

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("why"), max_length=300)
    good_ratings = models.PositiveSmallIntegerField(_("good ratings"))
    quiet_days = models.PositiveSmallIntegerField(_("days without a broken promise"))
    started_at = models.DateTimeField()
    until = models.DateTimeField(_("at the latest until"))
    set_by = models.CharField(max_length=120)
    ended_because = models.CharField(max_length=10, choices=BoostEnd.choices, blank=True)

    class Meta(DueRow.Meta):
        abstract = False
        verbose_name = _("healing boost")
        verbose_name_plural = _("healing boosts")
        indexes = due_indexes("boost")
        constraints = [
            due_constraint("boost"),
            models.UniqueConstraint(
                fields=["tenant", "client"], condition=Q(state=DueState.QUEUED), name="boost_one_a_client"
            ),
        ]


class KeptApart(TenantModel):
    """A member of staff who is not to be assigned to a client's tickets. The reason is the owner's business."""

    client = TenantForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    member = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("why"), max_length=300)
    set_by = models.CharField(max_length=120)
    set_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "client", "member"], name="kept_apart_once")]
