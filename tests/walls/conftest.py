"""The planted world, and each of the two locks taken off."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.template.base import Template
from pytest_django import Settings

from msp.tenancy import managers
from msp.tenancy.managers import TenantManager
from tests.walls.plants import Place, plant
from tests.world import World


@pytest.fixture(autouse=True)
def refusals_are_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of 404s are wanted here; the log would hide a failure's text behind them."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture(autouse=True)
def nothing_but_the_answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Django's test client keeps a copy of each template's context, and collecting garbage takes as long as a page."""
    monkeypatch.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def own_storage(tmp_path: Path, settings: Settings) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture
def places(world: World) -> list[Place]:
    """The world with a row in every table and words in every text; see plants.py.

    Its deferred keys are looked at here, once: left pending, each later look would take them all again.
    """
    found = plant(world)
    connections["default"].check_constraints()
    return found


@pytest.fixture
def python_lock_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Managers that filter nothing and rows that refuse nothing: what is left is Postgres' lock."""
    monkeypatch.setattr(TenantManager, "get_queryset", super(TenantManager, TenantManager).get_queryset)
    monkeypatch.setattr(managers, "check_write", lambda model, scope, values: None)


@pytest.fixture(scope="module")
def postgres_lock_off(django_db_setup: None) -> Iterator[None]:
    """The pages' connection acts as the owner, whom no policy binds: what is left is Python's lock.

    For a whole module, because it must stand before a test's transaction begins.
    """
    connection = connections["default"]
    app_role = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = settings.DATABASES["owner"]["USER"]
    yield
    connection.close()
    connection.settings_dict["USER"] = app_role
