"""The events that shops can be told of. Each app offers its own in `AppConfig.ready`."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class EventKind:
    """An event: its name for ever (`ticket.created`), and in words when it happens. `order` is its place in the form."""

    name: str
    label: StrOrPromise
    order: int


EVENTS: dict[str, EventKind] = {}


def offer_events(*kinds: EventKind) -> None:
    """Register events. Raises ValueError when a name is taken."""
    for kind in kinds:
        if kind.name in EVENTS:
            raise ValueError(f"already offered: {kind.name}")
        EVENTS[kind.name] = kind


SENTENCES: dict[str, StrOrPromise] = {
    "webhook.added": _("%(actor)s set up the webhook %(name)s"),
    "webhook.changed": _("%(actor)s changed the webhook %(name)s"),
    "webhook.secret_rotated": _("%(actor)s made a new secret for the webhook %(name)s"),
    "webhook.secret_shown": _("%(actor)s looked at the secret of the webhook %(name)s"),
    "webhook.secret_ended": _("%(actor)s ended the old secret of the webhook %(name)s"),
    "webhook.paused": _("%(actor)s paused the webhook %(name)s"),
    "webhook.gave_up": _("%(actor)s paused the webhook %(name)s: %(because)s"),
    "webhook.resumed": _("%(actor)s let the webhook %(name)s go on"),
    "webhook.tested": _("%(actor)s sent a test event to the webhook %(name)s"),
    "webhook.replayed": _("%(actor)s sent %(event)s to the webhook %(name)s once more"),
    "webhook.replayed_failed": _("%(actor)s sent %(number)s failed deliveries to the webhook %(name)s once more"),
    "webhook.deleted": _("%(actor)s deleted the webhook %(name)s"),
}
