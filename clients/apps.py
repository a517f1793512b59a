from __future__ import annotations

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self) -> None:
        from msp.accounts.registry import PORTAL_IDENTITY, offer
        from msp.audit.registry import say

        from . import queries, registry

        offer(*registry.OFFERS)
        say(registry.SENTENCES)
        PORTAL_IDENTITY.append(queries.portal_identity)
