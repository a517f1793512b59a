"""The client's yes or no. Nothing is answered by opening a page: every answer is a post that names the document it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.choices import AnswerKind, AnswerWay, OnAccept, QuotePart, QuoteState, RevisionEnd, RevisionState
from billing.models import Quote, QuoteAnswer, QuoteLink, QuoteRevision
from billing.queries.lists import shop_today
from billing.queries.quotes import lines_of_revision, offered
from billing.rules import money
from billing.rules.quoting import chosen, sums
from billing.rules.refusals import Refused
from clients.models import Contact
from msp.accounts.choices import Capability
from msp.accounts.queries import staff
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.notify.actions import notify

from .quote_billing import bill_quote
from .quoting import end_revision, locked_quote


@dataclass(frozen=True)
class Answerer:
    """Who answers, and how it reached us. `name` is as it was typed; `sent_to` the address whose link was used."""

    name: str
    way: AnswerWay
    contact: Contact | None = None
    sent_to: str = ""


def accept_quote(
    *,
    revision: QuoteRevision,
    by: Answerer,
    picked: Collection[UUID],
    document_sha256: str,
    actor: Actor,
    now: datetime,
    po_number: str = "",
    note: str = "",
) -> QuoteAnswer:
    """Accept exactly the document that was shown (`document_sha256`), with these choices; the same yes twice is one.

    The invoice that the quote promises is drafted at once. Raises Refused for another document than the one that stands, after
    its last day, once it is settled, without a name, and for choices that are not offered.
    """
    with transaction.atomic():
        revision = _locked(revision)
        if (already := _same(revision, AnswerKind.ACCEPTED)) is not None:
            return already
        _check(revision, by, document_sha256, now)
        lines = offered(revision, lines_of_revision(revision))
        taken = chosen(lines, picked)
        found = sums(taken, revision.currency)
        values = {
            "kind": AnswerKind.ACCEPTED,
            "net": found.once.net,
            "tax": found.once.tax,
            "total": found.once.total,
            "monthly": found.monthly.net,
            "yearly": found.yearly.net,
            "chosen": [str(line.key) for line in taken],
            "words": note or _agreed(revision, by.name),
            "po_number": po_number.strip(),
        }
        answer = _settle(revision, by, values, actor, now)
        _say(revision, answer, actor, now, note)
        _draft_promised(answer, revision, actor, now)
    return answer


def decline_quote(
    *,
    revision: QuoteRevision,
    by: Answerer,
    reason: str,
    document_sha256: str,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> QuoteAnswer:
    """Say no, with the reason. Raises Refused as `accept_quote` does; a quote past its last day may still be declined."""
    with transaction.atomic():
        revision = _locked(revision)
        if (already := _same(revision, AnswerKind.DECLINED)) is not None:
            return already
        _check(revision, by, document_sha256, None)
        values: dict[str, Any] = dict.fromkeys(("net", "tax", "total", "monthly", "yearly"), money.ZERO)
        values |= {"kind": AnswerKind.DECLINED, "reason": reason.strip(), "words": note}
        answer = _settle(revision, by, values, actor, now)
        _say(revision, answer, actor, now, note)
    return answer


def see_quote(*, revision: QuoteRevision, actor: Actor, now: datetime, link: QuoteLink | None = None) -> None:
    """Note when the client first had a revision open, and by which link. Only the first time is kept."""
    with transaction.atomic():
        if link is not None and link.seen_at is None:
            QuoteLink.objects.filter(pk=link.pk, seen_at=None).update(seen_at=now)
        row = QuoteRevision.objects.select_for_update(of=("self",)).filter(pk=revision.pk, seen_at=None).first()
        if row is None or row.state != RevisionState.SENT:
            return
        row.seen_at = now
        row.save(update_fields=["seen_at"])
        quote = Quote.objects.get(pk=row.quote_id)
        record(actor=actor, verb="quote.seen", subject=quote, now=now, data={"revision": row.name})


def _locked(revision: QuoteRevision) -> QuoteRevision:
    """The quote first, as everybody does who changes it."""
    quote = locked_quote(Quote(pk=revision.quote_id))
    row = QuoteRevision.objects.select_for_update(of=("self",)).get(pk=revision.pk)
    row.quote = quote
    return row


def _same(revision: QuoteRevision, kind: AnswerKind) -> QuoteAnswer | None:
    return QuoteAnswer.objects.filter(revision=revision, kind=kind).first()


def _check(revision: QuoteRevision, by: Answerer, document_sha256: str, now: datetime | None) -> None:
    if not revision.is_sent:
        raise Refused(_("It was not sent."))
    if revision.ended_as == RevisionEnd.SUPERSEDED:
        raise Refused(_("There is a newer version of this quote. Please read that one."))
    if revision.ended_as is not None or QuoteAnswer.objects.filter(revision=revision).exists():
        raise Refused(_("This quote is settled already."))
    if revision.pdf_sha256 is None:
        raise Refused(_("The document is just being made. Try again in a minute."))
    if document_sha256 != revision.pdf_sha256:
        raise Refused(_("The document is another than the one you read. Reload the page."))
    if now is not None and revision.valid_until < shop_today(now):
        raise Refused(_("This quote has come to its end. Ask us, and we send it anew."))
    if not by.name.strip():
        raise Refused(_("Write your name."))


def _agreed(revision: QuoteRevision, name: str) -> str:
    """The sentence that was agreed to, in the client's language."""
    with translation.override(revision.language):
        text = _(
            "%(name)s accepts %(revision)s of %(shop)s as it stands in the document with the fingerprint %(hash)s."
        )
        said = {"name": name.strip(), "revision": revision.name, "shop": revision.seller_name}
        return text % {**said, "hash": revision.pdf_sha256}


