"""The shop, and the base of every table that belongs to one."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .context import current_scope
from .ids import new_id, new_tenant_id
from .kept import kept, was_written
from .managers import TenantManager, UnscopedManager, stamp
from .scope import PortalRule


class Tenant(models.Model):
    """A shop. Global: it is looked up by host or membership before any scope is known."""

    id = models.BigIntegerField(primary_key=True, default=new_tenant_id, editable=False)
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    host = models.CharField(_("own host name"), max_length=253, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        was_written(Tenant)
        super().save(*args, **kwargs)

    def absolute_url(self, path: str) -> str:
        """`path` on the shop's own host, or on the installation's: for mails and printed links, never from a request."""
        if not self.host:
            return settings.BASE_URL.rstrip("/") + path
        return f"{'https' if settings.SECURE else 'http'}://{self.host}{path}"


@kept(Tenant)
def current_tenant() -> Tenant:
    """The shop in scope. Raises NoTenant outside any."""
    return Tenant.objects.get(pk=current_scope().tenant_id)


class TenantModel(models.Model):
    """A table of one shop's rows. Policies, grants and composite keys follow from the class; see walls.py.

    Indexes and unique constraints begin with the tenant (checked). A new table is closed to the portal until it opts in.
    """

    portal: ClassVar[PortalRule] = PortalRule.CLOSED
    append_only: ClassVar[bool] = False
    private: ClassVar[bool] = False  # read by its `contact` and by the shop's owner, by nobody else
    due_row: ClassVar[bool] = False
    indexes_over_shops: ClassVar[dict[str, str]] = {}  # name of an index that does not begin with the tenant -> why
    policies: ClassVar[dict[str, str]] = {}  # name -> "for … using (…)", beside the ones every table gets

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, editable=False, db_index=False, related_name="+")

    objects = TenantManager()
    unscoped = UnscopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # following a key, refreshing and saving stay inside the scope too

    tenant_id: int
    pk: UUID

    @classmethod
    def client_field(cls) -> models.Field[Any, Any] | None:
        """The field that says which client a row is of, if the table has one; the client's own table has its key."""
        name = "id" if cls.portal is PortalRule.OWN else "client_id"
        return next((f for f in cls._meta.local_fields if f.attname == name), None)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises NoTenant without a scope, and what managers.check_write raises."""
        stamp(self, current_scope())
        was_written(type(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises NoTenant without a scope, and what managers.check_write raises."""
        stamp(self, current_scope())
        was_written(type(self))
        return super().delete(*args, **kwargs)
