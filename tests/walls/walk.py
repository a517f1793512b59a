"""Calling every route as everybody, and judging each answer by the route's door and by whose the object is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.shortcuts import resolve_url
from django.test import Client as Browser
from django.urls import Resolver404, resolve
from pypdf import PdfReader

from msp.accounts.choices import MembershipKind
from msp.accounts.models import Membership
from msp.api.rules import NEEDS
from tests.walls import vocabulary
from tests.walls.actors import Actor, Relation, Side, relation_of
from tests.walls.bodies import body_of
from tests.walls.forms import Data, Form, forms_in
from tests.walls.plants import Place
from tests.walls.routes import Route
from tests.walls.writes import Prints, grounds_of, prints_of, trespasses, writes_so_far

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/"}
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
REFUSED = {401, 403, 404, 405}
IN = "in"  # any answer of a view that let one in


@dataclass(frozen=True)
class Call:
    """One request: who asks which route about whose object, and how."""

    route: Route
    actor: Actor
    place: Place
    method: str
    htmx: bool

    @property
    def path(self) -> str:
        return self.route.path({name: vocabulary.value_of(name, self.place) for name in self.route.kwargs})

    def __str__(self) -> str:
        how = f"{self.method}{' by htmx' if self.htmx else ''}"
        return f"{how} {self.route} as {self.actor.name} about {self.place.name}"


@dataclass
class Answer:
    """What came back, as far as it can tell anything: the status, where it leads, and all text in it."""

    status: int
    location: str = ""
    text: str = ""
    html: str = ""
    error: str = ""
    wrote: list[str] = field(default_factory=list)


@dataclass
class Tally:
    """What a walk did. `faults` are sentences; `cells` counts calls by role and ownership."""

    routes: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    leaks: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen_own: Counter[str] = field(default_factory=Counter)
    posted: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def roles(self) -> set[str]:
        return {role for role, _relation in self.cells}

    @property
    def calls(self) -> int:
        return sum(self.cells.values())


# --- asking ---


def ask(call: Call, data: Data | None = None, before: Prints | None = None) -> Answer:
    """Send one request and take back whatever it wrote. Never raises: a view's exception is its answer.

    With `before`, the fingerprints of what is not the actor's, the answer names the tables that a post changed there.
    """
    browser = call.actor.browser
    cookies = browser.cookies.output(), {name: morsel.value for name, morsel in browser.cookies.items()}
    try:
        with transaction.atomic():
            watched = before is not None and call.method != "GET"
            since = writes_so_far() if watched else {}
            answer = _send(browser, call, data)
            if before is not None and watched and answer.status not in REFUSED:
                answer.wrote = trespasses(before, since)
            transaction.set_rollback(True)
    except Exception as error:
        answer = Answer(500, error=f"{type(error).__name__}: {error}")
    if browser.cookies.output() != cookies[0]:
        browser.cookies.clear()
        browser.cookies.load(cookies[1])
    return answer


def _send(browser: Browser, call: Call, data: Data | None) -> Answer:
    headers, path = HTMX if call.htmx else {}, call.path
    if call.route.is_api:
        options = {} if call.method == "GET" else {"data": data or {}, "content_type": "application/json"}
        response = getattr(browser, call.method.lower())(path, **options)
        if call.method != "GET" and response.status_code < 400:
            connection.check_constraints()
    elif call.method == "GET":
        response = browser.get(path, {"q": "leak"}, headers=headers)
    else:
        response = browser.post(path, data or {}, headers=headers)
        if response.status_code < 400:
            connection.check_constraints()  # the composite keys are deferred: say now what the commit would
    body = _text_of(response)
    said = f"{response.headers}\n{body}"
    for known in (quote(path, safe=""), quote(path), path):
        said = said.replace(known, "")  # an answer may repeat what was asked
    location = response.headers.get("HX-Redirect") or response.headers.get("Location", "")
    return Answer(response.status_code, location, said.lower(), html=body)


def _text_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if response.headers.get("Content-Type", "").startswith("application/pdf"):
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages)
    return str(body.decode("utf-8", errors="replace"))


# --- judging ---


def wanted(call: Call) -> set[Any]:
    """The statuses that the door and the ownership allow; "login" stands for being sent to sign in, IN for the view's own."""
    door = call.route.door
    assert door is not None
    if door.kind == "token":
        return _of_programs(call)
    if door.kind in {"public", "library"}:
        return {IN, 404, 403, 401, "login"}
    if call.actor.membership is None:
        return {"login"}
    if door.kind == "signed_in":  # a page about oneself
        return {IN} if call.actor.membership.pk in _asked(call) or not call.route.kwargs else {404}
    return _of_members(call, door.kind, door.capability)


