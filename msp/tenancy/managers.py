"""The Python lock: managers that raise without a scope and filter with one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db import models
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND

from .context import current_scope
from .kept import was_written
from .scope import Audience, ClosedToPortal, Scope, WrongClient, WrongTenant

if TYPE_CHECKING:
    from .models import TenantModel

M = TypeVar("M", bound="TenantModel")


def stamp(row: TenantModel, scope: Scope) -> None:
    """Give a new row its shop. Raises what `check_write` raises for a row that is not the scope's to write."""
    if row.tenant_id is None:
        row.tenant_id = scope.tenant_id
    client = row.client_field()
    own = {} if client is None else {client.attname: getattr(row, client.attname)}
    check_write(type(row), scope, {"tenant_id": row.tenant_id} | own)


def check_write(model: type[TenantModel], scope: Scope, values: Mapping[str, Any]) -> None:
    """Refuse what `scope` may not write into a table, by name of column.

    Raises WrongTenant for another shop's row, WrongClient for another client's, ClosedToPortal for any portal write.
    """
    if scope.audience is Audience.PORTAL:
        raise ClosedToPortal(f"the portal writes nothing: {model._meta.label}")
    if values.get("tenant_id", scope.tenant_id) != scope.tenant_id:
        raise WrongTenant(f"{model._meta.label} of another shop")
    if scope.client_id is None or (field := model.client_field()) is None or field.attname not in values:
        return
    nobodys = field.null and values[field.attname] is None
    if values[field.attname] != scope.client_id and not nobodys:
        raise WrongClient(f"{model._meta.label} of another client")


def narrowed(queryset: models.QuerySet[M], scope: Scope) -> models.QuerySet[M]:
    """Only the rows that `scope` may read. Raises ClosedToPortal for a table closed to clients."""
    model = queryset.model
    _keep_to_shop(queryset, scope.tenant_id)
    if scope.audience is Audience.PORTAL:
        if model.portal.q is None:
            raise ClosedToPortal(f"{model._meta.label} is closed to the portal")
        return queryset.filter(model.portal.q(scope))
    if scope.client_id is not None and (field := model.client_field()) is not None:
        own = models.Q(**{field.attname: scope.client_id})
        queryset = queryset.filter(own | models.Q(**{field.attname: None}) if field.null else own)
    return _kept_private(queryset, scope) if model.private else queryset


def _kept_private(queryset: models.QuerySet[M], scope: Scope) -> models.QuerySet[M]:
    """To staff all of it for the owner and none for anybody else; to whoever acts for a contact, that contact's own."""
    if scope.audience is Audience.STAFF:
        return queryset if scope.is_owner else queryset.none()
    return queryset.filter(contact_id=scope.contact_id)


def _keep_to_shop(queryset: models.QuerySet[M], tenant_id: int) -> None:
    """What `filter(tenant_id=…)` comes to, for a quarter of its price: every query of the house begins with it."""
    query = queryset.query
    column = cast("models.Field[Any, Any]", queryset.model._meta.get_field("tenant"))
    query.where.add(Exact(column.get_col(query.get_initial_alias()), tenant_id), AND)


class TenantQuerySet(models.QuerySet[M]):
    """Base of every tenant table's queryset."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        rows, scope = list(objs), current_scope()
        for row in rows:
            stamp(row, scope)
        was_written(self.model)
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """Also what bulk_update comes to. A row changes its client by one, never its shop."""
        columns = {getattr(self.model._meta.get_field(name), "attname", name): value for name, value in kwargs.items()}
        check_write(self.model, current_scope(), {name: getattr(value, "pk", value) for name, value in columns.items()})
        was_written(self.model)
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        check_write(self.model, current_scope(), {})
        was_written(self.model)
        return super().delete()

    update.alters_data = True  # type: ignore[attr-defined]  # as Django says of its own
    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]


class TenantManager(models.Manager[M]):
    """Reads and writes inside the current scope only. Raises NoTenant without one."""

    _queryset_class = TenantQuerySet

    def get_queryset(self) -> models.QuerySet[M]:
        return narrowed(super().get_queryset(), current_scope())


class UnscopedManager(models.Manager[M]):
    """For the few places that look before a shop is known; Postgres' policies still hold. Not for pages."""
