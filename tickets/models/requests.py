"""The forms by which clients ask for one kind of service."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Archivable
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.scope import PortalRule

from .catalogue import Category


class ServiceForm(Archivable):
    """What clients fill in for one kind of request. `questions` are lines; see rules.questions."""

    portal = PortalRule.SHARED

    name = models.CharField(_("name"), max_length=80)
    intro = models.CharField(_("what it is for"), max_length=200, blank=True)
    subject = models.CharField(_("subject of the ticket"), max_length=120, blank=True)
    questions = models.TextField(_("questions"), max_length=4000, blank=True)
    category = TenantForeignKey(Category, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta(Archivable.Meta):
        verbose_name = _("request form")
        verbose_name_plural = _("request forms")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], condition=Q(archived_at=None), name="service_form_name")
        ]

    def __str__(self) -> str:
        return self.name
