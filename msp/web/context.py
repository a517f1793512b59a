"""What the page around the content shows: navigation, the person, the shop. Built only when a template asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from msp.accounts.choices import Role, Theme
from msp.accounts.models import Membership
from msp.accounts.queries import shop_settings
from msp.accounts.registry import COMMANDS, NAV, TOPBAR, Count, NavItem
from msp.accounts.requests import MemberRequest
from msp.tenancy.counting import row_counts

HEADINGS: dict[str, StrOrPromise] = {
    "work": "",
    "watch": _("Watch"),
    "billing": _("Billing"),
    "know": _("Know"),
    "owner": _("Shop"),
    "portal": "",
}
# What a role does all day stands on top.
FIRST = {Role.OFFICE_MANAGER: "billing"}
PHONE_TABS = {"staff": 4, "portal": 5}
ME_LINKS: tuple[tuple[str, StrOrPromise, str], ...] = (
    ("accounts:profile", _("Your profile"), "user-circle"),
    ("mfa_index", _("Sign-in and security"), "shield-check"),
)


@dataclass(frozen=True)
class Link:
    label: StrOrPromise
    url: str
    icon: str = ""
    key: str = ""
    hint: StrOrPromise = ""
    current: bool = False
    count: Count | None = None

    @property
    def letters(self) -> list[str]:
        return self.key.split()


@dataclass(frozen=True)
class Group:
    label: StrOrPromise
    items: list[Link]


@dataclass(frozen=True)
class Shell:
    lang: str
    theme: str
    single_keys: bool
    draft_scope: str
    shop: str
    mark: str
    logo: str
    hue: int
    phone: str
    email: str
    client: str
    me: Membership
    groups: list[Group]
    tabs: list[Link]
    commands: list[Link]
    me_links: list[Link]
    other_shops: list[Link]
    topbar: list[SafeString] = field(default_factory=list)
    sub: list[Link] = field(default_factory=list)  # the pages behind one entry of the sidebar, on each of them

    @property
    def create(self) -> Link | None:
        """The command behind the key c: New ticket, for whoever may."""
        return next((command for command in self.commands if command.key == "c"), None)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell`, lazy, for templates that extend base/staff.html or base/portal.html."""
    return {"shell": SimpleLazyObject(lambda: build(cast(MemberRequest, request)))}


def build(request: MemberRequest) -> Shell:
    """The shell of one page. Needs a request inside a shop."""
    settings, me, user = shop_settings(request), request.membership, request.user
    items = _nav_links(request)
    groups = _grouped(_in_front(items), me)
    phone = {link.url for item, link in items if item.phone}
    tabs = [link for group in groups for link in group.items if link.url in phone]
    return Shell(
        lang=get_language() or "en",
        theme="" if user.theme == Theme.SYSTEM else user.theme,
        single_keys=user.single_keys,
        draft_scope=str(me.pk),  # a membership is one person in one shop
        shop=request.tenant.name,
        mark=request.tenant.name[:1].upper(),
        logo=_logo(settings.logo_hash, me),
        hue=settings.hue,
        phone=settings.phone,
        email=settings.email,
        client=request.identity.client_name if hasattr(request, "identity") else "",
        me=me,
        groups=groups,
        tabs=tabs[: PHONE_TABS["staff" if me.is_staff_member else "portal"]],
        commands=[*_command_links(me), *_commands_behind(items)],
        me_links=_me_links(request),
        other_shops=_other_shops(request),
        topbar=_topbar(request) if me.is_staff_member else [],
        sub=_beside(items),
    )


def _logo(logo_hash: str, me: Membership) -> str:
    if not logo_hash:
        return ""
    address = reverse("accounts:logo" if me.is_staff_member else "accounts:portal-logo")
    return f"{address}?v={logo_hash[:12]}"


