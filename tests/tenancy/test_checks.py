"""A tenant table done wrong is a system check's error, on the model and in the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from django.core.checks import run_checks
from django.db import ProgrammingError, connections, models, transaction
from django.test.utils import CaptureQueriesContext, isolate_apps

from clients.models import Client
from msp.tenancy import checks, walls
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


KEY = "clients_site_client_id_wall"
LOOSE = f"add constraint {KEY} foreign key (client_id) references clients_client (id) deferrable initially deferred"
# What somebody did by hand → the check's error.
MENDED = [
    ("alter table clients_site no force row level security", "tenancy.E013", "clients_site lacks wall_"),
    ("drop policy wall_select on clients_site", "tenancy.E013", "clients_site lacks wall_select"),
    ("comment on policy wall_select on clients_site is 'of old'", "tenancy.E013", "clients_site lacks wall_select"),
    ("create policy planted on clients_site using (true)", "tenancy.E013", "no model declares, planted"),
    (f"alter table clients_site drop constraint {KEY}", "tenancy.E014", f"lacks the composite key {KEY}"),
    (f"alter table clients_site drop constraint {KEY}, {LOOSE}", "tenancy.E014", f"lacks the composite key {KEY}"),
    ("grant truncate on clients_site to mainstay_app", "tenancy.E015", "clients_site gives its roles other rights"),
    ("grant select on clients_site to public", "tenancy.E015", "clients_site gives its roles other rights"),
    ("revoke insert on clients_site from mainstay_app", "tenancy.E015", "clients_site gives its roles other rights"),
    ("grant select (payload) on jobs_job to mainstay_timers", "tenancy.E015", "jobs_job gives its roles other rights"),
]
HOLES = [
    *MENDED,
    ("create table planted (tenant_id bigint)", "tenancy.E012", "planted has a tenant but no forced policy"),
    ("create view planted as select * from clients_site", "tenancy.E016", "view planted without security_invoker"),
    ("create materialized view planted as select 1", "tenancy.E016", "materialized view planted"),
    (
        "create function planted() returns int language sql security definer as 'select 1'",
        "tenancy.E016",
        "security definer function planted",
    ),
]


@pytest.mark.django_db(databases=["owner"])
@pytest.mark.parametrize(("planted", "code", "said"), HOLES)
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


@pytest.fixture
def superuser(db: None) -> Iterator[Any]:
    """A cursor of the cluster's superuser on the tests' database; what it does is rolled back."""
    told = connections["owner"].settings_dict
    connection = psycopg2.connect(dbname=told["NAME"], user="postgres", host=told["HOST"], port=told["PORT"] or None)
    with connection.cursor() as cursor:
        yield cursor
    connection.rollback()
    connection.close()


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ("select 1", []),
        ("grant mainstay_owner to mainstay_app", ["tenancy.E011"]),
        ("create role between; grant mainstay_owner to between; grant between to mainstay_app", ["tenancy.E011"]),
        (
            "create role strong bypassrls; alter role mainstay_app noinherit; grant strong to mainstay_app",
            ["tenancy.E011"],
        ),
        ("grant pg_execute_server_program to mainstay_app", ["tenancy.E011"]),
        ("create view planted as select 1; alter view planted owner to mainstay_app", ["tenancy.E011"]),
    ],
)
def test_a_role_that_may_become_a_powerful_one_is_an_error(superuser: Any, given: str, errors: list[str]) -> None:
    superuser.execute(given)
    superuser.execute("set local role mainstay_app")
    assert [error.id for error in checks._role(superuser, "default")] == errors


# ---------------------------------------------------------------- building


def built() -> list[str]:
    """The statements that building took, apart from looking."""
    with CaptureQueriesContext(connections["owner"]) as queries:
        walls.build(connections["owner"])
    looks = ("select", "savepoint", "release", "begin", "commit")
    said = [query["sql"].strip().lower() for query in queries.captured_queries]
    return [sql for sql in said if not sql.startswith(looks)]


@pytest.mark.django_db(databases=["owner"])
def test_walls_that_stand_are_not_touched() -> None:
    assert built() == []


@pytest.mark.django_db(databases=["owner"])
@pytest.mark.parametrize("planted", [planted for planted, *_ in MENDED])
def test_a_hole_is_mended_and_nothing_else_is_touched(planted: str) -> None:
    table = "jobs_job" if "jobs_job" in planted else "clients_site"
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(planted)
        statements = built()
        assert statements != []
        assert [sql for sql in statements if table not in sql] == []
        assert checks.check_catalogue(None, ["owner"]) == []
        transaction.set_rollback(True, "owner")


@pytest.mark.django_db(databases=["owner"])
def test_building_is_done_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = walls.policies_of

    def broken(model: type[TenantModel]) -> dict[str, str]:
        return wanted(model) | ({"wall_select": "for nonsense"} if model is Client else {"planted": "using (false)"})

    monkeypatch.setattr(walls, "policies_of", broken)
    with pytest.raises(ProgrammingError):
        walls.build(connections["owner"])
    monkeypatch.undo()
    assert checks.check_catalogue(None, ["owner"]) == []
