"""What the collected static files become."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from msp.web.storage import IMPORT, HashedStaticFiles


def collect(into: Path) -> HashedStaticFiles:
    """As `collectstatic` does it."""
    storage = HashedStaticFiles(location=into, base_url="/static/")
    found = {name: (source, name) for finder in get_finders() for name, source in finder.list([])}
    for name, (source, path) in found.items():
        with source.open(path) as file:
            storage.save(name, file)
    for _name, _hashed, problem in storage.post_process(found):
        assert not isinstance(problem, Exception), problem
    return storage


def test_the_style_sheets_are_served_as_one_in_their_order(tmp_path: Path) -> None:
    storage = collect(tmp_path)
    css = settings.BASE_DIR / "static/app/css"
    served = (tmp_path / storage.stored_name("app/css/app.css")).read_text()
    assert "@import" not in served
    names = IMPORT.findall((css / "app.css").read_text())
    assert sorted([*names, "app.css"]) == sorted(path.name for path in css.glob("*.css")), (
        "a style sheet that nobody imports"
    )
    starts = [served.index((css / name).read_text()[:200].split("url(")[0]) for name in names]
    assert starts == sorted(starts)
    assert "/fonts/geist-latin-wght-normal." in served, "the fonts keep their hashed names"
    assert storage.stored_name("fonts/geist-latin-wght-normal.woff2").rsplit("/", 1)[1] in served
