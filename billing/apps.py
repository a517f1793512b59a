from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from clients.registry import PANELS, offer_promises
        from clients.signals import promise_stage
        from msp.accounts.registry import offer
        from msp.audit.registry import let_read, say
        from msp.jobs.registry import register
        from tickets.signals import work_changed

        from . import access, receivers, registry
        from .access import agreements as agreement_access
        from .access import quotes as quote_access
        from .registry import clock, friends

        offer(*registry.OFFERS)
        say(registry.SENTENCES)
        let_read("billing.invoice", access.check_activity)
        let_read("billing.quote", quote_access.check_quote_activity)
        register(*registry.QUEUES)
        let_read("billing.agreement", agreement_access.check_agreement_activity)
        PANELS.append(registry.CLIENT_PANEL)
        offer(*clock.OFFERS)
        say(clock.SENTENCES)
        register(*clock.QUEUES)
        offer_promises(*clock.PROMISES)
        work_changed.connect(receivers.on_work_changed)
        promise_stage.connect(receivers.on_promise_stage)
        friends.register()
        PANELS.append(registry.agreements.CLIENT_PANEL)
