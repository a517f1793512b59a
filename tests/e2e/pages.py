"""Every page a member can reach, found by following the product's own links. A new page is covered by being linked."""

from __future__ import annotations

from collections import deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client as Browser
from django.urls import Resolver404, resolve

PLAIN = ("/account/login/", "/account/login/code/", "/account/password/reset/", "/account/signup/", "/no-such-page/")
MOST = 400  # requests; far more than there are kinds of pages


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and (href := given.get("href")) and "download" not in given:
            self.found.append(href)


def route_of(path: str) -> str | None:
    """The URL pattern a path belongs to, without the query: one example of each kind of page is enough."""
    try:
        return resolve(urlsplit(path).path).route
    except Resolver404:
        return None


def reachable(browser: Browser, start: str) -> dict[str, str]:
    """URL pattern → the first address found for it, for every whole HTML page behind `start`."""
    pages: dict[str, str] = {}
    seen = {start}
    waiting = deque([start])
    while waiting and len(seen) < MOST:
        url = waiting.popleft()
        answer = browser.get(url, follow=True)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html") or answer.streaming:
            continue
        html = answer.content.decode()
        if not html.lstrip().lower().startswith("<!doctype"):
            continue
        landed = answer.request["PATH_INFO"] + (f"?{query}" if (query := answer.request["QUERY_STRING"]) else "")
        if (route := route_of(landed)) is not None:
            pages.setdefault(route, landed)
        links = Links()
        links.feed(html)
        for href in links.found:
            target = urljoin(landed, href).partition("#")[0]
            route = route_of(target)
            if urlsplit(target).netloc or route is None or route in pages or target in seen:
                continue
            seen.add(target)
            waiting.append(target)
    return pages
