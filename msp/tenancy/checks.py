"""System checks that keep the walls standing: on the models without a database, on the catalogue with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, models

from . import catalogue, walls
from .fields import TenantForeignKey
from .managers import TenantManager
from .models import TenantModel


@checks.register(checks.Tags.models)
def check_models(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every model is a tenant table done right, or a global one with a written reason."""
    found: list[checks.CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, TenantModel):
            found += _tenant_model(model)
        elif model._meta.label not in settings.GLOBAL_MODELS:
            found.append(_error("E001", model, "is neither a TenantModel nor listed with a reason in GLOBAL_MODELS"))
        else:
            found += [
                _error("E002", model, f"is global but {field.name} points into a shop's rows")
                for field in model._meta.local_fields
                if isinstance(field, models.ForeignKey) and _is_tenant(field.remote_field.model)
            ]
    return found


def _is_tenant(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, TenantModel)


def _error(code: str, model: type[models.Model], text: str) -> checks.Error:
    return checks.Error(f"{model._meta.label} {text}", id=f"tenancy.{code}")


def _tenant_model(model: type[TenantModel]) -> Iterator[checks.CheckMessage]:
    if not isinstance(model._meta.default_manager, TenantManager):
        yield _error("E003", model, "must keep a TenantManager as its default manager")
    if model._meta.base_manager_name != "objects":
        yield _error("E003", model, "must inherit TenantModel.Meta (base_manager_name)")
    if model._meta.local_many_to_many:
        yield _error("E004", model, "has a many-to-many: write the through table as a TenantModel")
    for field in model._meta.local_fields:
        if (
            isinstance(field, models.ForeignKey)
            and _is_tenant(field.remote_field.model)
            and not isinstance(field, TenantForeignKey)
        ):
            yield _error("E005", model, f"{field.name} must be a TenantForeignKey")
        if field.unique and not field.primary_key:
            yield _error("E006", model, f"{field.name} is unique over all shops: its error would tell of another's row")
    columns = {field.name for field in model._meta.local_fields} | {field.attname for field in model._meta.local_fields}
    for column in model.portal.columns:
        if column not in columns:
            yield _error("E007", model, f"is opened {model.portal.name} but has no {column}")
    yield from _indexes(model)


def _indexes(model: type[TenantModel]) -> Iterator[checks.CheckMessage]:
    """Indexes begin with the tenant; a due row's may begin with due_at, so that a sweep across shops stays cheap."""
    if model._meta.unique_together:
        yield _error("E008", model, "uses unique_together: write a UniqueConstraint")
    first: list[tuple[str, str]] = [(i.name, i.fields[0].lstrip("-")) for i in model._meta.indexes if i.fields]
    first += [
        (c.name, c.fields[0]) for c in model._meta.constraints if isinstance(c, models.UniqueConstraint) and c.fields
    ]
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.expressions:
            first.append((constraint.name, getattr(constraint.expressions[0], "name", "?")))
    for name, column in first:
        free = name in model.indexes_over_shops or (model.due_row and column == "due_at")
        if column not in {"tenant", "tenant_id"} and not free:
            yield _error("E008", model, f"{name} must begin with the tenant")
    for field in model._meta.local_fields:
        if getattr(field, "db_index", False) and not field.primary_key and not field.unique:
            yield _error("E008", model, f"{field.name} has an index of its own: index it behind the tenant")


@checks.register(checks.Tags.database)
def check_catalogue(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """The database really has the walls, and web and workers cannot climb them."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            if alias in {"default", "timers"}:
                found += _role(cursor, alias)
            if alias == "owner":
                found += _tables(cursor)
    return found


def refuse_powerful_roles() -> None:
    """Called when web or a worker starts. Raises ImproperlyConfigured for a role that the walls do not hold."""
    try:
        for alias in ("default", "timers"):
            with connections[alias].cursor() as cursor:
                for problem in _role(cursor, alias):
                    raise ImproperlyConfigured(f"refusing to start. {problem.msg}")
    finally:
        connections.close_all()  # the processes that are forked next must not share them


def _role(cursor: Any, alias: str) -> Iterator[checks.CheckMessage]:
    if roles := catalogue.powerful_roles(cursor):
        text = (
            f"{alias}: its role is or can become {', '.join(roles)}, who can bypass row level security or owns things"
        )
        yield checks.Error(text, id="tenancy.E011")


def _tables(cursor: Any) -> Iterator[checks.CheckMessage]:
    found = catalogue.tables(cursor)
    excused = {apps.get_model(label)._meta.db_table for label in settings.GLOBAL_MODELS}
    for name, table in sorted(found.items()):
        if table.has_tenant and name not in excused and not (table.secured and table.policies):
            yield checks.Error(f"table {name} has a tenant but no forced policy", id="tenancy.E012")
    for model in walls.tenant_models():
        yield from _walls(model, found)
    for what in catalogue.detours(cursor, settings.SEEN_BY_OWNERS):
        yield checks.Error(f"{what} shows rows past the policies: see SEEN_BY_OWNERS", id="tenancy.E016")


def _walls(model: type[TenantModel], found: Mapping[str, catalogue.Table]) -> Iterator[checks.CheckMessage]:
    table = found.get(model._meta.db_table, catalogue.Table(secured=False, has_tenant=True))
    wanted = walls.policies_of(model)
    missing = {name for name in wanted if not table.secured or table.policies.get(name) != wanted[name]}
    if missing:
        yield _wrong(model, "E013", f"lacks {', '.join(sorted(missing))}")
    if added := table.policies.keys() - wanted:
        yield _wrong(model, "E013", f"has policies that no model declares, {', '.join(sorted(added))}")
    for target, name, definition in walls.constraints_of(model):
        if target not in found or found[target].constraints.get(name) != definition:
            yield _wrong(model, "E014", f"lacks the composite key {name}")
    if table.rights != walls.rights_of(model):
        yield _wrong(model, "E015", "gives its roles other rights than its model says")


def _wrong(model: type[TenantModel], code: str, text: str) -> checks.Error:
    return checks.Error(f"table {model._meta.db_table} {text}: run migrate", id=f"tenancy.{code}")
