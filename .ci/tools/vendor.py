"""Write static/vendor/manifest.json: which third-party bytes we ship, from where, under which licence.

Maintainers run it after replacing a vendored file; tests/web/test_vendor.py re-hashes, so that nobody edits one by hand.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
FONT = {"package": "@fontsource-variable/geist", "version": "5.3.0", "licence": "OFL-1.1"}
FONT_SOURCE = "npm:@fontsource-variable/geist@5.3.0/files/"
SHIPPED: dict[str, dict[str, str]] = {
    "vendor/htmx/htmx-4.0.1.min.js": {
        "package": "htmx.org",
        "version": "4.0.1",
        "licence": "0BSD",
        "source": "npm:htmx.org@4.0.1/dist/htmx.min.js",
    },
    "fonts/geist-latin-wght-normal.woff2": FONT | {"source": FONT_SOURCE + "geist-latin-wght-normal.woff2"},
    "fonts/geist-latin-ext-wght-normal.woff2": FONT | {"source": FONT_SOURCE + "geist-latin-ext-wght-normal.woff2"},
    "icons/icons.svg": {
        "package": "@tabler/icons (subset, built by .ci/tools/icons.py)",
        "version": "3.51.0",
        "licence": "MIT",
        "source": "npm:@tabler/icons@3.51.0/icons/outline/",
    },
}


def entry(name: str, facts: dict[str, str]) -> dict[str, str | int]:
    content = (STATIC / name).read_bytes()
    return {"file": name, **facts, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def main() -> None:
    manifest = [entry(name, facts) for name, facts in SHIPPED.items()]
    (STATIC / "vendor/manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"{len(manifest)} files listed")


if __name__ == "__main__":
    main()
