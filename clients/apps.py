from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self) -> None:
        from msp.accounts.registry import ON_ACCEPTED, PORTAL_IDENTITY, offer
        from msp.accounts.signals import shop_created
        from msp.audit.registry import let_read, say
        from msp.jobs.registry import Queue, register

        from . import access, queries, receivers, registry

        offer(*registry.OFFERS)
        say(registry.SENTENCES)
        let_read("clients.client", access.check_activity)
        registry.offer_promises(*registry.PROMISES)
        register(
            # Tried for ever: see Promise.dead_state.
            Queue(
                "promises",
                _("Promises"),
                "clients.Promise",
                "clients.actions.sweeping.SweepPromises",
                batch=500,
                max_attempts=30_000,
            )
        )
        PORTAL_IDENTITY.append(queries.portal_identity)
        ON_ACCEPTED.append(receivers.on_accepted)
        shop_created.connect(receivers.on_shop_created)