def _of_programs(call: Call) -> set[Any]:
    """A session opens nothing; a token what its member may."""
    assert call.route.door is not None
    if not call.actor.program:
        return {401}
    needs = NEEDS.get(f"{call.route.door.capability}:{'read' if call.method == 'GET' else 'write'}")  # type: ignore[call-overload]
    if call.actor.membership is not None and needs is not None and not call.actor.membership.can(needs):
        return {403}
    if call.route.kwargs and relation_of(call.actor, call.place) is Relation.OTHER_SHOP:
        return {404}
    odd = vocabulary.ODD.get(str(call.route))
    # A body may ask for more than its address: to assign work to others is a right of its own.
    return {IN, *(odd.statuses if odd else ()), *({403} if call.method != "GET" else ())}


KIND_OF = {"staff": "staff", "portal": "contact"}  # the door's kind, and the member's who may pass


def stopped_by_door(route: Route, actor: Actor) -> bool:
    """Whether the door refuses them before any object is looked for: then it is the same about everybody's."""
    door, member = route.door, actor.membership
    if door is None or member is None or door.kind not in KIND_OF:
        return False
    return member.kind != KIND_OF[door.kind] or (door.capability is not None and not member.can(door.capability))


# What they may do to rows of their own shop the owner has done already; theirs is to show whom the door lets in.
SAME_AS_OWNER = {"office manager", "dispatcher", "technician", "read only"}


def once_is_enough(call: Call) -> bool:
    """Whether the other method of the same address would show nothing new: the door stands before both."""
    relation = relation_of(call.actor, call.place)
    return stopped_by_door(call.route, call.actor) or (
        relation is Relation.OWN and call.actor.role in SAME_AS_OWNER and bool(call.route.kwargs)
    )


def _of_members(call: Call, kind: str, capability: str | None) -> set[Any]:
    member = call.actor.membership
    assert isinstance(member, Membership)
    if member.kind != KIND_OF[kind]:
        return {404}
    if capability is not None and not member.can(capability):
        return {403}  # said before any object is looked for, so it says nothing about one
    odd = vocabulary.ODD.get(str(call.route))
    right = {IN} | (set(odd.statuses) if odd else set())
    if not set(call.route.kwargs) - vocabulary.NO_OBJECT:
        return right
    relation = relation_of(call.actor, call.place)
    if relation in {Relation.OTHER_SHOP, Relation.OTHER_CLIENT} or (relation is Relation.HIDDEN and kind == "portal"):
        return {404}
    return right


def verdict(call: Call, answer: Answer) -> str:
    """What is wrong with an answer; empty when nothing is."""
    odd = vocabulary.ODD.get(str(call.route))
    if answer.status >= 500 and not (odd and answer.status in odd.statuses):
        return f"{call} broke: {answer.error or answer.status}"
    if answer.status == 405:
        return ""  # a method that the address does not know is refused before anything else
    got = _kind_of(answer)
    if got not in wanted(call):
        return f"{call} answered {got}, wanted {' or '.join(map(str, wanted(call)))}"
    return ""


def _kind_of(answer: Answer) -> Any:
    if answer.location.startswith(resolve_url(settings.LOGIN_URL)):
        return "login"
    return answer.status if answer.status in {401, 403, 404} else IN


def leak(call: Call, answer: Answer) -> str:
    """The foreign word or key in an answer; empty when there is none."""
    found = next((word for word in call.actor.foreign - _shown_by_link(call) if word in answer.text), "")
    if not found and call.actor.foreign_ids and not _shown_by_link(call):
        ids = set(UUIDS.findall(answer.text)) & call.actor.foreign_ids
        found = next(iter(ids - {str(value) for value in _asked(call)}), "")
    return f"{call} shows {found}: …{_around(answer.text, found)}…" if found else ""


def _shown_by_link(call: Call) -> frozenset[str]:
    """A public address that carries the secret of an object may show whose it is."""
    door = call.route.door
    by_link = door is not None and door.kind == "public" and vocabulary.SECRETS.intersection(call.route.kwargs)
    return frozenset(call.place.words) if by_link else frozenset()


def _asked(call: Call) -> Iterator[UUID | str]:
    return (vocabulary.value_of(name, call.place) for name in call.route.kwargs)


def _around(text: str, found: str) -> str:
    at = text.index(found)
    return re.sub(r"\s+", " ", text[max(0, at - 60) : at + 60])


# --- walking ---


def calls_for(route: Route, actor: Actor, places: list[Place], *, deep: bool) -> Iterator[Call]:
    """The requests that somebody sends to a route: about one place of each ownership, or once where the address names no
    object. A second one of a kind leaves out what is its own; whom the door refuses asks for what an open door would show.
    Deep leaves out nothing."""
    aims = _different(route, places)
    if not deep:
        one_each = {relation_of(actor, place): place for place in reversed(aims)}
        if stopped_by_door(route, actor):
            aims = [one_each.get(Relation.OWN, aims[0])]
        else:
            if route.kwargs and not actor.is_first:
                one_each.pop(Relation.OWN, None)
            aims = list(one_each.values())
    for number, place in enumerate(aims):
        for method in ("GET", "POST", "PATCH") if route.is_api else ("GET", "POST"):
            # Either way of asking reaches the same view; by turns every route is asked both ways.
            by_turns = (number + len(str(route)) + len(actor.name) + (method == "POST")) % 2 == 0
            for htmx in (False, True) if deep else (by_turns,):
                yield Call(route, actor, place, method, htmx)


