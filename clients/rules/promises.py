"""Pure rules of promises: stages, what a promise may become, and the working that explains its deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

DUE = "due"  # the last stage of every promise: its deadline

# A promise of a person is warned about a day and an hour before.
CALLBACK_STAGES = (("day", timedelta(days=1), False), ("hour", timedelta(hours=1), True))


class NotPossible(ValueError):
    """A promise cannot do that in its state; the message says why, in the reader's language."""


@dataclass(frozen=True)
class Stage:
    """A moment before the deadline at which somebody is told. `risk`: from then on the promise counts as at risk."""

    name: str
    at: datetime
    risk: bool = True


@dataclass(frozen=True)
class Step:
    """One step of how a deadline was computed.

    `words` is an English sentence marked for translation (gettext_noop) with %(name)s for each of `params`; the explainer
    translates it for its reader. `at` is where the step arrives, `minutes` what it counted (business minutes under a calendar).
    """

    words: str
    at: datetime | None = None
    minutes: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


def laid_out(stages: Iterable[Stage], promised_at: datetime, now: datetime) -> list[Stage]:
    """The stages that are still to fire, in time order, the deadline last. What lies behind `now` or past the deadline is left out."""
    ahead = [stage for stage in stages if stage.name != DUE and now < stage.at < promised_at]
    return [*sorted(ahead, key=lambda stage: stage.at), Stage(DUE, promised_at)]


def risk_from(stages: Iterable[Stage], promised_at: datetime) -> datetime:
    """When a promise begins to be at risk: its first stage that says so, passed already or not; else its deadline."""
    return min((stage.at for stage in stages if stage.risk and stage.name != DUE), default=promised_at)


def passed(stages: Sequence[Stage], now: datetime) -> list[Stage]:
    """The stages whose time has come."""
    return [stage for stage in stages if stage.at <= now]


def before(promised_at: datetime) -> list[Stage]:
    """The stages of a promise that a person made: a day and an hour before."""
    return [Stage(name, promised_at - ahead, risk) for name, ahead, risk in CALLBACK_STAGES]


def stages_to_json(stages: Iterable[Stage]) -> list[list[Any]]:
    return [[stage.name, stage.at.isoformat(), stage.risk] for stage in stages]


def stages_from_json(kept: Iterable[Sequence[Any]]) -> list[Stage]:
    return [Stage(name, datetime.fromisoformat(at), *rest) for name, at, *rest in kept]


def steps_to_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [
        {
            "words": str(step.words),
            "at": step.at.isoformat() if step.at else None,
            "minutes": step.minutes,
            "params": dict(step.params),
        }
        for step in steps
    ]


def steps_from_json(kept: Iterable[Mapping[str, Any]]) -> list[Step]:
    return [
        Step(
            step["words"],
            datetime.fromisoformat(step["at"]) if step.get("at") else None,
            step.get("minutes"),
            step.get("params") or {},
        )
        for step in kept
    ]
