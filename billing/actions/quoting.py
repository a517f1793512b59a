"""Beginning a quote, changing its draft revision, revising and withdrawing it, and how the shop quotes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import FOUND_QUOTE, QuoteState, RevisionEnd, RevisionState
from billing.models import EvidenceSheet, Quote, QuoteLine, QuoteRevision, QuoteSettings, QuoteTimer
from billing.queries.lists import shop_today
from billing.queries.quotes import quote_settings, sums_of
from billing.queries.terms import client_terms, terms_for
from billing.rules import money, numbering
from billing.rules.refusals import Refused
from billing.rules.terms import Terms
from clients.models import Client
from msp.accounts.actions.telling import change_of
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.choices import DueState
from msp.search.actions import index
from msp.tenancy.ids import new_id
from msp.tenancy.marks import check_mark
from msp.tenancy.once import made_by

_HEAD = ("title", "intro", "closing", "valid_until", "deposit_percent", "on_accept")
_SECOND_TAX = ("second_tax_name", "second_tax_rate", "second_on_top")
_COPIED_LINE = (
    *("client_id", "thread", "position", "kind", "description", "detail", "quantity", "unit", "unit_price", "amount"),
    *("every", "tax_rate", "role", "group", "preselected"),
)


def start_quote(
    *,
    client: Client,
    title: str,
    owner: Membership | None,
    actor: Actor,
    now: datetime,
    form_key: UUID | None = None,
) -> Quote:
    """An empty draft with the next number. Sending the same form again gives the quote that the first one made.

    Raises Refused without a tax rate.
    """
    with transaction.atomic():
        twin, form_key = made_by(Quote.objects.filter(client=client), form_key, title=title)
        if twin:
            return twin
        terms = terms_for(client)
        if terms.tax_rate is None:
            raise Refused(_("Set a tax rate first: Settings, Billing."))
        settings, sequence = _take_number()
        number = numbering.written(settings.number_prefix, None, sequence)
        quote = Quote(client=client, owner=owner, sequence=sequence, number=number, title=title, created_at=now)
        quote.currency, quote.form_key = terms.currency, form_key
        quote.net = quote.monthly = quote.yearly = money.ZERO
        quote.save(force_insert=True)
        _first_revision(quote, settings, terms, now)
        _index(quote)
        data = {"client": client.name, "number": number}
        record(actor=actor, verb="quote.created", subject=quote, now=now, data=data)
    return quote


def edit_quote(*, revision: QuoteRevision, values: Mapping[str, Any], actor: Actor, now: datetime) -> QuoteRevision:
    """Change title, words, last day and deposit of a draft. Raises Refused unless it is one."""
    with transaction.atomic():
        revision = locked_draft(revision)
        before = {name: getattr(revision, name) for name in values}
        for name in values:
            setattr(revision, name, values[name])
        revision.save(update_fields=list(values))
        quote = revision.quote
        quote.title = revision.title
        quote.save(update_fields=["title"])
        _index(quote)
        record(actor=actor, verb="quote.changed", subject=quote, now=now, data=change_of(before, values))
    return revision


def revise_quote(*, quote: Quote, actor: Actor, now: datetime) -> QuoteRevision:
    """Begin the next revision as a copy of the latest, with its evidence. What the client has stands until the new one is sent.

    A draft that is there already is the one. Raises Refused once the quote is accepted.
    """
    with transaction.atomic():
        quote = locked_quote(quote)
        latest = latest_of(quote)
        if not latest.is_sent:
            return latest
        if not quote.can_become(QuoteState.OPEN):
            raise Refused(_("It is accepted: make a new quote for what comes on top."))
        revision = _copy_of(latest, quote_settings(), now)
        quote.revision = revision.number
        quote.save(update_fields=["revision"])
        record(actor=actor, verb="quote.revised", subject=quote, now=now, data={"revision": revision.name})
    return revision


def withdraw_quote(*, quote: Quote, reason: str, actor: Actor, now: datetime) -> Quote:
    """Take the offer back: nobody can accept it any more. The record stays. Raises Refused without a reason, and once answered."""
    if not reason.strip():
        raise Refused(_("Say why."))
    with transaction.atomic():
        quote = locked_quote(quote)
        if not quote.can_become(QuoteState.WITHDRAWN):
            raise Refused(_("It is settled already. Reload the page to see where it stands."))
        for revision in QuoteRevision.objects.filter(quote=quote, state=RevisionState.SENT, ended_at=None):
            end_revision(revision, RevisionEnd.WITHDRAWN, now)
        quote.state, quote.answered_at, quote.is_waiting = QuoteState.WITHDRAWN, now, False
        quote.save(update_fields=["state", "answered_at", "is_waiting"])
        record(actor=actor, verb="quote.withdrawn", subject=quote, now=now, data={"reason": reason.strip()})
    return quote


def change_quote_settings(*, values: Mapping[str, Any], actor: Actor, now: datetime, mark: str = "") -> QuoteSettings:
    """Save how the shop quotes; `mark`: what the form showed. Quotes keep what they say. Raises ChangedMeanwhile."""
    with transaction.atomic():
        QuoteSettings.objects.get_or_create()
        row = QuoteSettings.objects.select_for_update().get()
        check_mark(row, values, mark)
        before = {name: getattr(row, name) for name in values}
        changed = {name: value for name, value in values.items() if before[name] != value}
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
        labels = [str(row._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
        data = {"fields": ", ".join(labels)} | change_of(before, changed)
        record(actor=actor, verb="quote.settings_changed", subject=row, now=now, data=data)
    return row


# --- what the other quote actions share ---


def locked_quote(quote: Quote) -> Quote:
    """The quote as it is now, held until the transaction ends. Taken before its revisions, by everybody."""
    return Quote.objects.select_for_update(of=("self",)).select_related("client", "owner").get(pk=quote.pk)


def latest_of(quote: Quote) -> QuoteRevision:
    """Its newest revision, locked, knowing the quote."""
    rows = QuoteRevision.objects.select_for_update(of=("self",)).filter(quote=quote).order_by("-number")
    revision = rows[:1].get()
    revision.quote = quote
    return revision


def locked_draft(revision: QuoteRevision) -> QuoteRevision:
    """A draft to change, with its quote locked. Raises Refused once it waits for approval, is approved or sent."""
    quote = locked_quote(Quote(pk=revision.quote_id))
    row = QuoteRevision.objects.select_for_update(of=("self",)).get(pk=revision.pk)
    if not row.is_draft or quote.state == QuoteState.ACCEPTED:
        raise Refused(_("It is no draft any more. Reload the page to see where it stands."))
    row.quote = quote
    return row


def end_revision(revision: QuoteRevision, as_what: RevisionEnd, now: datetime) -> None:
    """Settle a sent revision and stop its reminder."""
    revision.ended_at, revision.ended_as = now, as_what
    revision.save(update_fields=["ended_at", "ended_as"])
    stopped = {"state": DueState.CANCELLED, "finished_at": now}
    QuoteTimer.objects.filter(revision=revision, state=DueState.QUEUED).update(**stopped)


def add_up(revision: QuoteRevision) -> QuoteRevision:
    """Work out what the preselected lines come to, and let the quote's row say the same."""
    lines = list(QuoteLine.objects.filter(revision=revision))
    found = sums_of(revision, lines)
    revision.net, revision.tax, revision.total = found.once.net, found.once.tax, found.once.total
    revision.monthly, revision.yearly = found.monthly.net, found.yearly.net
    revision.save(update_fields=["net", "tax", "total", "monthly", "yearly"])
    quote = revision.quote
    quote.net, quote.monthly, quote.yearly = revision.net, revision.monthly, revision.yearly
    quote.save(update_fields=["net", "monthly", "yearly"])
    return revision


