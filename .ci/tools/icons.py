"""Rebuild static/icons/icons.svg: one sprite with exactly the Tabler icons that templates and registries name.

Maintainers run it when an icon is added:

    (cd /tmp && npm pack @tabler/icons@3.51.0 && tar xzf tabler-icons-3.51.0.tgz)
    python .ci/tools/icons.py /tmp/package/icons/outline
    python .ci/tools/vendor.py

Names are found as {% icon "name" %} and icon="name" in templates; an unknown one is an error. In Python every word in quotes that
Tabler knows counts, too: a registry's icon stands among other words. --keep leaves what is in the sprite already.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPRITE = ROOT / "static/icons/icons.svg"
NAMED = re.compile(r'(?:\{% icon |\bicon=)"([a-z0-9-]+)"')
QUOTED = re.compile(r'"([a-z0-9-]+)"')
SEARCHED = ("templates", "msp", "clients", "tickets", "billing", "backups")


def named_icons(root: Path = ROOT) -> set[str]:
    """Return every icon name that a template asks for."""
    return {name for text in texts(root, "html") for name in NAMED.findall(text)}


def quoted_words(root: Path = ROOT) -> set[str]:
    """Return every word in quotes of our Python."""
    return {word for text in texts(root, "py") for word in QUOTED.findall(text)}


def texts(root: Path, ending: str) -> list[str]:
    return [path.read_text() for folder in SEARCHED for path in sorted((root / folder).rglob(f"*.{ending}"))]


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
    names |= {word for word in quoted_words() if (outline / f"{word}.svg").exists()}
    if missing := sorted(name for name in names if not (outline / f"{name}.svg").exists()):
        raise SystemExit(f"Tabler has no icon called: {', '.join(missing)}")
    symbols = "".join(symbol(outline / f"{name}.svg") for name in sorted(names))
    SPRITE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n')
    print(f"{len(names)} icons, {SPRITE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
