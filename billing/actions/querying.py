"""A client asks about a line, and we answer. While it is our turn, and some days after, the line is on hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices.care import PROMISE_ANSWER, QueryState
from billing.models import Invoice, InvoiceLine, LineQuery, QueryMessage
from billing.queries.asking import gross_of, left_of
from billing.queries.care import care_settings, office
from billing.rules import money
from billing.rules.asking import answer_course
from billing.rules.refusals import Refused
from clients.actions import cancel_promise, keep_promise, make_promise
from clients.models import Contact
from clients.queries import promise_of
from clients.rules.holidays import Terms
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.once import made_by
from tickets.queries.sla import terms_for, zone_only

from .crediting import credit_invoice
from .telling import tell_client, tell_office


def ask_about_line(
    *, line: InvoiceLine, contact: Contact, words: str, actor: Actor, now: datetime, form_key: UUID | None = None
) -> LineQuery:
    """A contact says what is wrong with a line of an issued invoice. The line is on hold, and our promise to answer starts.

    While it waits for our answer, more words belong to it. Sending the same form again changes nothing.
    Raises Refused for a line that was credited, and without words.
    """
    if not words.strip():
        raise Refused(_("Write what is wrong with the line."))
    with transaction.atomic():
        # Two who ask about a line for the first time come one after the other.
        InvoiceLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
        query = _hold(LineQuery.objects.filter(line=line))
        said = QueryMessage.objects.filter(query=query) if query else QueryMessage.objects.none()
        twin, form_key = made_by(said, form_key, words=words.strip())
        if query and twin:
            return query
        if query is None:
            query = _new(line, contact, now)
            _start(query, actor, now, is_new=True)
        elif query.state == QueryState.CREDITED:
            raise Refused(_("We credit this line already. Write to us if something else is wrong."))
        elif query.state != QueryState.OPEN:
            _become(query, QueryState.OPEN)
            query.contact, query.round = contact, query.round + 1
            query.asked_at, query.hold_until, query.settled_at = now, None, None
            _start(query, actor, now, is_new=False)
        message = _say(query, actor, words, now, form_key, by_client=True)
        _record(query, actor, now, "line.queried", words)
        tell_office(query=query, message=message, actor=actor, now=now)
    return query


def answer_query(
    *, query: LineQuery, words: str, actor: Actor, now: datetime, form_key: UUID | None = None
) -> LineQuery:
    """Explain the line. The client has some days to react before it is reminded of it again. Raises Refused without words."""
    with transaction.atomic():
        query, message = _answer(query, words, actor, now, form_key=form_key, state=QueryState.ANSWERED)
        if message is None:
            return query
        zone = ZoneInfo(query.client.zone)
        query.hold_until = now.astimezone(zone).date() + timedelta(days=care_settings().hold_days)
        query.save(update_fields=["state", "hold_until", "answer_by", "answered_at"])
        _record(query, actor, now, "line.query_answered", words)
        tell_client(query=query, message=message, actor=actor, now=now)
    return query


def credit_query(
    *, query: LineQuery, words: str, actor: Actor, now: datetime, form_key: UUID | None = None
) -> LineQuery:
    """Give back what is left of the line, by a draft credit note that goes the same way out as any invoice; `words` are printed
    on it. The client reads them now, and the line stays on hold until the note has its number.

    Credited once, it is credited again only when the draft was discarded. Raises Refused without words, and for what cannot be
    credited.
    """
    with transaction.atomic():
        query, message = _answer(query, words, actor, now, form_key=form_key, state=QueryState.CREDITED)
        if message is None:
            return query
        lines = {query.line_id: left_of(query.invoice, query.line)}
        query.credit_note = credit_invoice(invoice=query.invoice, lines=lines, reason=words, actor=actor, now=now)
        query.save(update_fields=["state", "hold_until", "answer_by", "answered_at", "credit_note"])
        _record(query, actor, now, "line.query_credited", words)
        tell_client(query=query, message=message, actor=actor, now=now)
    return query


def withdraw_query(*, query: LineQuery, actor: Actor, now: datetime) -> LineQuery:
    """The client takes it back. Doing so again changes nothing. Raises Refused once it was credited."""
    with transaction.atomic():
        query = held(query)
        if query.state == QueryState.WITHDRAWN:
            return query
        was_open = query.is_open
        _become(query, QueryState.WITHDRAWN)
        query.settled_at, query.answer_by, query.hold_until = now, None, None
        query.save(update_fields=["state", "settled_at", "answer_by", "hold_until"])
        if was_open and (promise := promise_of(query, PROMISE_ANSWER, query.round)):
            cancel_promise(actor=actor, now=now, promise=promise, because=_("the client took the query back"))
        _record(query, actor, now, "line.query_withdrawn")
        tell_office(query=query, message=None, actor=actor, now=now)
    return query


def clear_query(*, query: LineQuery, actor: Actor, now: datetime) -> LineQuery:
    """Our answer is enough. Doing so again changes nothing. Raises Refused before there is one."""
    with transaction.atomic():
        query = held(query)
        if query.state == QueryState.SETTLED:
            return query
        _become(query, QueryState.SETTLED)
        query.settled_at, query.hold_until = now, None
        query.save(update_fields=["state", "settled_at", "hold_until"])
        _record(query, actor, now, "line.query_cleared")
        tell_office(query=query, message=None, actor=actor, now=now)
    return query


def held(query: LineQuery) -> LineQuery:
    """The query as it is now, held until the transaction ends."""
    found = _hold(LineQuery.objects.filter(pk=query.pk))
    assert found is not None
    return found


def _hold(rows: object) -> LineQuery | None:
    found: LineQuery | None = (
        rows.select_for_update(of=("self",))  # type: ignore[attr-defined]
        .select_related("client", "invoice", "line", "contact", "credit_note")
        .first()
    )
    return found


def _new(line: InvoiceLine, contact: Contact, now: datetime) -> LineQuery:
    invoice: Invoice = line.invoice
    held_amount = max(gross_of(invoice, line), money.ZERO)  # a discount holds nothing back
    given = {"client": invoice.client, "contact": contact, "currency": invoice.currency, "asked_at": now}
    return LineQuery(invoice=invoice, line=line, held=held_amount, **given)


def _start(query: LineQuery, actor: Actor, now: datetime, *, is_new: bool) -> None:
    """Promise an answer and save the query with the promise's deadline."""
    always: Terms = zone_only()
    terms = terms_for(query.client, query.contact.site) or always
    course = answer_course(terms, always, care_settings().answer_hours, now)
    query.answer_by = course.due_at
    columns = ["state", "contact", "round", "asked_at", "answer_by", "answered_at", "hold_until", "settled_at"]
    query.save(force_insert=True) if is_new else query.save(update_fields=columns)
    make_promise(
        actor=actor, now=now, kind=PROMISE_ANSWER, subject=query, client=query.client, contact=query.contact,
        owner=next(iter(office()), None), words=f"{query.invoice.number}: {query.line.description}",
        promised_at=course.due_at, stages=course.stages, working=course.steps, ordinal=query.round,
        confidential=True,  # colleagues without the right to see invoices read the portal's first page, too
    )  # fmt: skip


