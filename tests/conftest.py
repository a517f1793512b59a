"""The tests' database: one per worker, made by the owner, used as the app role.

`default` (app role) and `timers` are mirrors of `owner` in the settings, so all three see the same test database.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import TransactionTestCase
from django.test.utils import setup_databases

from tests.emptying import after_each_test

ALL_ROLES = ["default", "owner", "timers"]
# Whatever takes a minute begins at once, so that no worker is left alone with it at the end. Sealing comes before: it waits for
# every transaction of the cluster, and a walk is one.
FIRST = ("audit/test_sealing", "walls/test_walk", "walls/test_python_alone", "e2e/test_pages", "launch/test_up")

TransactionTestCase._fixture_teardown = after_each_test  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any) -> None:
    """Make the database whichever roles the chosen tests name: pytest-django would skip an owner nobody asked for.

    Nobody drops it: it ends with its cluster, which the next run removes.
    """
    with django_db_blocker.unblock():
        setup_databases(verbosity=0, interactive=False, serialized_aliases=set())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test with real transactions all roles: Django flushes no mirror, so its rows would stay.

    Other tests stay within the app role's transaction, which is rolled back; other roles would not see its rows.
    """
    for item in items:
        marker = item.get_closest_marker("django_db")
        committing = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        if committing or (marker and marker.kwargs.get("transaction")):
            asked = {"transaction": True, "databases": ALL_ROLES, **(marker.kwargs if marker else {})}
            item.add_marker(pytest.mark.django_db(**asked), append=False)
    items.sort(key=lambda item: next((at for at, name in enumerate(FIRST) if name in str(item.path)), len(FIRST)))
