"""Third-party bytes are the ones we say they are, and icons are the ones pages ask for."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType

from django.conf import settings

from msp.accounts.registry import NAV, SETTINGS

STATIC = settings.BASE_DIR / "static"
OURS = {"app"}


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, settings.BASE_DIR / f".ci/tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def manifest() -> list[dict[str, str | int]]:
    listed: list[dict[str, str | int]] = json.loads((STATIC / "vendor/manifest.json").read_text())
    return listed


def test_vendored_files_are_untouched() -> None:
    changed = [
        row["file"]
        for row in manifest()
        if hashlib.sha256((STATIC / str(row["file"])).read_bytes()).hexdigest() != row["sha256"]
    ]
    assert changed == [], "replace a vendored file as a whole and run .ci/tools/vendor.py"


def test_everything_foreign_is_listed() -> None:
    words = {".txt", ".md"}  # licences
    foreign = {
        str(path.relative_to(STATIC))
        for path in STATIC.rglob("*")
        if path.is_file() and path.relative_to(STATIC).parts[0] not in OURS and path.suffix not in words
    }
    licences = {path for path in foreign if Path(path).name.startswith("LICENSE")}
    ours = {"icons/favicon.svg", "vendor/manifest.json"}
    assert foreign - licences - ours == {row["file"] for row in manifest()}


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    icons = tool("icons")
    offered = {item.icon for item in [*NAV, *SETTINGS]}
    assert (icons.named_icons() | offered) - icons.sprite_icons() == set(), (
        "run .ci/tools/icons.py, its docstring says how"
    )
