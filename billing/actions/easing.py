"""What stops reminders, and what takes a fee back: decided by people, written down with their reasons."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import Status
from billing.choices.care import StepOutcome
from billing.models import DunningStep, Invoice, PayPromise, Receivable, ReminderFee, ReminderPause, StepTaken
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record


def pause_reminders(*, client: Client, until: date | None, because: str, actor: Actor, now: datetime) -> ReminderPause:
    """Nobody reminds this client before the day `until`; None: until it is taken back. A pause takes the place of the one before.

    Raises Refused without a reason, and for a day that has come already.
    """
    if not because.strip():
        raise Refused(_("Say why nobody should remind them."))
    today = now.astimezone(ZoneInfo(client.zone)).date()
    if until is not None and until <= today:
        raise Refused(_("Choose a day that is still to come."))
    with transaction.atomic():
        Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
        ReminderPause.objects.filter(client=client, ended_at=None).update(ended_at=now)
        pause = ReminderPause.objects.create(
            client=client, since=now, until=until, because=because.strip(), paused_by=actor.name
        )
        data = {"client": client.name, "until": until.isoformat() if until else "", "because": because.strip()}
        verb = "reminders.paused_until" if until else "reminders.paused"
        record(actor=actor, verb=verb, subject=client, now=now, data=data)
    return pause


def resume_reminders(*, client: Client, actor: Actor, now: datetime) -> None:
    """Remind this client again. Nothing paused, nothing changed."""
    with transaction.atomic():
        if ReminderPause.objects.filter(client=client, ended_at=None).update(ended_at=now):
            record(actor=actor, verb="reminders.resumed", subject=client, now=now, data={"client": client.name})


def skip_step(*, invoice: Invoice, step: DunningStep, because: str, actor: Actor, now: datetime) -> StepTaken:
    """Leave a step out for one invoice, for good. Raises Refused without a reason, and for a step that is over."""
    if not because.strip():
        raise Refused(_("Say why this reminder is left out."))
    with transaction.atomic():
        owed = _owed(invoice)
        if StepTaken.objects.filter(invoice=invoice, step=step).exists():
            raise Refused(_("That reminder is over: it was sent or skipped. Reload the page."))
        row = StepTaken.objects.create(
            invoice=invoice, client_id=owed.client_id, step=step, outcome=StepOutcome.SKIPPED, currency=owed.currency,
            taken_at=now, taken_by=actor.name, because=because.strip(),
        )  # fmt: skip
        data = {"step": step.name, "because": because.strip()}
        record(actor=actor, verb="invoice.reminder_skipped", subject=invoice, now=now, data=data)
    return row


def note_pay_promise(*, invoice: Invoice, pay_on: date, who: str, actor: Actor, now: datetime) -> PayPromise:
    """Somebody at the client said when it pays. Nobody reminds it of this invoice until then; a later word takes its place.

    The same said again changes nothing. Raises Refused for a day that has passed, without a name, and when nothing is owed.
    """
    if not who.strip():
        raise Refused(_("Write who promised it."))
    with transaction.atomic():
        owed = _owed(invoice)
        if pay_on < now.astimezone(ZoneInfo(owed.client.zone)).date():
            raise Refused(_("Choose a day that is still to come."))
        if owed.owed <= 0:
            raise Refused(_("Nothing is owed on this invoice."))
        standing = PayPromise.objects.filter(invoice=invoice, ended_at=None)
        if (same := standing.filter(pay_on=pay_on, who=who.strip()).first()) is not None:
            return same
        standing.update(ended_at=now)
        given = {"client_id": owed.client_id, "noted_by": actor.name, "noted_at": now}
        promise = PayPromise.objects.create(invoice=invoice, pay_on=pay_on, who=who.strip(), **given)
        data = {"who": who.strip(), "day": pay_on.isoformat()}
        record(actor=actor, verb="invoice.payment_promised", subject=invoice, now=now, data=data)
    return promise


def end_pay_promise(*, promise: PayPromise, actor: Actor, now: datetime) -> None:
    """Forget a promise to pay: reminders go on. Already ended, nothing changed."""
    with transaction.atomic():
        if PayPromise.objects.filter(pk=promise.pk, ended_at=None).update(ended_at=now):
            record(actor=actor, verb="invoice.payment_promise_ended", subject=promise.invoice, now=now)


def waive_fee(*, fee: ReminderFee, because: str, actor: Actor, now: datetime) -> ReminderFee:
    """Do without a fee that is on no draft. Raises Refused without a reason, and once it is on one."""
    if not because.strip():
        raise Refused(_("Say why the fee is waived."))
    with transaction.atomic():
        rows = ReminderFee.objects.select_for_update(of=("self",)).select_related("invoice", "line__invoice")
        fee = rows.get(pk=fee.pk)
        if fee.line is not None and fee.line.invoice.status != Status.DISCARDED:
            raise Refused(_("It is on a draft or an invoice: remove the line there, or credit it."))
        if fee.waived_at is None:
            fee.line, fee.waived_at, fee.waived_by, fee.waived_because = None, now, actor.name, because.strip()
            fee.save(update_fields=["line", "waived_at", "waived_by", "waived_because"])
            data = {"amount": f"{fee.amount.normalize():f} {fee.currency}", "because": because.strip()}
            record(actor=actor, verb="invoice.fee_waived", subject=fee.invoice, now=now, data=data)
    return fee


def _owed(invoice: Invoice) -> Receivable:
    """What is owed on it, held: two who decide about one invoice come one after the other."""
    rows = Receivable.objects.select_for_update(of=("self",)).select_related("client")
    found: Receivable | None = rows.filter(invoice=invoice).first()
    if found is None:
        raise Refused(_("Only an issued invoice is reminded of."))
    return found