def url_or_none(name: str, **kwargs: Any) -> str | None:
    """The URL of a named page, or None while no app offers it."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return None


def offered(me: Membership) -> list[tuple[NavItem, str]]:
    """The navigation items a member may open, with their URLs, in order."""
    mine = [
        item
        for item in NAV
        if (item.group != "portal") == me.is_staff_member and (not item.capability or me.can(item.capability))
    ]
    return [
        (item, url + item.query) for item in sorted(mine, key=lambda i: i.order) if (url := url_or_none(item.url_name))
    ]


def _nav_links(request: MemberRequest) -> list[tuple[NavItem, Link]]:
    items = offered(request.membership)
    numbers = _numbers(request, [item for item, _url in items])
    here = max(items, key=lambda pair: _closeness(request, pair[1]), default=None)
    return [
        (
            item,
            Link(
                item.label,
                url,
                item.icon,
                item.key,
                current=here is not None and here[0] is item and _closeness(request, url) > 0,
                count=numbers.get(item.url_name + item.query),
            ),
        )
        for item, url in items
    ]


def _numbers(request: MemberRequest, items: list[NavItem]) -> dict[str, Count]:
    """What stands beside the items, by their page: nothing where there is nothing."""
    counted = [(item.url_name + item.query, item.counted) for item in items if item.counted]
    found = row_counts([each.rows(request) for _name, each in counted])
    numbers = zip(counted, found, strict=True)
    return {name: Count(number, each.tone, each.what) for (name, each), number in numbers if number}


def _closeness(request: HttpRequest, url: str) -> int:
    """How well a navigation URL names the page we are on; 0 for not at all."""
    path, _sep, query = url.partition("?")
    if not request.path.startswith(path) or (path == "/portal/" and request.path != path):
        return 0
    asked = dict(parse_qsl(query))
    if any(request.GET.get(name) != value for name, value in asked.items()):
        return 0
    return len(path) + 1000 * len(asked)


def _in_front(items: list[tuple[NavItem, Link]]) -> list[tuple[NavItem, Link]]:
    """What stands in the sidebar. An entry is the current one on the pages behind it, too."""
    offered_names = {item.url_name for item, _link in items}
    here = {item.under for item, link in items if link.current}
    return [
        (item, replace(link, current=link.current or item.url_name in here))
        for item, link in items
        if item.under not in offered_names
    ]


def _beside(items: list[tuple[NavItem, Link]]) -> list[Link]:
    """The tabs of the page we are on: the entry that it stands behind, and all that stand behind it."""
    here = next((item for item, link in items if link.current), None)
    if here is None:
        return []
    root = here.under or here.url_name
    family = [(item, link) for item, link in items if root in {item.url_name, item.under}]
    has_root, has_behind = (any(getattr(item, at) == root for item, _link in family) for at in ("url_name", "under"))
    return [replace(link, label=item.tab or link.label) for item, link in family] if has_root and has_behind else []


def _commands_behind(items: list[tuple[NavItem, Link]]) -> list[Link]:
    """The palette's way to the pages that are no entries of their own."""
    front = {item for item, _link in _in_front(items)}
    behind = [link for item, link in items if item not in front]
    return [Link(gettext("Go to %(page)s") % {"page": link.label}, link.url) for link in behind]


def _grouped(items: list[tuple[NavItem, Link]], me: Membership) -> list[Group]:
    order = list(HEADINGS)
    if me.roles and (first := FIRST.get(Role(me.roles[0]))):
        order.sort(key=lambda name: name != first)
    groups = [(name, [link for item, link in items if item.group == name]) for name in order]
    return [Group(HEADINGS[name], links) for name, links in groups if links]


def _command_links(me: Membership) -> list[Link]:
    allowed = [command for command in COMMANDS if not command.capability or me.can(command.capability)]
    return [
        Link(command.label, url, key=command.key, hint=command.hint)
        for command in allowed
        if (url := url_or_none(command.url_name))
    ]


def _other_shops(request: MemberRequest) -> list[Link]:
    """The shops in which the person works, too. Client portals are told apart on the page that lists everything."""
    others = [row for row in request.memberships if row.pk != request.membership.pk and row.is_staff_member]
    return [
        Link(row.tenant.name, url) for row in others if (url := url_or_none("accounts:switch", membership_id=row.pk))
    ]


def _me_links(request: MemberRequest) -> list[Link]:
    links = [Link(label, url, icon) for name, label, icon in ME_LINKS if (url := url_or_none(name))]
    if len(request.memberships) > 1 and (url := url_or_none("accounts:memberships")):
        links.append(Link(_("Where you belong"), url, "switch-horizontal"))
    return links


def _topbar(request: MemberRequest) -> list[SafeString]:
    parts = [(part.template, part.context(request)) for part in TOPBAR]
    return [render_to_string(name, context, request=request) for name, context in parts if context is not None]
