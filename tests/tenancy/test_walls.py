"""The two walls in Postgres and in Python, each on its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from clients.models import Client, ClientNote, Contact, Site
from msp.accounts.models import Membership
from msp.tenancy import managers
from msp.tenancy.context import current_scope, enter, on_behalf, scope_or_none, system_scope
from msp.tenancy.managers import TenantManager
from msp.tenancy.scope import ClosedToPortal, NoTenant, WrongClient, WrongTenant
from msp.tenancy.walls import tenant_models
from tests.world import World


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'select count(*) from "{table}"')
        return int(cursor.fetchone()[0])


@pytest.fixture
def python_wall_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Managers that filter nothing and refuse nothing: what is left is Postgres' lock."""
    monkeypatch.setattr(TenantManager, "get_queryset", super(TenantManager, TenantManager).get_queryset)
    monkeypatch.setattr(managers, "check_write", lambda model, scope, values: None)


def test_tests_run_as_the_app_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == ("mainstay_app", False, False)


def test_without_a_scope_no_table_shows_a_row(world: World) -> None:
    assert {model._meta.db_table: count(model._meta.db_table) for model in tenant_models()} == {
        model._meta.db_table: 0 for model in tenant_models()
    }


def test_without_a_scope_python_raises(world: World) -> None:
    for model in tenant_models():
        with pytest.raises(NoTenant):
            model.objects.exists()


def test_the_managers_condition_is_the_one_that_filter_writes(world: World) -> None:
    with enter(replace(world.north.scope(), is_owner=True)):  # who reads every table
        for model in tenant_models():
            plain = super(TenantManager, model.objects).get_queryset()
            assert str(model.objects.all().query) == str(plain.filter(tenant_id=world.north.tenant.pk).query)
            assert not model.objects.exclude(tenant_id=world.north.tenant.pk).exists()


def test_a_shop_sees_its_rows_only(world: World) -> None:
    with enter(world.north.scope()):
        assert set(Client.objects.values_list("pk", flat=True)) == {
            world.north.one.client.pk,
            world.north.two.client.pk,
        }
        assert not Client.objects.filter(pk=world.low.one.client.pk).exists()


def test_postgres_alone_holds_shop_from_shop(world: World, python_wall_down: None) -> None:
    with enter(world.north.scope()):
        assert set(Client.objects.values_list("tenant", flat=True)) == {world.north.tenant.pk}
        assert Client.objects.filter(pk=world.low.one.client.pk).update(name="taken over") == 0
        assert Membership.objects.filter(tenant=world.low.tenant).count() == 0


def test_postgres_alone_holds_client_from_client(world: World, python_wall_down: None) -> None:
    with enter(world.north.portal_scope(world.north.one.anna)):
        assert set(Client.objects.values_list("pk", flat=True)) == {world.north.one.client.pk}
        assert set(Contact.objects.values_list("client", flat=True)) == {world.north.one.client.pk}
        assert set(Membership.objects.values_list("kind", flat=True)) == {"staff"}


def test_the_portal_reads_nothing_that_did_not_open_itself(world: World, python_wall_down: None) -> None:
    with enter(world.north.scope()):
        ClientNote.objects.create(client=world.north.one.client, author_name="x", body="They pay late.")
    with enter(world.north.portal_scope(world.north.one.anna)):
        closed = [model for model in tenant_models() if model.portal.sql is None]
        assert ClientNote in closed
        assert [model._meta.label for model in closed if model.objects.exists()] == []


def test_the_portal_writes_nothing(world: World, python_wall_down: None) -> None:
    one = world.north.one
    with enter(world.north.portal_scope(one.anna)):
        assert Contact.objects.filter(pk=one.anna.pk).update(name="Someone else") == 0
        assert Site.objects.filter(pk=one.site.pk)._raw_delete("default") == 0
        refused = pytest.raises(ProgrammingError, match="row-level security")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "insert into clients_site (id, tenant_id, client_id, name, address, phone, zone, is_main)"
                " values (gen_random_uuid(), %s, %s, 'x', '', '', 'UTC', false)",
                [world.north.tenant.pk, one.client.pk],
            )


def test_python_refuses_portal_reads_of_closed_tables_and_all_writes(world: World) -> None:
    with enter(world.north.portal_scope(world.north.one.anna)):
        with pytest.raises(ClosedToPortal):
            ClientNote.objects.exists()
        for write in WRITES:
            with pytest.raises(ClosedToPortal):
                write(world.north.one.anna)


