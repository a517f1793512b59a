"""A tenant table done wrong is a system check's error, on the model and in the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connections, models, transaction
from django.test.utils import isolate_apps

from clients.models import Client
from msp.tenancy import checks
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule


def with_djangos_key() -> type[TenantModel]:
    class Planted(TenantModel):
        client = models.ForeignKey(Client, on_delete=models.PROTECT, db_index=False)

        class Meta(TenantModel.Meta):
            app_label = "clients"

    return Planted


def unique_over_all_shops() -> type[TenantModel]:
    class Planted(TenantModel):
        number = models.IntegerField(unique=True)

        class Meta(TenantModel.Meta):
            app_label = "clients"

    return Planted


def with_an_index_over_all_shops() -> type[TenantModel]:
    class Planted(TenantModel):
        number = models.IntegerField()

        class Meta(TenantModel.Meta):
            app_label = "clients"
            indexes = [models.Index(fields=["number"], name="planted_number")]

    return Planted


def with_a_constraint_over_all_shops() -> type[TenantModel]:
    class Planted(TenantModel):
        number = models.IntegerField()

        class Meta(TenantModel.Meta):
            app_label = "clients"
            constraints = [models.UniqueConstraint(fields=["number"], name="planted_number")]

    return Planted


def with_an_indexed_key() -> type[TenantModel]:
    class Planted(TenantModel):
        client = TenantForeignKey(Client, on_delete=models.PROTECT, db_index=True)

        class Meta(TenantModel.Meta):
            app_label = "clients"

    return Planted


def with_a_manager_that_filters_nothing() -> type[TenantModel]:
    class Planted(TenantModel):
        everything = models.Manager["Planted"]()
        objects = TenantManager()

        class Meta(TenantModel.Meta):
            app_label = "clients"
            default_manager_name = "everything"

    return Planted


def without_the_base_manager() -> type[TenantModel]:
    class Planted(TenantModel):
        class Meta:
            app_label = "clients"

    return Planted


def opened_by_a_column_it_lacks() -> type[TenantModel]:
    class Planted(TenantModel):
        portal = PortalRule.BY_CLIENT

        class Meta(TenantModel.Meta):
            app_label = "clients"

    return Planted


@pytest.mark.parametrize(
    ("plant", "code"),
    [
        (with_a_manager_that_filters_nothing, "tenancy.E003"),
        (without_the_base_manager, "tenancy.E003"),
        (with_djangos_key, "tenancy.E005"),
        (unique_over_all_shops, "tenancy.E006"),
        (opened_by_a_column_it_lacks, "tenancy.E007"),
        (with_an_index_over_all_shops, "tenancy.E008"),
        (with_a_constraint_over_all_shops, "tenancy.E008"),
        (with_an_indexed_key, "tenancy.E008"),
    ],
)
@isolate_apps()
def test_a_planted_model_is_an_error(plant: Callable[[], type[TenantModel]], code: str) -> None:
    assert code in [error.id for error in checks._tenant_model(plant())]


def test_the_models_are_clean() -> None:
    assert checks.check_models(None) == []


@pytest.mark.django_db(databases=["default", "owner", "timers"])
def test_the_catalogue_is_clean() -> None:
    assert run_checks(tags=["database"], databases=["default", "owner", "timers"]) == []


@pytest.mark.django_db(databases=["owner"])
@pytest.mark.parametrize(
    ("planted", "code", "said"),
    [
        ("create table planted (tenant_id bigint)", "tenancy.E012", "planted has a tenant but no forced policy"),
        ("alter table clients_site no force row level security", "tenancy.E013", "clients_site lacks wall_"),
        ("drop policy wall_select on clients_site", "tenancy.E013", "clients_site lacks wall_select"),
        (
            "alter table clients_site drop constraint clients_site_client_id_wall cascade",
            "tenancy.E014",
            "clients_site lacks the composite key clients_site_client_id_wall",
        ),
    ],
)
def test_a_hole_in_the_catalogue_is_an_error(planted: str, code: str, said: str) -> None:
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(planted)
        found: list[Any] = checks.check_catalogue(None, ["owner"])
        transaction.set_rollback(True, "owner")
    assert [error for error in found if error.id == code and said in error.msg] != []


@pytest.mark.django_db(databases=["owner"])
def test_a_role_that_may_climb_is_an_error() -> None:
    with connections["owner"].cursor() as cursor:
        assert [error.id for error in checks._role(cursor, "default")] == ["tenancy.E011"]
