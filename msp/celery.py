"""The Celery app: a doorbell. Rows are the queue; see msp.jobs."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, worker_init
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "msp.settings")
app = Celery("mainstay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def refuse_powerful_roles(**_: Any) -> None:
    try:
        import_string("msp.tenancy.checks.refuse_powerful_roles")()
    except Exception as error:  # Celery would log any other exception and start all the same
        raise SystemExit(str(error)) from error


def keep_sweeps_quiet(**_: Any) -> None:
    """What rings every few seconds is no news: fifty thousand lines a day would hide the one that matters. Failures are logged."""
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)


worker_init.connect(refuse_powerful_roles)
after_setup_logger.connect(keep_sweeps_quiet)