def _different(route: Route, places: list[Place]) -> list[Place]:
    """The places whose addresses differ: a route without an object has one."""
    found: dict[tuple[str, ...], Place] = {}
    for place in places:
        found.setdefault(tuple(str(vocabulary.value_of(name, place)) for name in route.kwargs), place)
    return list(found.values())


# A library's own pages read no shop's rows; those who differ in how they may come are enough.
SPEAKERS = {"author", "member"}
AT_LIBRARIES = {"anonymous", "owner", "contact"}
SEEING = {"owner", "contact", "contact of two", "owner of low", "contact of low"}


def walk(routes: list[Route], actors: list[Actor], places: list[Place], *, deep: bool = False) -> Tally:
    """Every route as every actor about every place."""
    tally, seen = Tally(), Seen()
    for actor in [each for each in actors if each.name in SEEING]:
        look_around(seen, routes, actor, places)
    before = {actor.name: prints_of(grounds_of(actor, places)) for actor in actors}
    for route in routes:
        tally.routes.add(str(route))
        library = route.door is not None and route.door.kind == "library"
        for actor in [each for each in actors if deep or not library or each.name in AT_LIBRARIES]:
            if actor.program and not route.is_api:
                continue  # without a session it is a stranger there, like the anonymous one
            answered: set[str] = set()
            for call in calls_for(route, actor, places, deep=deep):
                if call.place.name in answered:
                    continue
                answer = seen.answer_to(call) or ask(call, seen.body_for(call), before[actor.name])
                _count(tally, call, answer)
                if not deep and not route.is_api and answer.status != 405 and once_is_enough(call):
                    answered.add(call.place.name)
    return tally


@dataclass
class Seen:
    """What people saw when they looked around at home: whole pages, and what they would post from them."""

    pages: dict[tuple[str, str], Answer] = field(default_factory=dict)  # by who and address
    typed: dict[tuple[Side, str], Data] = field(
        default_factory=dict
    )  # by whose page, with the address or the route's name

    def answer_to(self, call: Call) -> Answer | None:
        """Nobody need ask again for a page they have seen."""
        return self.pages.get((call.actor.name, call.path)) if call.method == "GET" and not call.htmx else None

    def body_for(self, call: Call) -> Data | dict[str, Any] | None:
        if call.route.is_api:
            return body_for(call)
        return self.typed.get((call.actor.side, call.path)) or self.typed.get((call.actor.side, str(call.route)))


def look_around(seen: Seen, routes: list[Route], actor: Actor, places: list[Place]) -> None:
    for call, answer in pages_at_home(routes, actor, places):
        seen.pages[actor.name, call.path] = answer
        for form in forms_in(answer.html, call.path) if answer.status == 200 else ():
            if form.method == "POST":
                seen.typed.setdefault((actor.side, form.action), form.data)
                seen.typed.setdefault((actor.side, _route_name(form.action)), form.data)


def forms_seen(routes: list[Route], actor: Actor, places: list[Place]) -> Iterator[Form]:
    """The forms on every page that somebody may open at home."""
    for call, answer in pages_at_home(routes, actor, places):
        if answer.status == 200:
            yield from forms_in(answer.html, call.path)


def pages_at_home(routes: list[Route], actor: Actor, places: list[Place]) -> Iterator[tuple[Call, Answer]]:
    """About one place of each ownership: the same page about another client holds the same forms."""
    one_each = {relation_of(actor, place): place for place in reversed(places) if place.shop is actor.shop}
    for route in [each for each in routes if _may_come(actor, each)]:
        for place in _different(route, list(one_each.values())):
            call = Call(route, actor, place, "GET", htmx=False)
            yield call, ask(call)


def _may_come(actor: Actor, route: Route) -> bool:
    of = {MembershipKind.STAFF: "staff", MembershipKind.CONTACT: "portal"}
    kind = of[MembershipKind(actor.membership.kind)] if actor.membership else ""
    return route.door is not None and route.door.kind in {kind, "signed_in"}


def _route_name(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return path


def body_for(call: Call) -> dict[str, Any]:
    """What a program sends there: about the place of the call, and in nobody else's name."""
    body = body_of(call.route, call.method, call.place)
    return body if call.actor.membership is None else {name: body[name] for name in body if name not in SPEAKERS}


def _count(tally: Tally, call: Call, answer: Answer) -> None:
    cell = (call.actor.role, relation_of(call.actor, call.place) if call.route.kwargs else "no object")
    tally.cells[cell] += 1
    tally.posted[answer.status] += call.method == "POST"
    if answer.status not in REFUSED and _kind_of(answer) != "login":
        tally.opened.add(str(call.route))
    tally.seen_own[call.actor.role] += any(word in answer.text for word in call.actor.own_words)
    if said := leak(call, answer):
        tally.leaks[cell] += 1
        tally.faults.append(said)
    if answer.wrote:
        tally.faults.append(f"{call} changed others' rows in {', '.join(answer.wrote)}")
    if said := verdict(call, answer):
        tally.faults.append(said)
