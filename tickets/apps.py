from __future__ import annotations

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        from clients.signals import promise_changed, renamed
        from msp.accounts.signals import membership_ended, shop_created

        from . import receivers, registry

        registry.register()
        promise_changed.connect(receivers.on_promise_changed)
        renamed.connect(receivers.on_renamed)
        membership_ended.connect(receivers.on_membership_ended)
        shop_created.connect(receivers.on_shop_created)