def _take_number() -> tuple[QuoteSettings, int]:
    """The next number. A quote that is given up leaves a gap, and so may a transaction: it is no legal document."""
    QuoteSettings.objects.get_or_create()
    settings = QuoteSettings.objects.select_for_update().get()
    sequence = settings.next_number
    settings.next_number += 1
    settings.save(update_fields=["next_number"])
    return settings, sequence


def _first_revision(quote: Quote, settings: QuoteSettings, terms: Terms, now: datetime) -> QuoteRevision:
    zero = money.ZERO
    return QuoteRevision.objects.create(
        quote=quote,
        client=quote.client,
        number=1,
        quote_number=quote.number,
        created_at=now,
        title=quote.title,
        intro=settings.intro,
        closing=settings.closing,
        valid_until=shop_today(now) + timedelta(days=settings.valid_days),
        currency=terms.currency,
        language=quote.client.language,
        tax_name=terms.tax_name,
        tax_treatment=terms.tax_treatment,
        tax_reason=client_terms(quote.client).tax_reason,
        **{name: getattr(terms, name) for name in _SECOND_TAX},
        **dict.fromkeys(("net", "tax", "total", "monthly", "yearly"), zero),
    )


def _copy_of(latest: QuoteRevision, settings: QuoteSettings, now: datetime) -> QuoteRevision:
    kept = [*_HEAD, "currency", "language", "tax_name", "tax_treatment", "tax_reason", *_SECOND_TAX, "quote_number"]
    sums = ["net", "tax", "total", "monthly", "yearly"]
    revision = QuoteRevision(
        quote=latest.quote, client_id=latest.client_id, number=latest.number + 1, created_at=now,
        **{name: getattr(latest, name) for name in [*kept, *sums]},
    )  # fmt: skip
    revision.valid_until = max(latest.valid_until, shop_today(now) + timedelta(days=settings.valid_days))
    revision.save(force_insert=True)
    lines = list(QuoteLine.objects.filter(revision=latest).order_by("position", "id"))
    sheets = {sheet.line_id: sheet for sheet in EvidenceSheet.objects.filter(line__in=lines)}
    for line in lines:
        copy = QuoteLine(revision=revision, **{name: getattr(line, name) for name in _COPIED_LINE})
        copy.save(force_insert=True)
        if sheet := sheets.get(line.pk):
            sheet.pk, sheet.line = new_id(), copy
            sheet.save(force_insert=True)
    return revision


def _index(quote: Quote) -> None:
    index(
        kind=FOUND_QUOTE,
        subject_id=quote.pk,
        client_id=quote.client_id,
        label=quote.number,
        hint=f"{quote.client.name}: {quote.title}",
        url=quote.get_absolute_url(),
        at=quote.created_at,
        codes=[quote.number, str(quote.sequence)],
        names=[quote.client.name],
        texts=[quote.title],
    )
