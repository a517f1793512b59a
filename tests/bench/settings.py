"""Mainstay's settings with a stopwatch around every request and one empty page."""

from __future__ import annotations

from msp.settings import *  # noqa: F403
from msp.settings import MIDDLEWARE as _MIDDLEWARE

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.stopwatch.Stopwatch", *_MIDDLEWARE]
