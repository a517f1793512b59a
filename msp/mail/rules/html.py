"""HTML of mail: made harmless, and made into text. No recursion: mail nests a thousand deep."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

LONGEST = 1_000_000  # characters of HTML that are looked at
DEEPEST = 200  # tags within tags; deeper ones are made into text without their marks

TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div"),
    *("dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre"),
    *("q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead"),
    *("tr", "tt", "u", "ul", "var", "kbd", "samp", "address"),
}
ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start", "type"},
    "font": {"color"},
}
_BLOCKS = frozenset(
    {"address", "blockquote", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "table", "tr", "ul", "caption", "tbody", "thead", "tfoot", "body", "html"}
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table"})
_UNREAD = frozenset({"script", "style", "head", "title", "template", "object", "svg", "math", "noscript"})


def harmless(html: str) -> str:
    """The HTML without scripts, styles, forms and anything from elsewhere; pictures only as `cid:` of the same message."""
    if depth_of(html) > DEEPEST:
        return ""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_allowed,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.lower().startswith("cid:") else None
    if tag == "a" and attribute == "href":
        return None if value.lower().startswith("cid:") else value
    return value


def depth_of(html: str) -> int:
    """How deep its tags nest at most, roughly and cheaply: unclosed ones count, too."""
    deepest = depth = 0
    for tag in re.finditer(r"<(/?)([a-zA-Z]+)", html):
        if tag[2].lower() in {"br", "img", "hr", "meta", "input", "link", "col", "p", "li", "td", "tr"}:
            continue
        depth += -1 if tag[1] else 1
        deepest, depth = max(deepest, depth), max(depth, 0)
    return deepest


def text_from(html: str) -> str:
    """The words of HTML, in lines; quotes begin with "> ", as in plain mail, so that they can be told from what is new."""
    reader = _Words()
    try:
        reader.feed(html[:LONGEST])
        reader.close()
    except (AssertionError, ValueError):  # html.parser on declarations that are none
        return re.sub(r"<[^>]{0,2000}>", " ", html[:LONGEST])
    return reader.text()


class _Words(HTMLParser):
    """Collects lines. `quoted` is how many quotes we stand in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.quoted = self.unread = self.pre = 0
        self.hrefs: list[tuple[str, int]] = []
        self.numbers: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _UNREAD:
            self.unread += tag not in {"head", "title"} or not self.unread
            return
        if tag in _BLOCKS:
            self._end_line(apart=tag in _SPACED)
        if tag == "br":
            self._end_line(empty=True)
        elif tag == "blockquote":
            self.quoted += 1
        elif tag == "hr":
            self.line = "________________________________"
            self._end_line()
        elif tag in {"ul", "ol"}:
            self.numbers.append(0 if tag == "ol" else None)
        self._inside(tag, given)

    def _inside(self, tag: str, given: dict[str, str]) -> None:
        if tag == "li":
            if self.numbers and (number := self.numbers[-1]) is not None:
                self.numbers[-1] = number + 1
                self.line = f"{number + 1}. "
            else:
                self.line = "- "
        elif tag in {"td", "th"} and self.line.strip():
            self.line += "  "
        elif tag == "pre":
            self.pre += 1
        elif tag == "a":
            self.hrefs.append((given.get("href", ""), len(self.line)))
        elif tag == "img" and given.get("alt", "").strip():
            self.line += f"[{' '.join(given['alt'].split())[:80]}]"

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self.unread = max(self.unread - 1, 0)
            return
        if tag == "a" and self.hrefs:
            self._end_link(*self.hrefs.pop())
        if tag in _BLOCKS:
            self._end_line(apart=tag in _SPACED)
        if tag == "blockquote":
            while self.quoted and self.lines and not self.lines[-1].strip("> "):
                self.lines.pop()
            self.quoted = max(self.quoted - 1, 0)
            self.lines.append(("> " * self.quoted).rstrip())
        elif tag == "pre":
            self.pre = max(self.pre - 1, 0)
        elif tag in {"ul", "ol"} and self.numbers:
            self.numbers.pop()

    def _end_link(self, href: str, began: int) -> None:
        shown = self.line[began:].strip()
        target = href.removeprefix("mailto:")
        if (
            href.startswith(("http:", "https:", "mailto:"))
            and shown
            and target.rstrip("/") not in (shown, f"http://{shown}", f"https://{shown}")
        ):
            self.line += f" <{target[:500]}>"

    def handle_data(self, data: str) -> None:
        if self.unread:
            return
        if self.pre:
            first, *more = data.split("\n")
            self.line += first
            for each in more:
                self._end_line(empty=True)
                self.line = each
            return
        words = re.sub(r"[ \t\r\n\f\u200b\u200c\u00ad\ufeff]+", " ", data)
        self.line += words.lstrip(" ") if not self.line or self.line.endswith(" ") else words

    def _end_line(self, *, empty: bool = False, apart: bool = False) -> None:
        line = self.line.strip() if not self.pre else self.line.rstrip()
        mark = "> " * min(self.quoted, 9)
        if line or empty:
            self.lines.append(f"{mark}{line}".rstrip())
        if apart and self.lines and self.lines[-1].strip("> "):
            self.lines.append(mark.rstrip())
        self.line = ""
        self.hrefs = [(href, 0) for href, _began in self.hrefs[-5:]]

    def text(self) -> str:
        self._end_line()
        text = "\n".join(self.lines).replace("\xa0", " ")
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + ("\n" if text.strip() else "")
