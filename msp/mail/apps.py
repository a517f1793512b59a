from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "msp.mail"
    label = "mail"

    def ready(self) -> None:
        from msp.accounts.choices import Capability
        from msp.accounts.registry import NavItem, SettingsPage, offer
        from msp.accounts.signals import letter_written
        from msp.audit.registry import say
        from msp.jobs.registry import Queue, register
        from msp.notify.signals import news_written

        from .queries import wrong_mail
        from .receivers import on_letter_written, on_news_written

        # A server that is down or asks to come back later is tried for about a day.
        patient = partial(Queue, max_attempts=30, first_wait=timedelta(seconds=30), longest_wait=timedelta(hours=1))
        register(
            patient("mail", _("Mail"), "mail.OutgoingMail", "msp.mail.actions.sending.SendMail"),
            patient("sign_in_mail", _("Sign-in mail"), "mail.SignInMail", "msp.mail.actions.sending.SendSignInMail"),
        )
        # Reading is tried anew in case the machine was short of time or memory; after that a person looks.
        register(
            Queue(
                "mail_in", _("Incoming mail"), "mail.InboundMessage", "msp.mail.actions.intake.TakeMail", max_attempts=3
            ),
            Queue(
                "mail_poll", _("Fetched mailboxes"), "mail.MailboxPoll", "msp.mail.actions.fetching.LookIntoMailbox",
                batch=1, lease=timedelta(seconds=230), max_attempts=50, longest_wait=timedelta(minutes=15),
            ),
        )  # fmt: skip
        say(
            {
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
        )
        offer(
            NavItem(_("Mail"), "mail:outbox", "mail", Capability.SYSTEM_VIEW, "owner", 80, count=wrong_mail),
            SettingsPage(
                _("Mail"),
                "mail:settings",
                "mail",
                Capability.SETTINGS_MANAGE,
                40,
                _("Sender, reply address and mail server"),
            ),
        )
        letter_written.connect(on_letter_written, dispatch_uid="mail")
        news_written.connect(on_news_written, dispatch_uid="mail")