def _answer(
    query: LineQuery, words: str, actor: Actor, now: datetime, *, form_key: UUID | None, state: QueryState
) -> tuple[LineQuery, QueryMessage | None]:
    """Say the words, keep the promise; the state is set and unsaved. No message: this form has said it already."""
    if not words.strip():
        raise Refused(_("Write what the client is to read."))
    query = held(query)
    twin, form_key = made_by(QueryMessage.objects.filter(query=query), form_key, words=words.strip())
    if twin:
        return query, None
    if query.is_open and (promise := promise_of(query, PROMISE_ANSWER, query.round)):
        keep_promise(actor=actor, now=now, promise=promise)
    _become(query, state)
    query.answer_by, query.answered_at, query.hold_until = None, now, None
    return query, _say(query, actor, words, now, form_key, by_client=False)


def _say(
    query: LineQuery, actor: Actor, words: str, now: datetime, form_key: UUID | None, *, by_client: bool
) -> QueryMessage:
    message = QueryMessage(
        query=query, client=query.client, by_client=by_client, author=actor.name, words=words.strip()
    )
    message.said_at, message.form_key = now, form_key
    message.save(force_insert=True)
    return message


def _become(query: LineQuery, state: QueryState) -> None:
    if not query.can_become(state) and not (state == QueryState.CREDITED and query.lost_its_note):
        said = {"was": query.get_state_display(), "wanted": state.label}
        raise Refused(_("A query that is “%(was)s” cannot become “%(wanted)s”.") % said)
    query.state = state


def _record(query: LineQuery, actor: Actor, now: datetime, verb: str, words: str = "") -> None:
    data = {"line": query.line.description, "words": words.strip()}
    record(actor=actor, verb=verb, subject=query.invoice, now=now, data=data)
