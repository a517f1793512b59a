"""Our scripts have no build step that would notice a forgotten import, and a forgotten one breaks only when it is reached."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

SCRIPTS = sorted((settings.BASE_DIR / "static/app/js").glob("*.js"))
SHARED = re.findall(r"export (?:const|function) ([$\w]+)", (settings.BASE_DIR / "static/app/js/dom.js").read_text())
MODULES = [script for script in SCRIPTS if script.name not in {"dom.js", "theme.js"}]


@pytest.mark.parametrize("script", MODULES, ids=lambda script: script.name)
def test_what_is_used_is_imported_and_the_other_way_round(script: Path) -> None:
    source = re.sub(r"//[^\n]*", "", script.read_text())
    found = re.search(r"import \{([^}]*)\} from \"./dom.js\"", source)
    imported = {name.strip() for name in found.group(1).split(",")} if found else set()
    code = re.sub(r"import [^;]*;", "", source)
    used = {name for name in SHARED if re.search(rf"(?<![.\w$]){re.escape(name)}\(", code)}
    assert imported == used


def test_every_module_is_loaded() -> None:
    entry = (settings.BASE_DIR / "static/app/js/app.js").read_text()
    loaded = set(re.findall(r'import "\./([\w-]+\.js)"', entry))
    on_some_pages = {"app.js", "dom.js", "theme.js", "passkey.js"}
    assert loaded == {script.name for script in SCRIPTS} - on_some_pages
