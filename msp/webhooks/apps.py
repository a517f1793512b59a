from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "msp.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from msp.accounts.choices import Capability
        from msp.accounts.registry import SettingsPage, offer
        from msp.audit.registry import say
        from msp.jobs.registry import CLEANINGS, Queue, register

        from .actions.deliveries import delete_old_deliveries
        from .registry import SENTENCES

        register(
            Queue(
                "webhooks",
                _("Webhooks"),
                "webhooks.Delivery",
                "msp.webhooks.actions.sending.SendDelivery",
                # Waits of 10 s, 20 s, 40 s … and then of 4 h: a receiver that is down for a day misses nothing.
                max_attempts=17,
                longest_wait=timedelta(hours=4),
            )
        )
        say(SENTENCES)
        CLEANINGS.append(delete_old_deliveries)
        offer(
            SettingsPage(
                _("Webhooks"),
                "webhooks:endpoints",
                "share",
                Capability.SETTINGS_MANAGE,
                45,
                _("Tell your own programs what happens"),
            )
        )