WRITES: list[Callable[[Contact], object]] = [
    lambda anna: anna.save(),
    lambda anna: anna.delete(),
    lambda anna: Contact.objects.filter(pk=anna.pk).update(name="Someone else"),
    lambda anna: Contact.objects.filter(pk=anna.pk).delete(),
    lambda anna: Contact.objects.bulk_update([anna], ["name"]),
    lambda anna: Contact.objects.bulk_create([Contact(client_id=anna.client_id, name="x", language="en")]),
]


def test_acting_for_a_contact_stays_with_its_client(world: World) -> None:
    one, two = world.north.one, world.north.two
    with enter(world.north.portal_scope(one.anna)):
        with on_behalf():
            ClientNote.objects.create(client=one.client, author_name="Mainstay", body="from the portal")
            assert set(Contact.objects.values_list("client", flat=True)) == {one.client.pk}
            assert [client.pk for client in Client.objects.all()] == [one.client.pk]
            assert (count("clients_contact"), count("clients_client")) == (2, 1)
            with pytest.raises(WrongClient):
                ClientNote.objects.create(client_id=two.client.pk, author_name="Mainstay", body="astray")
            for astray in (two.client.pk, two.client):
                with pytest.raises(WrongClient):
                    Contact.objects.filter(pk=one.ben.pk).update(client=astray)
            for write in (two.anna.save, two.anna.delete, two.client.save):
                with pytest.raises(WrongClient):
                    write()
            one.anna.save()
        with pytest.raises(ClosedToPortal):
            ClientNote.objects.exists()


def test_postgres_alone_keeps_acting_for_a_contact_with_its_client(world: World, python_wall_down: None) -> None:
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with enter(world.north.portal_scope(world.north.one.anna)), on_behalf(), refused, transaction.atomic():
        ClientNote.objects.create(client_id=world.north.two.client.pk, author_name="Mainstay", body="astray")


def test_a_row_never_changes_its_shop(world: World) -> None:
    with enter(world.north.scope()):
        for field, value in (("tenant", world.low.tenant), ("tenant_id", world.low.tenant.pk)):
            with pytest.raises(WrongTenant):
                Site.objects.filter(pk=world.north.one.site.pk).update(**{field: value})
        with pytest.raises(WrongTenant):
            world.low.one.site.delete()


def test_a_row_of_another_shop_is_not_written(world: World) -> None:
    with enter(world.north.scope()):
        with pytest.raises(WrongTenant):
            world.low.one.client.save()
        with pytest.raises(WrongTenant):
            Site.objects.bulk_create([Site(tenant=world.low.tenant, client=world.low.one.client, name="x", zone="UTC")])


def test_a_key_into_another_shop_is_refused(world: World) -> None:
    with enter(world.north.scope()):
        Site.objects.create(client_id=world.low.one.client.pk, name="points into Lowmoor", zone="UTC")
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_a_child_cannot_disagree_with_its_parent_about_the_client(world: World) -> None:
    north = world.north
    with enter(north.scope()):
        Contact.objects.create(client=north.one.client, site=north.two.site, name="Astray", language="en")
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_scopes_nest_and_come_back(world: World) -> None:
    assert scope_or_none() is None
    with enter(world.north.scope()):
        with enter(system_scope(world.low.tenant.pk)):
            assert count("clients_client") == 2
            assert Client.objects.first().tenant_id == world.low.tenant.pk
        assert current_scope() == world.north.scope()
        assert set(Client.objects.values_list("tenant", flat=True)) == {world.north.tenant.pk}
    assert count("clients_client") == 0


def test_a_failed_inner_scope_leaves_the_outer_one(world: World) -> None:
    with enter(world.north.scope()):
        with pytest.raises(RuntimeError), enter(system_scope(world.low.tenant.pk)):
            raise RuntimeError
        assert count("clients_client") == 2
        assert {client.tenant_id for client in Client.objects.all()} == {world.north.tenant.pk}


def test_the_app_role_cannot_climb(world: World) -> None:
    with enter(world.north.scope()), connection.cursor() as cursor:
        for climb in (
            "truncate clients_client",
            "alter table clients_client disable row level security",
            "drop policy wall_select on clients_client",
            "set role mainstay_owner",
            "delete from tenancy_tenant",
            "update audit_entry set actor_name = 'nobody'",
            "delete from audit_entry",
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                cursor.execute(climb)
