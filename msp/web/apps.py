from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "msp.web"
    label = "web"

    def ready(self) -> None:
        from msp.accounts.registry import DEMO_LOGINS
        from msp.webhooks.signals import endpoint_gave_up

        from . import checks, receivers, registry  # noqa: F401  checks registers itself
        from .demo.logins import demo_logins

        registry.register()
        DEMO_LOGINS.append(demo_logins)
        endpoint_gave_up.connect(receivers.on_endpoint_gave_up, dispatch_uid="web")
