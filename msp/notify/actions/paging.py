"""Pages to people on call. Whoever asks has decided who that is, and whether the hour allows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.module_loading import import_string
from django_stubs_ext import StrOrPromise

from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, Handler, Outcome
from msp.notify.models import PagerMessage
from msp.notify.rules import Page, PagerSender
from msp.tenancy.models import current_tenant


def page(
    *,
    actor: Actor,
    to: Sequence[Membership],
    now: datetime,
    words: StrOrPromise | Callable[[], str],
    url: str,
    key: str,
) -> list[PagerMessage]:
    """Page people, each once for ever with this `key`. The rows show who was paged, how often it was tried and what sent it."""
    made = []
    with transaction.atomic():
        for member in to:
            with translation.override(member.user.language):
                text = str(words() if callable(words) else words)[:300]
            message = PagerMessage(to=member, key=key, words=text, url=url, created_at=now, due_at=now)
            try:
                with transaction.atomic():
                    message.save(force_insert=True)
            except IntegrityError:
                made.append(PagerMessage.objects.get(to=member, key=key))
                continue
            record(actor=actor, verb="page.asked", subject=message, now=now, data={"to": member.name})
            made.append(message)
        ring("pages")
    return made


class SendPage(Handler[PagerMessage, Page, tuple[str, str]]):
    """Hands one page to the installation's sender. A worker that dies in between sends it again: better twice than never."""

    def prepare(self, row: PagerMessage, now: datetime) -> Page | Outcome:
        if row.to.ended_at is not None:
            return Ended(DueState.CANCELLED)
        tenant = current_tenant()
        return Page(row.to.name, row.to.phone, row.words, tenant.absolute_url(row.url))

    def work(self, prepared: Page) -> tuple[str, str]:
        sender: PagerSender = import_string(settings.PAGER)()
        return sender.name, sender.send(prepared)

    def finish(self, row: PagerMessage, result: tuple[str, str], now: datetime) -> Outcome:
        row.sent_by, row.answer = result
        row.save(update_fields=["sent_by", "answer"])
        return Ended(DueState.DONE)
