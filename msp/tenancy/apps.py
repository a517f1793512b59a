from __future__ import annotations

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "msp.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers itself