def _settle(
    revision: QuoteRevision, by: Answerer, values: Mapping[str, Any], actor: Actor, now: datetime
) -> QuoteAnswer:
    answer = QuoteAnswer.objects.create(
        revision=revision, quote=revision.quote, client_id=revision.client_id, contact=by.contact, way=by.way,
        name=by.name.strip(), sent_to=by.sent_to, at=now, recorded_by=actor.name, currency=revision.currency,
        document_sha256=revision.pdf_sha256 or "", content_sha256=revision.content_sha256, **values,
    )  # fmt: skip
    yes = answer.is_yes
    end_revision(revision, RevisionEnd.ACCEPTED if yes else RevisionEnd.DECLINED, now)
    quote = revision.quote
    quote.state, quote.answered_at = QuoteState.ACCEPTED if yes else QuoteState.DECLINED, now
    quote.is_waiting = False
    columns = ["state", "answered_at", "is_waiting"]
    if yes:  # what was agreed, not what was preselected
        quote.net, quote.monthly, quote.yearly = answer.net, answer.monthly, answer.yearly
        columns += ["net", "monthly", "yearly"]
    quote.save(update_fields=columns)
    return answer


def _say(revision: QuoteRevision, answer: QuoteAnswer, actor: Actor, now: datetime, note: str) -> None:
    """The activity entry, and the news to who looks after the quote; without an owner, to who approves."""
    verb = f"quote.{answer.kind}"
    if answer.way == AnswerWay.BY_HAND:
        verb = f"quote.noted_{answer.kind}"
    elif answer.reason:
        verb = "quote.declined_because"
    data = {"revision": revision.name, "name": answer.name, "reason": note or answer.reason}
    data |= {"total": str(money.quantise(Decimal(answer.total), answer.currency)), "sha256": answer.document_sha256}
    record(actor=actor, verb=verb, subject=revision.quote, now=now, data=data)
    quote = revision.quote
    told = [quote.owner] if quote.owner else [m for m in staff().order_by("pk") if m.can(Capability.BILLING_APPROVE)]
    said = {"client": quote.client.name, "revision": revision.name}
    text = _("%(client)s accepted %(revision)s.") if answer.is_yes else _("%(client)s declined %(revision)s.")
    for member in told:
        if member.as_actor().id != actor.id:
            url, key = quote.get_absolute_url(), f"quote:{quote.pk}"
            notify(to=member, now=now, words=text % said, url=url, key=key)


def _draft_promised(answer: QuoteAnswer, revision: QuoteRevision, actor: Actor, now: datetime) -> None:
    """The invoice that the quote promises. What cannot be drafted keeps nobody from saying yes; the office drafts it then."""
    part = {OnAccept.DEPOSIT: QuotePart.DEPOSIT, OnAccept.WHOLE: QuotePart.WHOLE}.get(OnAccept(revision.on_accept))
    if part is None:
        return
    try:
        with transaction.atomic():
            bill_quote(answer=answer, part=part, actor=actor, now=now)
    except Refused:
        return
