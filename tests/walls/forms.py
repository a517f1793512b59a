"""What a person would send from the page they see, so that posts get past the form to what it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

Data = dict[str, list[str]]

# What is typed into an empty field of a type.
TYPED = {
    "email": "someone@example.com",
    "tel": "+44 191 496 0123",
    "url": "https://example.com/",
    "number": "1",
    "date": "2026-11-20",
    "time": "10:00",
    "datetime-local": "2026-11-20T10:00",
    "color": "#336699",
    "search": "leak",
}
NOTHING = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """One form of a page: where it goes, and what it would send as it stands with its empty fields filled."""

    action: str
    method: str
    data: Data = field(default_factory=dict)


def forms_in(html: str, path: str) -> list[Form]:
    """The forms of a page at `path`."""
    parser = _Parser(path)
    parser.feed(html)
    return parser.forms


class _Parser(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.select = self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(urljoin(self.path, given.get("action", ""))).path
            self.open = Form(action, given.get("method", "get").upper())
            self.forms.append(self.open)
        elif self.open is not None and "disabled" not in given:
            self._control(self.open.data, tag, given)

    def _control(self, data: Data, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            # The first real choice stands until a selected one comes.
            if given.get("value") and ("selected" in given or self.select not in data):
                data[self.select] = [given["value"]]
        elif tag == "textarea" and name:
            self.textarea = name
            data[name] = ["something typed"]
        elif tag == "button" and name:
            data.setdefault(name, [given.get("value", "")])
        elif tag == "input" and name:
            self._input(data, name, given)

    def _input(self, data: Data, name: str, given: dict[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in NOTHING:
            return
        if kind in {"checkbox", "radio"}:
            if "checked" in given or (kind == "radio" and name not in data):
                data[name] = [*(data.get(name, []) if kind == "checkbox" else []), value or "on"]
        else:
            data[name] = [value or ("" if kind == "hidden" else TYPED.get(kind, "something typed"))]

    def handle_data(self, data: str) -> None:
        if self.textarea and self.open and data.strip():
            self.open.data[self.textarea] = [data.strip()]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""
