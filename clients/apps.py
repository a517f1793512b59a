from __future__ import annotations

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self) -> None:
        from msp.accounts.registry import ON_ACCEPTED, PORTAL_IDENTITY, offer
        from msp.accounts.signals import shop_created
        from msp.audit.registry import let_read, say

        from . import access, queries, receivers, registry

        offer(*registry.OFFERS)
        say(registry.SENTENCES)
        let_read("clients.client", access.check_activity)
        PORTAL_IDENTITY.append(queries.portal_identity)
        ON_ACCEPTED.append(receivers.on_accepted)
        shop_created.connect(receivers.on_shop_created)
