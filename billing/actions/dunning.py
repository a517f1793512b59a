"""Reminding clients of what they owe: the hourly look, and one client's reminder. Each step once an invoice, by the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.choices.care import DUNNING_ROUNDS, DUNNING_SWEEPS, StepOutcome
from billing.documents.reminder import reminder_mail
from billing.models import (
    DunningLetter,
    DunningRound,
    DunningSweep,
    LetterMail,
    PayPromise,
    Receivable,
    ReminderFee,
    StepTaken,
)
from billing.queries.care import care_settings, office
from billing.queries.dunning import Letter, Standing, plans
from billing.rules import money
from clients.models import Client
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Again, Ended, Outcome, Plain
from msp.mail.actions import queue_mail
from msp.notify.actions import notify

REMINDERS = system_actor("reminders of payment")
ENCLOSED = 5  # invoices that one reminder carries as PDF
_HOUR = timedelta(hours=1)


class LookForReminders(Plain[DunningSweep]):
    """Every hour: whoever may be reminded now gets a round of its own, so that one client's trouble holds up nobody else."""

    def act(self, row: DunningSweep, now: datetime) -> Outcome:
        if not care_settings().reminds:
            return Ended(DueState.CANCELLED)
        tell_of_broken_promises(now)
        waiting = set(DunningRound.objects.filter(state=DueState.QUEUED).values_list("client_id", flat=True))
        found = [plan.client for plan in plans(now) if plan.goes_now and plan.client.pk not in waiting]
        DunningRound.objects.bulk_create(DunningRound(client=client, due_at=now) for client in found)
        if found:
            ring(DUNNING_ROUNDS)
        return Again(now.replace(minute=0, second=0, microsecond=0) + _HOUR)


class RemindClient(Plain[DunningRound]):
    """One transaction: the letters, their mails and the steps taken, or none of them. What is due is read again here."""

    def act(self, row: DunningRound, now: datetime) -> Outcome:
        if not care_settings().reminds:
            return Ended(DueState.CANCELLED)
        remind_client(client=row.client, actor=REMINDERS, now=now)
        return Ended(DueState.DONE)


def arm_reminders(now: datetime) -> None:
    """Have the worker look every hour, from now on; a second row is never made."""
    with transaction.atomic():
        if care_settings().reminds and not DunningSweep.objects.filter(state=DueState.QUEUED).exists():
            DunningSweep.objects.create(due_at=now)
            ring(DUNNING_SWEEPS)


def remind_client(*, client: Client, actor: Actor, now: datetime) -> list[DunningLetter]:
    """Send what is due and may leave now: a letter a currency, a mail a recipient. Nothing to send, nothing done."""
    with transaction.atomic():
        # Payments wait until the letter is written, and a letter sees the payments before it.
        list(Receivable.objects.owing().filter(client=client).select_for_update(of=("self",)).order_by("id"))
        found = next((plan for plan in plans(now, [client.pk]) if plan.goes_now), None)
        return [_send(letter, actor, now) for letter in found.letters] if found else []


def _send(letter: Letter, actor: Actor, now: datetime) -> DunningLetter:
    plan = letter.plan
    row = DunningLetter.objects.create(
        client=plan.client,
        step=letter.step,
        step_name=letter.step.name,
        currency=letter.currency,
        total=letter.total,
        recipients=plan.recipients,
        sent_on=plan.today,
        sent_at=now,
    )
    _take(row, letter.rows, actor, now)
    _charge(letter, now)
    enclosed = [each.owed.invoice.pdf for each in letter.rows if each.owed.invoice.pdf_id][:ENCLOSED]
    for recipient in plan.recipients:
        written = reminder_mail(letter, recipient)
        mail = queue_mail(
            actor=actor, purpose_key=f"dunning:{row.pk}:{recipient}", to=[recipient], subject=written.subject,
            text=written.text, html=written.html, client_id=plan.client.pk, attachments=enclosed, now=now,
            automatic=True,
        )  # fmt: skip
        LetterMail.objects.create(letter=row, client=plan.client, recipient=recipient, mail=mail)
    return row


def _take(letter: DunningLetter, rows: Sequence[Standing], actor: Actor, now: datetime) -> None:
    """Write down which steps are over; the unique constraint refuses a step that somebody else took meanwhile."""
    taken = []
    for each in rows:
        about = {"invoice": each.owed.invoice, "client": letter.client, "currency": letter.currency}
        by = {"taken_at": now, "taken_by": actor.name}
        assert each.step is not None
        taken.append(
            StepTaken(step=each.step, outcome=StepOutcome.SENT, letter=letter, asked=each.claim.asked, **about, **by)
        )
        passed = [
            StepTaken(step_id=step.key, outcome=StepOutcome.PASSED_OVER, **about, **by) for step in each.verdict.passed
        ]
        taken += passed
        data = {"step": each.step.name, "recipients": ", ".join(letter.recipients)}
        record(actor=actor, verb="invoice.reminded", subject=each.owed.invoice, now=now, data=data)
    StepTaken.objects.bulk_create(taken)


def _charge(letter: Letter, now: datetime) -> None:
    """The fee of a step, once an invoice. It waits for the client's next draft."""
    if not letter.fee:
        return
    ReminderFee.objects.bulk_create(
        ReminderFee(
            invoice=each.owed.invoice,
            client=letter.plan.client,
            step=each.step,
            currency=letter.currency,
            amount=money.quantise(each.step.fee, letter.currency),
            arose_at=now,
        )
        for each in letter.rows
        if each.step and each.step.fee
    )


def tell_of_broken_promises(now: datetime) -> None:
    """Let the office know which promises to pay were not kept, once each. Their reminders go on by themselves."""
    grace = timedelta(days=care_settings().grace_days)
    owing = Receivable.objects.owing().filter(invoice=OuterRef("invoice"))
    over = PayPromise.objects.filter(Exists(owing), ended_at=None, told_at=None)
    # A day of margin for the zones of the clients.
    over = over.filter(pay_on__lt=now.date() - grace).select_related("invoice", "client")
    people = sorted(office(), key=lambda each: each.pk)
    for promise in over.order_by("id"):
        said = {"client": promise.client.name, "number": promise.invoice.number, "day": promise.pay_on}
        for member in people:
            notify(
                to=member,
                now=now,
                words=lambda said=said: _("%(client)s wanted to pay %(number)s by %(day)s and has not.") % said,  # type: ignore[misc]
                url=reverse("billing:invoice", args=[promise.invoice_id]),
                key=f"pay_promise:{promise.pk}",
            )
        promise.told_at = now
        promise.save(update_fields=["told_at"])
