from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "msp.jobs"
    label = "jobs"

    def ready(self) -> None:
        from msp.accounts.choices import Capability
        from msp.accounts.registry import NavItem, offer
        from msp.audit.actions import seal_all
        from msp.audit.registry import say

        from . import checks  # noqa: F401  registers itself
        from .actions import clean
        from .actions.cleaning import delete_expired_cache_entries, delete_expired_sessions
        from .registry import CHORES, CLEANINGS, Queue, register

        # Web processes ring too, so every process knows the Celery app and its tasks by name.
        import_module("msp.celery").app.autodiscover_tasks(force=True)
        import_module("msp.jobs.receivers")
        register(Queue("jobs", _("Imports, exports and renderings"), "jobs.Job", "msp.jobs.actions.jobs.RunJob"))
        CHORES.extend([seal_all, clean])
        CLEANINGS.extend([delete_expired_cache_entries, delete_expired_sessions])
        say({"job.retried": _("%(actor)s let it be tried again: %(queue)s")})
        offer(NavItem(_("System"), "jobs:system", "heartbeat", Capability.SYSTEM_VIEW, "owner", 90))
