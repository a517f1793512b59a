"""Rebuild static/icons/icons.svg: one sprite with exactly the Tabler icons that templates and registries name.

Maintainers run it when an icon is added:

    (cd /tmp && npm pack @tabler/icons@3.51.0 && tar xzf tabler-icons-3.51.0.tgz)
    python .ci/tools/icons.py /tmp/package/icons/outline
    python .ci/tools/vendor.py

With --keep, icons already in the sprite stay although nothing names them yet. Names are found as {% icon "name" %} in templates and icon="name" in Python and templates. An unknown name is an error.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPRITE = ROOT / "static/icons/icons.svg"
NAMED = (re.compile(r'\{% icon "([a-z0-9-]+)"'), re.compile(r'\bicon="([a-z0-9-]+)"'))
SEARCHED = ("templates", "msp", "clients", "tickets", "billing", "backups")


def named_icons(root: Path = ROOT) -> set[str]:
    """Return every icon name that a template or a registry asks for."""
    files = [f for folder in SEARCHED for ext in ("html", "py") for f in (root / folder).rglob(f"*.{ext}")]
    return {name for f in files for pattern in NAMED for name in pattern.findall(f.read_text())}


def sprite_icons(sprite: Path = SPRITE) -> set[str]:
    """Return every icon name the committed sprite holds."""
    return set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite.read_text()))


def symbol(source: Path) -> str:
    body = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(), re.S)
    if body is None:
        raise SystemExit(f"{source} holds no svg")
    paths = re.sub(r"<!--.*?-->|<path stroke=\"none\"[^>]*/>", "", body.group(1), flags=re.S)
    on_one_line = "".join(line.strip() for line in paths.splitlines())
    return f'<symbol id="{source.stem}" viewBox="0 0 24 24">{on_one_line}</symbol>'


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--keep"]
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    outline = Path(arguments[0])
    names = named_icons() | (sprite_icons() if "--keep" in sys.argv else set())
    if missing := sorted(name for name in names if not (outline / f"{name}.svg").exists()):
        raise SystemExit(f"Tabler has no icon called: {', '.join(missing)}")
    symbols = "".join(symbol(outline / f"{name}.svg") for name in sorted(names))
    SPRITE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n')
    print(f"{len(names)} icons, {SPRITE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
