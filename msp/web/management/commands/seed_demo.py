"""`seed_demo`: the two invented shops. `./mainstay up` runs it; a second run finds them and does nothing."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from msp.web.demo.seeding import Seeded, seed_demo


class Command(BaseCommand):
    help = "Make the demo: two invented shops with ninety days behind them. Takes about a minute, once."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()

        def told(made: Seeded) -> None:
            seconds = time.monotonic() - began
            words = f"{made.plan.name}: {made.plan.clients} clients, {made.tickets} tickets, {made.acts} acts"
            self.stdout.write(f"{words}, {seconds:.0f} s")

        seed_demo(now=timezone.now(), told=told)
