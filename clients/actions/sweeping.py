"""The sweep: what it does when the stages of promises have come. Worked shop by shop; see msp.jobs.rules.Together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clients.choices import PromiseState
from clients.models import Promise, PromiseStage
from clients.rules.promises import DUE, passed, stages_to_json
from clients.signals import promise_changed, promise_stage
from msp.accounts.rules import system_actor
from msp.audit.actions import record_many
from msp.jobs.rules import Again, Ended, Outcome, Together

from .announcing import announce_promise, announce_risk
from .promises import what_of
from .reminding import ask_reminders

SWEEP = system_actor("Mainstay")


class SweepPromises(Together[Promise]):
    """Fires what has come, and breaks what is past its deadline."""

    writes = ("stages", "broken_at")

    def __init__(self) -> None:
        self.fired: dict[Promise, tuple[str, ...]] = {}

    def act(self, rows: Sequence[Promise], now: datetime) -> list[Outcome]:
        self.fired = {}
        fired, outcomes = [], [self._advance(row, now) for row in rows]
        for promise, names in self.fired.items():
            fired += [PromiseStage(promise=promise, round=promise.round, stage=name, fired_at=now) for name in names]
        PromiseStage.objects.bulk_create(fired)
        return outcomes

    def _advance(self, promise: Promise, now: datetime) -> Outcome:
        stages = promise.stages_ahead
        come = passed(stages, now)
        if come:
            self.fired[promise] = tuple(stage.name for stage in come)
        if come and come[-1].name == DUE:
            promise.stages, promise.broken_at = [], promise.promised_at
            return Ended(PromiseState.BROKEN)
        ahead = stages[len(come) :]
        promise.stages = stages_to_json(ahead)
        return Again(ahead[0].at)

    def after(self, rows: Sequence[Promise], now: datetime) -> None:
        broken = [row for row in rows if row.state == PromiseState.BROKEN]
        said = [(row, {"what": what_of(row), "by": row.promised_at.isoformat()}) for row in broken]
        record_many(actor=SWEEP, verb="promise.broken", said=said, now=now)
        for row in broken:
            promise_changed.send(sender=Promise, promise=row, actor=SWEEP, now=now)
            announce_promise(promise=row, verb="broken", now=now)
        for row, names in self.fired.items():
            promise_stage.send(sender=Promise, promise=row, stage=names[-1], passed=names, now=now)
            if row.at_risk(now):
                announce_risk(promise=row, stage=names[-1], now=now)
        ask_reminders(self.fired, now)
