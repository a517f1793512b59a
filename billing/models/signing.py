"""Saying yes to an agreement, and templates to begin one from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices import Accepted, AgreementKind
from clients.models import Client
from msp.files.models import StoredFile
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from .agreements import AgreementVersion


class Acceptance(TenantModel):
    """That the client said yes to a version, kept with the document and its hash. Never changed, never deleted."""

    portal = PortalRule.BY_CLIENT
    append_only = True

    version = TenantForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="acceptances")
    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("who said yes"), max_length=120)
    accepted_on = models.DateField(_("on"))
    how = models.CharField(_("how"), max_length=8, choices=Accepted.choices, default=Accepted.SIGNED)
    document = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", null=True)
    document_sha256 = models.CharField(max_length=64, blank=True)
    terms_sha256 = models.CharField(max_length=64)  # of the terms as they were shown: rules/signing.py
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        constraints = [
            models.CheckConstraint(
                condition=Q(document=None, document_sha256="") | Q(document__isnull=False) & ~Q(document_sha256=""),
                name="acceptance_document_with_hash",
            )
        ]

    def __str__(self) -> str:
        return self.name


class AgreementTemplate(TenantModel):
    """An agreement to begin from, kept by the shop. `terms` and `items` are columns of versions and items as plain values."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=AgreementKind.choices)
    terms = models.JSONField(default=dict)
    items = models.JSONField(default=list)
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("template of agreements")
        verbose_name_plural = _("templates of agreements")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=Q(archived_at=None), name="agreement_template_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
