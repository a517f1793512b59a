from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from clients.registry import PANELS
        from msp.accounts.registry import offer
        from msp.audit.registry import let_read, say
        from msp.jobs.registry import register

        from . import access, registry

        offer(*registry.OFFERS)
        say(registry.SENTENCES)
        let_read("billing.invoice", access.check_activity)
        register(*registry.QUEUES)
        PANELS.append(registry.CLIENT_PANEL)
