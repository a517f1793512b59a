from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "msp.web"
    label = "web"

    def ready(self) -> None:
        from . import registry

        registry.register()
