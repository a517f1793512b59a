"""How the exceptions of other apps are answered, and what the API offers to the shell."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from msp.accounts.choices import Capability
from msp.accounts.registry import Command, SettingsPage, offer
from msp.audit import registry as audit
from msp.jobs import registry as jobs

from .rules import Refusal

# Exception of an action -> the refusal it is answered by. The nearest class of it counts.
REFUSALS: dict[type[Exception], Callable[[Exception], Refusal]] = {}


def refuse(kind: type[Exception], code: str, status: int = 409) -> None:
    """Let `kind` be answered with its own words."""
    REFUSALS[kind] = lambda error: Refusal(status, code, str(error))


def register() -> None:
    from .actions import delete_old_replays  # noqa: PLC0415  needs loaded models

    offer(
        SettingsPage(
            _("API tokens"), "api:tokens", "key", Capability.SETTINGS_MANAGE, 95,
            _("What lets other programs in, and what they may do."),
        ),
        Command(_("Your API tokens"), "api:own-tokens", ""),
        Command(_("API documentation"), "api:docs", ""),
    )  # fmt: skip
    audit.say(
        {
            "api_token.made": _("%(actor)s made the API token %(name)s, which may: %(scopes)s"),
            "api_token.revoked": _("%(actor)s revoked the API token %(name)s"),
        }
    )
    jobs.CLEANINGS.append(delete_old_replays)
