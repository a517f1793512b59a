"""`seed_demo`: the two invented shops. `./mainstay up` runs it; a second run finds them and does nothing."""

from __future__ import annotations

import gc
import signal
import sys
import time
from argparse import ArgumentParser
from subprocess import Popen
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from msp.launch.paths import ROOT
from msp.launch.processes import spawn
from msp.tenancy.models import Tenant
from msp.web.demo.plans import PLANS
from msp.web.demo.seeding import Seeded, seed_demo

# A shop is made of some hundred thousand objects that live to its end: looking for garbage among them is a seventh of the time.
_OBJECTS_BEFORE_A_LOOK = 200_000


class Command(BaseCommand):
    help = "Make the demo: two invented shops with ninety days behind them. Takes about a minute, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", choices=[plan.slug for plan in PLANS], help="only this one, in this process")

    def handle(self, *args: Any, shop: str | None, **options: Any) -> None:
        if shop:
            self._make(shop)
            return
        there = set(Tenant.objects.values_list("slug", flat=True))
        running = [self._begin(plan.slug) for plan in PLANS if plan.slug not in there]
        ended = [process.wait() for process in running]
        if any(ended):
            raise CommandError("The demo could not be made; the reason stands above.")

    def _begin(self, shop: str) -> Popen[bytes]:
        """Each shop in a process of its own, for they have nothing in common; killed with us, it leaves nothing behind."""
        return spawn([sys.executable, "manage.py", "seed_demo", "--shop", shop], signal.SIGKILL, cwd=ROOT)

    def _make(self, shop: str) -> None:
        began = time.monotonic()
        gc.set_threshold(_OBJECTS_BEFORE_A_LOOK)

        def told(made: Seeded) -> None:
            seconds = time.monotonic() - began
            words = f"{made.plan.name}: {made.plan.clients} clients, {made.tickets} tickets, {made.acts} acts"
            self.stdout.write(f"{words}, {seconds:.0f} s")

        seed_demo(now=timezone.now(), plans=[plan for plan in PLANS if plan.slug == shop], told=told)
