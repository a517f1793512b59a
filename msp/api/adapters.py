"""What drf-spectacular needs to know of us."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.renderers import JSONRenderer


class Described(AutoSchema):
    """Operations grouped by their area, each with the scope that it needs."""

    view: Any

    def get_tags(self) -> list[str]:
        return [str(self.view.area)]

    def get_description(self) -> str:  # type: ignore[override]  # as its base has it
        """The method's own words; those of its class are for us."""
        return getattr(self.view, self.method.lower()).__doc__ or ""

    def get_auth(self) -> list[dict[str, Any]]:
        return [{"token": []}]

    def get_extensions(self) -> dict[str, Any]:
        how = "read" if self.method == "GET" else "write"
        return {"x-scope": f"{self.view.area}:{how}"}


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The OpenAPI document: the same for everybody, since it describes the product and no shop."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@lru_cache(maxsize=1)
def schema_json() -> bytes:
    return bytes(JSONRenderer().render(schema()))


def closed_bodies(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """A hook of drf-spectacular's: what a body may not hold beside its members is nothing at all."""
    shapes = result["components"]["schemas"]
    for said in (operation for verbs in result["paths"].values() for operation in verbs.values()):
        for taken in said.get("requestBody", {}).get("content", {}).values():
            shapes[taken["schema"]["$ref"].rpartition("/")[2]]["additionalProperties"] = False
    return result
