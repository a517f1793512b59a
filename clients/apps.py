from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self) -> None:
        from msp.accounts.choices import Capability, PortalCapability
        from msp.accounts.registry import ON_ACCEPTED, PORTAL_IDENTITY, PortalPanel, offer
        from msp.accounts.signals import shop_created
        from msp.audit.registry import let_read, say
        from msp.jobs.registry import Queue, register

        from . import access, portal, queries, receivers, registry

        offer(*registry.OFFERS)
        say(registry.SENTENCES)
        let_read("clients.client", access.check_activity)
        registry.offer_promises(*registry.PROMISES)
        registry.PANELS.append(
            registry.ClientPanel(_("Promises"), "clients:client-promises", Capability.TICKETS_VIEW, 5)
        )
        offer(
            PortalPanel("clients/_portal_promises.html", portal.promises_panel, PortalCapability.REQUESTS, "main", 15)
        )
        register(
            # Tried for ever: see Promise.dead_state.
            Queue(
                "promises",
                _("Promises"),
                "clients.Promise",
                "clients.actions.sweeping.SweepPromises",
                batch=2_000,
                max_attempts=30_000,
            ),
            Queue(
                "reminders",
                _("Reminders of promises"),
                "clients.Reminder",
                "clients.actions.reminding.Remind",
                batch=1_000,
            ),
        )
        PORTAL_IDENTITY.append(queries.portal_identity)
        ON_ACCEPTED.append(receivers.on_accepted)
        shop_created.connect(receivers.on_shop_created)
