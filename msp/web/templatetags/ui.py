"""What every page is made of. A builtin library: templates use it without {% load %}.

Rendering is the budget of a list page, so icons and dates are made once a process and not once a row.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    DecimalField,
    FloatField,
    NumberInput,
    RadioSelect,
)
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext, to_locale
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from msp.audit.models import Entry
from msp.audit.registry import sentence_of
from msp.tenancy.ids import new_id

register = template.Library()

CLOCK_ICONS = {
    "late": "alert-triangle",
    "soon": "clock-exclamation",
    "ok": "clock",
    "paused": "player-pause",
    "met": "circle-check",
}
# Plain "en" is British here: dates read 23 Nov, not Nov 23. Americans choose en-us.
_LOCALES = {"en": "en_GB"}
_AVATARS = 5


def _locale() -> str:
    language = get_language() or "en"
    return _LOCALES.get(language) or to_locale(language)


@lru_cache(maxsize=16)
def _parsed(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=1024)
def _icon(name: str, size: str) -> SafeString:
    return format_html(
        '<svg class="i {}" aria-hidden="true" viewBox="0 0 24 24"><use href="{}#{}"></use></svg>',
        size,
        static("icons/icons.svg"),
        name,
    )


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """{% icon "clock" "i-lg" %}: a decorative icon of the sprite. The text beside it carries the meaning."""
    return _icon(name, size)


# ---------------------------------------------------------------- numbers


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """{{ invoice.total|money:invoice.currency }}: £1,046.50 in the reader's way of writing. None reads as an empty string."""
    return "" if amount is None else format_currency(amount, currency, locale=_parsed(_locale()))


@register.filter
def minor(amount: Decimal, currency: str) -> int:
    """The amount in minor units (pence), for scripts that add up picked rows."""
    return int(amount.scaleb(get_currency_precision(currency)))


@register.filter
def number(value: Decimal | int | None) -> str:
    """A quantity or a rate without needless zeros: 1,250.5"""
    return "" if value is None else format_decimal(value, locale=_parsed(_locale()))


@register.filter
def minutes(value: int | None) -> str:
    """Worked minutes as 0:15 or 12:05."""
    if value is None:
        return ""
    return f"{'-' if value < 0 else ''}{abs(value) // 60}:{abs(value) % 60:02d}"


# ---------------------------------------------------------------- times, always in the zone the page is in


@lru_cache(maxsize=4096)
def _day(day: date, skeleton: str, locale: str) -> str:
    return str(format_skeleton(skeleton, day, locale=_parsed(locale)))


