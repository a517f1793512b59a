"""Before a quote's last day the client is reminded; after it we hear that nobody answered."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from billing.models import Quote, QuoteLink, QuoteRevision, QuoteTimer
from billing.queries.lists import shop_today
from billing.queries.terms import shop
from msp.accounts.rules import system_actor
from msp.audit.actions import record
from msp.jobs.choices import DueState
from msp.jobs.rules import Again, Ended, Outcome, Plain
from msp.notify.actions import notify

from .quote_sending import write_to
from .quoting import locked_quote

_MORNING = time(9)


class EndQuote(Plain[QuoteTimer]):
    """First the reminder, if there is time for one, then the end. What was answered, replaced or withdrawn is left alone."""

    def act(self, row: QuoteTimer, now: datetime) -> Outcome:
        quote = locked_quote(Quote(pk=row.revision.quote_id))
        revision = QuoteRevision.objects.select_for_update(of=("self",)).get(pk=row.revision_id)
        revision.quote = quote
        if revision.ended_at is not None:
            return Ended(DueState.CANCELLED)
        if revision.valid_until < shop_today(now):
            _tell_of_end(revision, now)
            return Ended(DueState.DONE)
        if not row.is_reminded and revision.pdf_id is not None:
            row.is_reminded = True
            row.save(update_fields=["is_reminded"])
            _remind(revision, now)
        return Again(_morning_after(revision))


def _remind(revision: QuoteRevision, now: datetime) -> None:
    actor = system_actor(_("Mainstay"))
    first = QuoteLink.objects.filter(revision=revision, is_reminder=False, contact__archived_at=None)
    reminded = []
    for link in first.select_related("contact").order_by("recipient"):
        values = {
            "client_id": link.client_id,
            "contact": link.contact,
            "created_at": now,
            "expires_at": link.expires_at,
        }
        about = {"revision": revision, "recipient": link.recipient, "is_reminder": True}
        again, is_new = QuoteLink.objects.get_or_create(**about, defaults=values)
        if is_new:
            write_to(again, revision, "mail/quote_reminder", None, actor=actor, now=now)
            reminded.append(link.recipient)
    if reminded:
        data = {"revision": revision.name, "recipients": ", ".join(reminded)}
        record(actor=actor, verb="quote.reminded", subject=revision.quote, now=now, data=data)


def _tell_of_end(revision: QuoteRevision, now: datetime) -> None:
    quote, actor = revision.quote, system_actor(_("Mainstay"))
    record(actor=actor, verb="quote.expired", subject=quote, now=now, data={"revision": revision.name})
    if quote.owner is not None:
        said = {"revision": revision.name, "client": quote.client.name}
        words = lambda: _("%(client)s did not answer %(revision)s in time. Call, or send it anew.") % said  # noqa: E731
        notify(to=quote.owner, now=now, words=words, url=quote.get_absolute_url(), key=f"quote:{quote.pk}")


def _morning_after(revision: QuoteRevision) -> datetime:
    zone = ZoneInfo(shop().identity.zone)
    return datetime.combine(revision.valid_until + timedelta(days=1), _MORNING, zone)
