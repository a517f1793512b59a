from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "msp.notify"
    label = "notify"

    def ready(self) -> None:
        from msp.accounts.choices import Capability
        from msp.accounts.registry import NavItem, TopbarPart, offer
        from msp.audit.registry import say
        from msp.jobs.registry import Queue, register

        from .queries import bell

        register(
            Queue("news", _("News by mail"), "notify.Desk", "msp.notify.actions.mailing.MailNews"),
            Queue(
                "pages",
                _("Pages to people on call"),
                "notify.PagerMessage",
                "msp.notify.actions.paging.SendPage",
                max_attempts=30,
                longest_wait=timedelta(minutes=5),
            ),
        )
        say(
            {
                "notify.mail_chosen": _("%(actor)s chose which news come by mail"),
                "page.asked": _("%(actor)s paged %(to)s"),
            }
        )
        offer(
            TopbarPart("notify/_bell.html", bell),
            NavItem(_("Pager"), "notify:pager", "device-mobile", Capability.SYSTEM_VIEW, "owner", 85),
        )
