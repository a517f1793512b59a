from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "msp.audit"
    label = "audit"

    def ready(self) -> None:
        from msp.accounts.choices import Capability
        from msp.accounts.registry import SENTENCES, NavItem, offer
        from msp.accounts.signals import acted

        from .receivers import on_acted
        from .registry import say

        say(SENTENCES)
        offer(NavItem(_("Activity"), "audit:log", "history", Capability.AUDIT_VIEW, "owner", 70))
        acted.connect(on_acted, dispatch_uid="audit")
