"""Files of a shop: the row says what the bytes must be, the storage keeps the bytes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from .choices import Visibility


class StoredFile(TenantModel):
    """Bytes that never change. `path` begins with the tenant id; `client_id` None belongs to the shop itself.

    Apps serve files from views of their own, which know who may; a portal contact reads its client's public ones only.
    """

    portal = PortalRule.BY_CLIENT_PUBLIC

    client_id = models.UUIDField(null=True, blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    stored_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [models.Index(fields=["tenant", "client_id", "-created_at"], name="stored_file_of_client")]
        constraints = [models.UniqueConstraint(fields=["tenant", "path"], name="stored_file_path")]

    def __str__(self) -> str:
        return self.name
