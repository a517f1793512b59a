"""Putting due rows to work: `ring` after enqueuing, `run_queue` in workers, `retry` and `cancel` by people."""

from __future__ import annotations

from .bell import ring
from .cleaning import clean
from .heartbeats import beat, stop_beating
from .jobs import add_job, report_progress
from .letters import retry
from .running import run_queue, sweep, work_row

__all__ = [
    "add_job",
    "beat",
    "clean",
    "report_progress",
    "retry",
    "ring",
    "run_queue",
    "stop_beating",
    "sweep",
    "work_row",
]
