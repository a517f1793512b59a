"""Photograph every page as every role at 1440 and 390 pixels, in light and dark, into a folder outside the repository.

    ./mainstay up                                   # in another terminal, with the demo
    .venv/bin/python .ci/tools/shoot.py /tmp/shots --as owner@northgate.example:password [--as …] [--only clients]

Pages are found by following links from the first page, one example of each kind. What it prints beside a picture is trouble:
a page wider than the screen, a script that raised, a request that failed, a breach of the content security policy.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

VIEWS = [(1440, 900, "light"), (1440, 900, "dark"), (390, 844, "light"), (390, 844, "dark")]
WATCH = "window.__broken = []; document.addEventListener('securitypolicyviolation', (e) => __broken.push(e.violatedDirective + ' ' + e.blockedURI));"
# What tells one page of a kind from another: ids, numbers and names in the address.
PARTICULAR = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<=/clients/)[a-z0-9-]+(?=/)")
SKIP = re.compile(r"logout|download|/pdf/|\.pdf|\.csv|export|/raw")


def kind_of(url: str) -> str:
    return PARTICULAR.sub("*", urlsplit(url).path)


def sign_in(page: Page, base: str, login: str) -> None:
    email, _, password = login.partition(":")
    page.goto(f"{base}/account/login/")
    page.fill("#id_login", email)
    page.fill("#id_password", password)
    page.click("form button.btn-primary")
    page.wait_for_load_state("networkidle")


def crawl(page: Page, base: str) -> Iterator[str]:
    """Addresses of pages, one of each kind, breadth first; the page is left on each as it is yielded."""
    waiting, kinds = [page.url], {kind_of(page.url)}
    while waiting:
        url = waiting.pop(0)
        answer = page.goto(url)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        page.wait_for_load_state("networkidle")
        links: list[str] = page.eval_on_selector_all(
            "a[href]:not([download])", "all => all.map(a => a.href.split('#')[0])"
        )
        yield url
        for link in links:
            if link.startswith(base) and not SKIP.search(link) and kind_of(link) not in kinds:
                kinds.add(kind_of(link))
                waiting.append(link)


def photograph(page: Page, folder: Path, name: str) -> list[str]:
    troubles = []
    for width, height, theme in VIEWS:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            troubles.append(f"{wide} wide at {width}")
        # As tall as the page, so that what sticks to the bottom is drawn once and at the end.
        tall = min(6000, page.evaluate("Math.max(document.documentElement.scrollHeight, innerHeight)"))
        page.set_viewport_size({"width": width, "height": tall})
        page.wait_for_timeout(80)
        page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
    broken: list[str] = page.evaluate("__broken")
    return troubles + broken


def shoot(browser: Browser, base: str, login: str, folder: Path, only: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_init_script(WATCH)
    page = context.new_page()
    raised: list[str] = []
    page.on("pageerror", lambda error: raised.append(str(error)))
    page.on("response", lambda answer: raised.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    sign_in(page, base, login)
    who = login.partition("@")[0]
    for url in crawl(page, base):
        if only not in url:
            continue
        name = f"{who}-{kind_of(url).strip('/').replace('/', '-').replace('*', 'x') or 'home'}"
        troubles = photograph(page, folder, name) + raised
        raised.clear()
        print(name, *troubles, sep="  ")
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as", dest="logins", action="append", default=[], metavar="EMAIL:PASSWORD")
    parser.add_argument("--base", default="http://localhost:8000")
    parser.add_argument("--only", default="", help="only addresses that contain this")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu"])
        for login in given.logins:
            shoot(browser, given.base.rstrip("/"), login, given.folder, given.only)
        browser.close()


if __name__ == "__main__":
    main()
