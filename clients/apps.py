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
        from msp.jobs.registry import register
        from msp.webhooks.registry import offer_events

        from . import access, portal, queries, receivers, registry

        offer(*registry.OFFERS)
        say(registry.SENTENCES)
        let_read("clients.client", access.check_activity)
        registry.offer_promises(*registry.PROMISES)
        offer_events(*registry.EVENTS)
        registry.PANELS.append(
            registry.ClientPanel(_("Promises"), "clients:client-promises", Capability.TICKETS_VIEW, 5)
        )
        offer(
            PortalPanel("clients/_portal_promises.html", portal.promises_panel, PortalCapability.REQUESTS, "main", 15)
        )
        register(*registry.QUEUES)
        PORTAL_IDENTITY.append(queries.portal_identity)
        ON_ACCEPTED.append(receivers.on_accepted)
        shop_created.connect(receivers.on_shop_created)
