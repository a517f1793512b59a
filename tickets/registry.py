"""What the service desk offers to the shell and to the activity log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from msp.audit.registry import say

SENTENCES: dict[str, StrOrPromise] = {
    "ticket.opened": _("%(actor)s opened ticket #%(number)s"),
    "ticket.replied": _("%(actor)s replied to %(to)s"),
    "ticket.reply_withdrawn": _("%(actor)s took the reply to %(to)s back before it left"),
    "ticket.client_replied": _("%(actor)s replied from the portal"),
    "ticket.noted": _("%(actor)s wrote an internal note"),
    "ticket.confirmed": _("%(actor)s confirmed that it works"),
    "ticket.status_changed": _("%(actor)s changed the status from %(was)s to %(became)s"),
    "ticket.assigned": _("%(actor)s assigned the ticket to %(to)s"),
    "ticket.unassigned": _("%(actor)s assigned the ticket to nobody"),
    "ticket.priority_changed": _("%(actor)s changed the priority from %(was)s to %(became)s"),
    "ticket.about_changed": _("%(actor)s said that it is about %(about)s"),
    "ticket.subject_rewritten": _("%(actor)s renamed the ticket, which was called “%(was)s”"),
    "ticket.summary_rewritten": _("%(actor)s rewrote where it stands"),
    "time.logged": _("%(actor)s logged %(minutes)s min"),
    "time.changed": _("%(actor)s changed %(was)s min of time to %(minutes)s"),
    "time.deleted": _("%(actor)s deleted %(minutes)s min of time"),
    "time.locked": _("%(actor)s locked %(minutes)s min of time: %(because)s"),
    "time.unlocked": _("%(actor)s unlocked %(minutes)s min of time"),
    "timer.started": _("%(actor)s started a timer"),
    "timer.paused": _("%(actor)s paused the timer"),
    "timer.resumed": _("%(actor)s resumed the timer"),
}


def register() -> None:
    say(SENTENCES)
