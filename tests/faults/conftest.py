from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.plugin_services import OwnServices

from .crew import Crew

SEED = int(os.environ.get("MAINSTAY_SEED", "2611"))


@pytest.fixture
def crew(own_services: OwnServices, tmp_path: Path) -> Iterator[Callable[..., Crew]]:
    """Makes a crew on migrated servers of this test's own: `crew(MAIL_HOST=…)`."""
    made: list[Crew] = []

    def make(**env: str) -> Crew:
        made.append(Crew(own_services, tmp_path, SEED, env))
        return made[-1]

    yield make
    for one in made:
        one.dismiss()