def _day_in_words(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day == today + timedelta(days=1):
        return _("Tomorrow")
    if abs((day - today).days) < 6:
        return _day(day, "E", _locale())
    return _day(day, "dMMM" if day.year == today.year else "yMMMd", _locale())


@register.filter
def day(value: date | datetime | None) -> str:
    """A date: 23 Nov, or 23 Nov 2025 in another year."""
    if value is None:
        return ""
    today = timezone.localdate()
    value = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return _day(value, "dMMM" if value.year == today.year else "yMMMd", _locale())


@register.filter
def long_day(value: date | datetime | None) -> str:
    """A date with its weekday, for headings and letters: Monday 23 November 2026."""
    if value is None:
        return ""
    value = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return _day(value, "yMMMMEEEEd", _locale())


@register.filter
def when(value: datetime | None) -> SafeString:
    """A moment as a reader says it, in the page's zone: <time>Today 14:05</time>. The exact time is its title."""
    if value is None:
        return SafeString("")
    local = timezone.localtime(value)
    text = f"{_day_in_words(local.date(), timezone.localdate())} {local:%H:%M}"
    title = f"{_day(local.date(), 'yMMMMEEEEd', _locale())} {local:%H:%M} {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), title, text)


@register.filter
def span(length: timedelta) -> str:
    """6 min, 1 h 42 m or 2 d 3 h. static/app/js/time.js says the same while the page stands open."""
    whole = int(abs(length.total_seconds()) // 60)
    if whole < 60:
        return _words()["min"] % whole
    if whole < 48 * 60:
        return _words()["h_m"] % (whole // 60, whole % 60) if whole % 60 else _words()["h"] % (whole // 60)
    return _words()["d_h"] % (whole // 1440, whole % 1440 // 60)


@register.filter
def ago(value: datetime | None) -> str:
    """How long since: 47 min, 3 h, 2 d 4 h."""
    return "" if value is None else span(timezone.now() - value)


@lru_cache(maxsize=1)
def _clock_icons() -> SafeString:
    # One of the five shows, by data-state: the script changes the state while the page stands open.
    return SafeString("".join(_icon(name, f"i-{state}") for state, name in CLOCK_ICONS.items()))


@register.simple_tag
def clock(due: datetime | None = None, paused: str = "", met: str = "", warn: int = 1800) -> SafeString:
    """{% clock ticket.next_clock_at %}: the one countdown for replies, fixes, promises and invoices.

    `paused` says what it waits for, `met` that it was kept; `warn` is the number of seconds before `due` that count as soon.
    """
    if met or paused or due is None:
        state, text = ("met", met) if met else ("paused", paused or _("No deadline"))
        return format_html(
            '<span class="clock" data-state="{}">{}<span data-out>{}</span></span>', state, _clock_icons(), text
        )
    left = due - timezone.now()
    state = "late" if left < timedelta() else "soon" if left < timedelta(seconds=warn) else "ok"
    text = _words()["over" if state == "late" else "left"] % span(left)
    return format_html(
        '<span class="clock" data-state="{}" data-due="{}" data-warn="{}">{}<span data-out>{}</span></span>',
        state,
        due.isoformat(timespec="seconds"),
        warn,
        _clock_icons(),
        text,
    )


@register.simple_tag
def server_now() -> str:
    return timezone.now().isoformat(timespec="seconds")


def _words() -> dict[str, str]:
    return _words_in(get_language() or "en")


@lru_cache(maxsize=16)
def _words_in(language: str) -> dict[str, str]:
    """Kept once a language: a list says them fifty times. `language` is the active one."""
    return {
        "min": _("%s min"),
        "h": _("%s h"),
        "h_m": _("%s h %s m"),
        "d_h": _("%s d %s h"),
        "left": pgettext("time until a deadline", "%s left"),
        "over": pgettext("time past a deadline", "%s over"),
    }


@register.simple_tag
def words() -> SafeString:
    """Every sentence the scripts say, in the reader's language, as data the CSP lets stand."""
    return json_script(
        _words()
        | {
            "send_to": _("Send to %s"),
            "cc": _("copy to %s"),
            "undo": _("Undo"),
            "dismiss": _("Dismiss"),
            "broken": _("That did not work. Your text is still here; try again."),
            "offline": _("No connection. Your text is kept on this device."),
            "result": _("%s result"),
            "results": _("%s results"),
            "nothing": _("Nothing found. Try a client, a ticket number or an action."),
            "searching": _("Searching…"),
            "no_search": _("Search did not answer. Try again in a moment."),
            "passkey_old": _("This browser is too old for passkeys. Sign in another way."),
            "passkey_failed": _("The passkey was not used. Try again, or sign in another way."),
        },
        "words",
    )


@register.filter
def undo_url(message: Message) -> str:
    """The undo link of a message sent with extra_tags="undo=<url>", or an empty string."""
    return next((tag[5:] for tag in (message.extra_tags or "").split() if tag.startswith("undo=")), "")


@register.filter
def sentence(entry: Entry) -> str:
    """An audit entry as a sentence: Tom Whitfield closed the ticket."""
    return sentence_of(entry)


# ---------------------------------------------------------------- people


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """Initials on a colour that stays the same for a name; decorative, the name stands beside it."""
    parts = name.split()
    initials = "".join(part[0] for part in parts[:1] + parts[1:][-1:]).upper()
    tint = sum(name.encode()) % _AVATARS + 1
    return format_html('<span class="av av-{} {}" aria-hidden="true">{}</span>', tint, size, initials)


# ---------------------------------------------------------------- forms


PLAIN_CONTROLS = {"file": "in-file", "range": "in-range"}  # they draw themselves, without our box


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, **attrs: Any) -> dict[str, Any]:
    """{% field form.minutes inputmode="numeric" %}: label, hint, control and error of one form field, tied together for readers.

    Extra arguments become attributes of the control (an underscore reads as a hyphen: autocomplete, data_submit).
    """
    widget = bound.field.widget
    kind = (
        "many"
        if isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
        else "box"
        if isinstance(widget, CheckboxInput)
        else "one"
    )
    css = {"many": "", "box": "check"}.get(kind, PLAIN_CONTROLS.get(getattr(widget, "input_type", ""), "in"))
    if isinstance(widget, NumberInput) and widget.input_type == "number":
        # A number input throws away what it cannot read, and a wheel turn changes it: typed text is never lost.
        widget.input_type = "text"
        for limit in ("min", "max", "step"):
            widget.attrs.pop(limit, None)
        attrs.setdefault("inputmode", "decimal" if isinstance(bound.field, (DecimalField, FloatField)) else "numeric")
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    given["class"] = f"{css} {widget.attrs.get('class', '')} {given.get('class', '')}".strip()
    return {"field": bound, "kind": kind, "control": bound.as_widget(attrs=given)}


@register.inclusion_tag("ui/fields.html")
def fields(form: Any) -> dict[str, Any]:
    """{% fields form %}: the summary of what is wrong, then every field in order."""
    return {"form": form}


@register.simple_tag
def form_key() -> SafeString:
    """{% form_key %}: the hidden key of a form written by hand; sent twice, it makes one row."""
    return format_html('<input type="hidden" name="form_key" value="{}">', new_id())


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """{% form_errors form %}: what is wrong with the whole form, and a link to each field that needs another look."""
    return {"form": form, "wrong": [bound for bound in form.visible_fields() if bound.errors] if form.is_bound else []}


# ---------------------------------------------------------------- the pages about one's sign-in

SIGN_IN_PAGES = (
    ("account_email", _lazy("E-mail")),
    ("account_change_password", _lazy("Password")),
    ("mfa_index", _lazy("Second step")),
    ("socialaccount_connections", _lazy("Other services")),
)


@register.inclusion_tag("ui/sign_in_tabs.html", takes_context=True)
def sign_in_tabs(context: template.Context) -> dict[str, Any]:
    """The tabs over allauth's pages about one's own sign-in; without configured providers there are no other services."""
    request = context["request"]
    pages = [page for page in SIGN_IN_PAGES if settings.SIGN_IN_ORIGINS or page[0] != "socialaccount_connections"]
    tabs = [{"label": label, "url": reverse(name)} for name, label in pages]
    return {"tabs": [tab | {"current": request.path.startswith(str(tab["url"]))} for tab in tabs]}
