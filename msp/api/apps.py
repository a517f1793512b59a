from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "msp.api"
    label = "api"

    def ready(self) -> None:
        from . import registry

        registry.register()
