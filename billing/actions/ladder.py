"""The shop's own reminders: its settings, its steps, their texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from billing.models import CareSettings, DunningStep, DunningText
from billing.queries.terms import shop
from billing.rules import money
from billing.rules.dunning import unknown_placeholders
from billing.rules.dunning_texts import first_ladder
from billing.rules.refusals import Refused
from msp.accounts.actions.telling import change_of
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.marks import check_mark

from .dunning import arm_reminders

MOST_STEPS = 8


def change_care_settings(*, values: Mapping[str, Any], actor: Actor, now: datetime, mark: str = "") -> CareSettings:
    """Save them; `values` by column, `mark`: what the form showed. Reminders that are switched on begin with a ladder.

    Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        CareSettings.objects.get_or_create()
        row = CareSettings.objects.select_for_update().get()
        check_mark(row, values, mark)
        before = {name: getattr(row, name) for name in values}
        changed = {name: value for name, value in values.items() if before[name] != value}
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
        if row.reminds:
            begin_ladder()
            arm_reminders(now)
        labels = [str(row._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
        data = {"fields": ", ".join(labels)} | change_of(before, changed)
        record(actor=actor, verb="care.settings_changed", subject=row, now=now, data=data)
    return row


def begin_ladder() -> None:
    """Three steps in five languages, where there is none yet; in the caller's transaction."""
    if DunningStep.objects.exists():
        return
    names = (_("Friendly reminder"), _("Second reminder"), _("Last reminder"))
    for position, first in enumerate(first_ladder(names), start=1):
        step = DunningStep.objects.create(name=first.name, position=position, days=first.days)
        DunningText.objects.bulk_create(
            DunningText(step=step, language=language, subject=subject, body=body)
            for language, (subject, body) in first.texts.items()
        )


def add_step(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> DunningStep:
    """A further step, after all others, with the texts of the last one. Raises Refused when there are many already, and for
    a fee that is no amount of the shop's currency.
    """
    _check_fee(values)
    with transaction.atomic():
        living = list(DunningStep.objects.select_for_update().filter(archived_at=None).order_by("position"))
        if len(living) >= MOST_STEPS:
            raise Refused(_("%d reminders are enough. Change one of them.") % MOST_STEPS)
        last = DunningStep.objects.aggregate(last=models.Max("position"))["last"] or 0
        step = DunningStep.objects.create(position=last + 1, **values)
        texts = DunningText.objects.filter(step=living[-1]) if living else []
        DunningText.objects.bulk_create(
            DunningText(step=step, language=text.language, subject=text.subject, body=text.body) for text in texts
        )
        record(actor=actor, verb="dunning.step_added", subject=step, now=now, data={"step": step.name})
    return step


def change_step(
    *, step: DunningStep, values: Mapping[str, Any], actor: Actor, now: datetime, mark: str = ""
) -> DunningStep:
    """Change a step for reminders to come. Raises ChangedMeanwhile, and Refused for an odd fee."""
    _check_fee(values)
    with transaction.atomic():
        step = DunningStep.objects.select_for_update().get(pk=step.pk)
        check_mark(step, values, mark)
        before = {name: getattr(step, name) for name in values}
        for name, value in values.items():
            setattr(step, name, value)
        step.save(update_fields=list(values))
        data = {"step": step.name} | change_of(before, values)
        record(actor=actor, verb="dunning.step_changed", subject=step, now=now, data=data)
    return step


def archive_step(*, step: DunningStep, actor: Actor, now: datetime) -> DunningStep:
    """Take a step out of the ladder; what was sent because of it stays. Archived already, nothing changed."""
    with transaction.atomic():
        step = DunningStep.objects.select_for_update().get(pk=step.pk)
        if step.archived_at is None:
            step.archived_at = now
            step.save(update_fields=["archived_at"])
            record(actor=actor, verb="dunning.step_archived", subject=step, now=now, data={"step": step.name})
    return step


def save_text(
    *, step: DunningStep, language: str, subject: str, body: str, actor: Actor, now: datetime, mark: str = ""
) -> DunningText:
    """What a step says in a language. Raises Refused for a placeholder that nobody fills in, and ChangedMeanwhile."""
    unknown = unknown_placeholders(f"{subject} {body}")
    if unknown:
        raise Refused(_("Nobody fills in {%s}. Use the placeholders beside the text.") % unknown[0])
    with transaction.atomic():
        DunningStep.objects.select_for_update().get(pk=step.pk)
        text = DunningText.objects.filter(step=step, language=language).first()
        wanted = {"subject": subject, "body": body}
        if text is None:
            text = DunningText.objects.create(step=step, language=language, **wanted)
        else:
            check_mark(text, wanted, mark)
            text.subject, text.body = subject, body
            text.save(update_fields=["subject", "body"])
        data = {"step": step.name, "language": language}
        record(actor=actor, verb="dunning.text_changed", subject=step, now=now, data=data)
    return text


def _check_fee(values: Mapping[str, Any]) -> None:
    currency = shop().defaults.currency
    if "fee" in values and not money.is_exact(values["fee"], currency):
        raise Refused(_("The fee has more decimals than %s knows.") % currency)
