"""The Celery app: a doorbell. Rows are the queue; see msp.jobs."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "msp.settings")
app = Celery("mainstay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
