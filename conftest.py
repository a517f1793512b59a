"""pytest starts here: the servers must run before Django reads its settings."""

from __future__ import annotations

pytest_plugins = ["tests.plugin_services", "tests.plugin_browser", "tests.world", "tests.walls.report"]
