"""The API's documentation, read from its schema for a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_EXAMPLES: dict[str, Any] = {
    "uuid": "019a0000-0000-7000-8000-000000000000",
    "date-time": "2026-11-23T09:30:00Z",
    "boolean": True,
    "array": [],
}
MOST_CHOICES = 12  # of a field that a page names


@dataclass(frozen=True)
class Member:
    """A field of a body, or a parameter of an address."""

    name: str
    kind: str
    required: bool
    words: str
    choices: str


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    parameters: list[Member]
    body: list[Member]
    answer: list[Member]
    refusals: list[tuple[str, str]]
    curl: str

    def has(self, word: str) -> bool:
        said = (self.path, self.summary, self.words, self.scope, *(field.name for field in self.parameters + self.body))
        return any(word in text.lower() for text in said)


def operations(schema: Mapping[str, Any], *, base: str, words: str = "") -> dict[str, list[Operation]]:
    """Every operation that has all of `words`, by area, in the order of the addresses. `base` begins the curl examples."""
    found: dict[str, list[Operation]] = {}
    for path, verbs in schema["paths"].items():
        for method, said in verbs.items():
            operation = _operation(schema, path, method, said, base)
            if all(operation.has(word) for word in words.lower().split()):
                found.setdefault(said["tags"][0], []).append(operation)
    return found


def _operation(schema: Mapping[str, Any], path: str, method: str, said: Mapping[str, Any], base: str) -> Operation:
    taken = _shape(schema, said.get("requestBody", {}))
    given = next((_shape(schema, each) for code, each in said["responses"].items() if code.startswith("2")), {})
    if "items" in given.get("properties", {}):  # one page: what is in it says more
        given = _resolved(schema, given["properties"]["items"]["items"])
    return Operation(
        name=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        words=said.get("description", ""),
        scope=said.get("x-scope", ""),
        parameters=[_member(schema, each["name"], each["schema"], each) for each in said.get("parameters", [])],
        body=list(_members(schema, taken)),
        answer=list(_members(schema, given)),
        refusals=[(code, each["description"]) for code, each in said["responses"].items() if not code.startswith("2")],
        curl=_curl(schema, path, method, taken, base),
    )


def _shape(schema: Mapping[str, Any], holder: Mapping[str, Any]) -> dict[str, Any]:
    content = holder.get("content", {}).get("application/json", {})
    return _resolved(schema, content.get("schema", {}))


def _resolved(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> dict[str, Any]:
    """A shape with what it refers to put in its place."""
    for part in [shape, *shape.get("allOf", []), *shape.get("oneOf", [])]:
        if "$ref" in part:
            target = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
            return {**_resolved(schema, target), **{key: value for key, value in shape.items() if key == "description"}}
    if "type" not in shape and shape.get("oneOf"):  # or nothing: it may be left empty
        return dict(shape["oneOf"][0])
    return dict(shape)


def _members(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Iterator[Member]:
    required = shape.get("required", [])
    for name, each in shape.get("properties", {}).items():
        yield _member(schema, name, each, {"required": name in required})


def _member(schema: Mapping[str, Any], name: str, each: Mapping[str, Any], about: Mapping[str, Any]) -> Member:
    shape = _resolved(schema, each)
    choices = [str(value) for value in shape.get("enum", [])]
    shown = ", ".join(choices[:MOST_CHOICES]) + (", …" if len(choices) > MOST_CHOICES else "")
    words = about.get("description") or each.get("description") or ""
    return Member(name, _kind(shape), bool(about.get("required")), words if not choices else "", shown)


def _kind(shape: Mapping[str, Any]) -> str:
    kind = shape.get("format") or shape.get("type") or "object"
    named = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{named}, at most {shape['maxLength']}" if "maxLength" in shape else named


def _curl(schema: Mapping[str, Any], path: str, method: str, taken: Mapping[str, Any], base: str) -> str:
    lines = ["curl" + (f" -X {method.upper()}" if method != "get" else "") + f" '{base}{path}'"]
    lines.append("-H 'Authorization: Bearer '\"$TOKEN\"")
    if taken:
        required = taken.get("required") or list(taken.get("properties", {}))[:1]
        body = {name: _example(schema, taken["properties"][name]) for name in required}
        lines += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(body, ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)


def _example(schema: Mapping[str, Any], each: Mapping[str, Any]) -> Any:
    shape = _resolved(schema, each)
    if shape.get("enum"):
        return shape["enum"][0]
    if shape.get("type") == "integer":
        return shape.get("minimum", 1)
    return _EXAMPLES.get(shape.get("format") or shape.get("type", ""), "…")
