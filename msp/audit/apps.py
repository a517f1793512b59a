from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "msp.audit"
    label = "audit"

    def ready(self) -> None:
        from msp.accounts.registry import SENTENCES
        from msp.accounts.signals import acted

        from .receivers import on_acted
        from .registry import say

        say(SENTENCES)
        acted.connect(on_acted, dispatch_uid="audit")
