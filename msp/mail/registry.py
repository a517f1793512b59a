"""What mail offers to the shell, and who takes incoming mail: higher apps offer takers, mail itself knows no ticket or invoice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from msp.accounts.choices import Capability
from msp.accounts.registry import Counted, NavItem, SettingsPage, offer
from msp.audit.registry import say
from msp.jobs import registry as jobs
from msp.jobs.registry import HealthPart, Queue

from .actions.cleaning import delete_old_sign_in_mail, forget_secrets
from .queries import failed_mail, mailbox_health, wrong_mail

if TYPE_CHECKING:
    from .models import InboundMessage


@dataclass(frozen=True)
class Taken:
    """What became of a message. `ignored` True: nothing had to, and `words` say why. `url` leads to what it became."""

    words: str
    url: str = ""
    ignored: bool = False


class HeldBack(Exception):
    """The message waits for a person in the tray, with this text: taking it by itself would do harm (a loop, a flood)."""


@dataclass(frozen=True)
class Taker:
    """An app that may take messages. They are asked in order; the first that answers anything but None has it.

    `take` runs in the transaction that ends the message, with its row locked. It raises HeldBack to leave it to a person.
    """

    name: str
    order: int
    take: Callable[[InboundMessage, datetime], Taken | None]


@dataclass(frozen=True)
class ByHand:
    """What a person may make of a message in the tray: a URL name taking `message_id`."""

    label: StrOrPromise
    url_name: str
    capability: str


TAKERS: list[Taker] = []
BY_HAND: list[ByHand] = []


def offer_taker(taker: Taker) -> None:
    """Register an app that takes mail."""
    TAKERS.append(taker)
    TAKERS.sort(key=lambda each: each.order)


# --- what mail itself offers ---

_WRONG = Counted(lambda _request: wrong_mail(), "danger", _("messages that did not go out"))
_FAILED = Counted(lambda _request: failed_mail(), "danger", _("messages that came in and need a person"))
_ACTIONS = "msp.mail.actions"
# A server that is down or asks to come back later is tried for about a day.
_patient = partial(Queue, max_attempts=30, first_wait=timedelta(seconds=30), longest_wait=timedelta(hours=1))
QUEUES = (
    _patient("mail", _("Mail"), "mail.OutgoingMail", f"{_ACTIONS}.sending.SendMail"),
    _patient("sign_in_mail", _("Sign-in mail"), "mail.SignInMail", f"{_ACTIONS}.sending.SendSignInMail"),
    # Reading is tried anew in case the machine was short of time or memory; after that a person looks.
    Queue("mail_in", _("Incoming mail"), "mail.InboundMessage", f"{_ACTIONS}.intake.TakeMail", max_attempts=3),
    Queue(
        "mail_poll",
        _("Fetched mailboxes"),
        "mail.MailboxPoll",
        f"{_ACTIONS}.fetching.LookIntoMailbox",
        batch=1,
        lease=timedelta(seconds=230),
        max_attempts=50,
        longest_wait=timedelta(minutes=15),
    ),
)
SENTENCES: dict[str, StrOrPromise] = {
    "mailbox.added": _("%(actor)s set up the mailbox %(address)s"),
    "mailbox.changed": _("%(actor)s changed the mailbox %(address)s"),
    "mailbox.tried": _("%(actor)s tried the mailbox %(address)s"),
    "mailbox.hook_renewed": _("%(actor)s made a new secret for the mailbox %(address)s"),
    "mail.read_again": _("%(actor)s let the message “%(subject)s” be read again"),
    "mail.ignored": _("%(actor)s put the message “%(subject)s” aside: %(what)s"),
    "mail.made_by_hand": _("%(actor)s made %(what)s of the message “%(subject)s”"),
    "mail.settings_changed": _("%(actor)s changed how mail is sent"),
    "mail.sent_again": _("%(actor)s sent “%(subject)s” to %(to)s again"),
    "mail.marked_sent": _("%(actor)s marked “%(subject)s” to %(to)s as sent"),
    "mail.past_kept": _("%(actor)s kept %(number)s messages of the past back"),
    "mail.cancelled": _("%(actor)s cancelled “%(subject)s” to %(to)s"),
}
_C = Capability
OFFERS = (
    NavItem(_("Mail"), "mail:outbox", "mail", _C.SYSTEM_VIEW, "owner", 80, counted=_WRONG),
    NavItem(_("Incoming mail"), "mail:tray", "inbox", _C.TICKETS_WORK, "work", 40, counted=_FAILED),
    SettingsPage(
        _("Mail"), "mail:settings", "mail", _C.SETTINGS_MANAGE, 40, _("Sender, reply address and mail server")
    ),
    SettingsPage(
        _("Mailboxes"), "mail:mailboxes", "inbox", _C.SETTINGS_MANAGE, 41, _("Which addresses become tickets, and how")
    ),
)


def _health(now: datetime) -> dict[str, object] | None:
    rows = mailbox_health(now)
    return {"mailboxes": rows} if rows else None


def register() -> None:
    jobs.register(*QUEUES)
    say(SENTENCES)
    offer(*OFFERS)
    jobs.CLEANINGS.extend([forget_secrets, delete_old_sign_in_mail])
    jobs.HEALTH.append(HealthPart("mail/_health.html", _health))
