"""What a program would send to an address of the API: read from the schema, filled with the rows of a place."""

from __future__ import annotations

import re
from typing import Any

from msp.api.adapters import schema
from tests.walls.plants import Place
from tests.walls.routes import Route

ROWS = {"client": "clients.Client", "contact": "clients.Contact", "site": "clients.Site", "asset": "clients.Asset"}
ROWS |= {"category": "tickets.Category", "cc": "clients.Contact"}
STAFF = {"assignee", "author", "member"}


def shape_of(route: Route, method: str) -> dict[str, Any]:
    """The schema of a request's body, empty where it takes none."""
    path = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route.pattern)
    said = schema()["paths"][path].get(method.lower(), {}).get("requestBody")
    if said is None:
        return {}
    shape = said["content"]["application/json"]["schema"]
    return dict(schema()["components"]["schemas"][shape["$ref"].rpartition("/")[2]])


def keys_in(route: Route, method: str) -> list[str]:
    """The members of a body that name a row."""
    return [name for name in shape_of(route, method).get("properties", {}) if name in {*ROWS, *STAFF, "ticket"}]


def key_of(name: str, place: Place) -> Any:
    """What names the place's row of that kind."""
    if name == "ticket":
        return place.row("tickets.Ticket").number  # type: ignore[attr-defined]
    if name in STAFF:
        return str(place.shop.staff["technician"].pk)
    key = str(place.row(ROWS[name]).pk)
    return [key] if name == "cc" else key


def body_of(route: Route, method: str, place: Place) -> dict[str, Any]:
    """Everything that must be said, and every row that can be named, as the place has it."""
    shape = shape_of(route, method)
    properties = shape.get("properties", {})
    wanted = {*shape.get("required", []), *keys_in(route, method), *list(properties)[:1]}
    return {name: _value(name, properties[name], place) for name in properties if name in wanted}


def _value(name: str, said: dict[str, Any], place: Place) -> Any:
    if name in {*ROWS, *STAFF, "ticket"}:
        return key_of(name, place)
    if "$ref" in said:
        said = schema()["components"]["schemas"][said["$ref"].rpartition("/")[2]]
    if said.get("enum"):
        return said["enum"][0]
    return 1 if said.get("type") == "integer" else "something typed"
