"""Settings are read once a scope, and never older than what was written in it."""

from __future__ import annotations

import pytest
from django.db import transaction

from msp.accounts.models import ShopSettings
from msp.accounts.queries import settings_of_shop
from msp.tenancy.context import enter
from msp.tenancy.kept import kept
from msp.tenancy.models import current_tenant
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_scope_reads_once_and_hands_out_copies(world: World) -> None:
    calls = []

    @kept(ShopSettings)
    def read() -> ShopSettings:
        calls.append(1)
        return ShopSettings.objects.get()

    with enter(world.north.scope()):
        first = read()
        first.legal_name = "Typed into a form"
        assert read().legal_name != first.legal_name
        assert len(calls) == 1
    with enter(world.north.scope()):
        read()
    assert len(calls) == 2


def test_another_scope_has_its_own(world: World) -> None:
    with enter(world.north.scope()):
        assert settings_of_shop().tenant_id == current_tenant().pk == world.north.tenant.pk
        with enter(world.low.scope()):
            assert settings_of_shop().tenant_id == current_tenant().pk == world.low.tenant.pk
        assert settings_of_shop().tenant_id == current_tenant().pk == world.north.tenant.pk


@pytest.mark.parametrize("way", ["save", "update"])
def test_what_was_written_is_read_anew(world: World, way: str) -> None:
    with enter(world.north.scope()):
        before = settings_of_shop()
        if way == "save":
            row = ShopSettings.objects.get()
            row.legal_name = "Northgate and Daughters"
            row.save(update_fields=["legal_name"])
        else:
            ShopSettings.objects.update(legal_name="Northgate and Daughters")
        assert settings_of_shop().legal_name == "Northgate and Daughters" != before.legal_name


def test_what_an_inner_scope_wrote_is_read_anew_outside(world: World) -> None:
    with enter(world.north.scope()):
        settings_of_shop()
        with enter(world.north.scope()):
            ShopSettings.objects.update(legal_name="Northgate and Daughters")
        assert settings_of_shop().legal_name == "Northgate and Daughters"


def test_what_was_rolled_back_is_not_kept(world: World) -> None:
    with enter(world.north.scope()):
        before = settings_of_shop().legal_name
        with transaction.atomic():
            ShopSettings.objects.update(legal_name="Never")
            assert settings_of_shop().legal_name == "Never"
            transaction.set_rollback(True)
        assert settings_of_shop().legal_name == before


def test_without_a_scope_nothing_is_kept(world: World) -> None:
    calls = []

    @kept()
    def read() -> int:
        calls.append(1)
        return len(calls)

    assert (read(), read()) == (1, 2)
