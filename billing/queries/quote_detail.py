"""Everything one quote's pages show: to the office, and to the client."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.choices import LineRole, RevisionEnd, RevisionState, Status
from billing.models import (
    Agreement,
    EvidenceSheet,
    Invoice,
    Quote,
    QuoteAgreement,
    QuoteAnswer,
    QuoteInvoice,
    QuoteLine,
    QuoteLink,
    QuoteRendering,
    QuoteRevision,
)
from billing.rules.comparing import Fate, compared
from billing.rules.quoting import Span, Sums, chosen, deposit_totals, preselection, span, sums
from billing.rules.refusals import Refused
from billing.rules.tax import Assessed
from msp.audit.models import Entry
from msp.tenancy.keyset import Page, page_of

from .lists import shop_today
from .quotes import (
    SAID_OF_LINE,
    Readiness,
    lines_of_revision,
    offered,
    quote_settings,
    readiness,
    sheets_of,
    wants_sheet,
)
from .sending import Sent

ACTIVITY = 50
_SAID_OF_HEAD = ("title", "intro", "closing", "valid_until", "deposit_percent", "total", "monthly", "yearly")


@dataclass(frozen=True)
class ShownLine:
    """A line with its evidence. `lacks_sheet`: it must not leave without one."""

    line: QuoteLine
    sheet: EvidenceSheet | None
    lacks_sheet: bool
    is_oversize: bool
    is_chosen: bool


@dataclass(frozen=True)
class Mailed:
    """One contact who got it. `sent` None: the mail is not written yet."""

    link: QuoteLink
    sent: Sent | None


@dataclass(frozen=True)
class QuoteDetail:
    """`revision` is the one shown, `latest` the newest. `ready` only before it was sent."""

    quote: Quote
    revision: QuoteRevision
    latest: QuoteRevision
    revisions: list[QuoteRevision]
    lines: list[ShownLine]
    sums: Sums
    span: Span
    deposit: Assessed | None
    ready: Readiness | None
    mailed: list[Mailed]
    rendering: QuoteRendering | None
    answer: QuoteAnswer | None
    invoices: dict[str, Invoice]
    agreements: dict[str, Agreement]
    activity: list[Entry]
    may_have_older_activity: bool
    today: date

    @property
    def is_latest(self) -> bool:
        return self.revision.pk == self.latest.pk

    @property
    def can_edit(self) -> bool:
        return self.is_latest and self.revision.is_draft and self.quote.state != "accepted"

    @property
    def can_send(self) -> bool:
        """Nothing is missing, and whoever must say yes has."""
        approved = self.revision.state == RevisionState.APPROVED
        unsent = self.ready is not None and self.ready.is_ready and self.quote.state != "accepted"
        return unsent and (approved or (self.revision.is_draft and not (self.ready and self.ready.needs_approval)))

    @property
    def must_ask(self) -> bool:
        return bool(self.ready and self.ready.is_ready and self.ready.needs_approval and self.can_edit)

    @property
    def is_expired(self) -> bool:
        return self.revision.is_expired(self.today)


def quote_detail(quote: Quote, number: int | None, today: date) -> QuoteDetail | None:
    """A quote with its revision of this number, or what counts: the accepted one, else the newest. None: there is no such."""
    revisions = list(QuoteRevision.objects.filter(quote=quote).select_related("pdf").order_by("-number"))
    wanted = [r for r in revisions if r.number == number] if number else []
    accepted = [r for r in revisions if r.ended_as == RevisionEnd.ACCEPTED]
    revision = next(iter(wanted if number else accepted or revisions), None)
    if revision is None:
        return None
    answer = QuoteAnswer.objects.filter(revision=revision).first()
    lines = lines_of_revision(revision)
    sheets = sheets_of(lines)
    found = _sums(revision, lines, answer)
    entries = Entry.objects.filter(subject_kind="billing.quote", subject_id=quote.pk).order_by("-at", "-id")
    activity = list(entries[:ACTIVITY])
    return QuoteDetail(
        quote=quote,
        revision=revision,
        latest=revisions[0],
        revisions=revisions,
        lines=_shown(revision, lines, sheets, answer),
        sums=found,
        span=span(offered(revision, lines)),
        deposit=deposit_totals(found.once, revision.deposit_percent, revision.currency),
        ready=None if revision.is_sent else readiness(revision, lines, sheets),
        mailed=_mailed(revision),
        rendering=QuoteRendering.objects.filter(revision=revision).first(),
        answer=answer,
        invoices=_invoices(answer),
        agreements=_agreements(answer),
        activity=activity,
        may_have_older_activity=len(activity) == ACTIVITY,
        today=today,
    )


def _sums(revision: QuoteRevision, lines: list[QuoteLine], answer: QuoteAnswer | None) -> Sums:
    """Of what the client took, else of what is preselected."""
    rows = offered(revision, lines)
    taken = [row for row in rows if answer and str(row.key) in answer.chosen] if answer and answer.is_yes else None
    return sums(preselection(rows) if taken is None else taken, revision.currency)


def _shown(
    revision: QuoteRevision,
    lines: list[QuoteLine],
    sheets: Mapping[UUID, EvidenceSheet],
    answer: QuoteAnswer | None,
) -> list[ShownLine]:
    spare, taken = quote_settings().spare_percent, set(answer.chosen) if answer and answer.is_yes else None
    found = []
    for line in lines:
        sheet = sheets.get(line.pk)
        lacks = sheet is None and not revision.is_sent and wants_sheet(line, revision.currency)
        is_chosen = line.preselected if taken is None else str(line.pk) in taken
        found.append(ShownLine(line, sheet, lacks, bool(sheet and sheet.size.is_oversize(spare)), is_chosen))
    return found


def _mailed(revision: QuoteRevision) -> list[Mailed]:
    rows = QuoteLink.objects.filter(revision=revision).select_related("mail", "contact").order_by("created_at", "id")
    return [Mailed(row, Sent(row.mail.state, row.mail.finished_at) if row.mail else None) for row in rows]


def _invoices(answer: QuoteAnswer | None) -> dict[str, Invoice]:
    if answer is None or not answer.is_yes:
        return {}
    rows = QuoteInvoice.objects.filter(answer=answer).exclude(invoice__status=Status.DISCARDED)
    return {row.part: row.invoice for row in rows.select_related("invoice__client").order_by("id")}


def _agreements(answer: QuoteAnswer | None) -> dict[str, Agreement]:
    if answer is None or not answer.is_yes:
        return {}
    return {row.part: row.agreement for row in QuoteAgreement.objects.filter(answer=answer).select_related("agreement")}


# --- two revisions beside each other ---


@dataclass(frozen=True)
class ComparedLine:
    """What became of a line; `fields` are what differs, by their labels, as (label, before, after)."""

    fate: Fate
    line: QuoteLine
    fields: list[tuple[str, Any, Any]]


@dataclass(frozen=True)
class Comparison:
    before: QuoteRevision
    after: QuoteRevision
    head: list[tuple[str, Any, Any]]
    lines: list[ComparedLine]

    @property
    def is_same(self) -> bool:
        return not self.head and all(line.fate is Fate.SAME for line in self.lines)


def comparison(before: QuoteRevision, after: QuoteRevision) -> Comparison:
    """What differs between two revisions of a quote. Two queries."""
    old = {line.thread: line for line in lines_of_revision(before)}
    new = {line.thread: line for line in lines_of_revision(after)}
    found = []
    said = [{thread: _said(line) for thread, line in lines.items()} for lines in (old, new)]
    for thread, fate, fields in compared(said[0], said[1]):
        was, now = old.get(thread), new.get(thread)
        told = [_told(was, now, name) for name in fields] if was and now else []
        line = now or was
        assert line is not None
        found.append(ComparedLine(fate, line, told))
    head = [_told(before, after, name) for name in _SAID_OF_HEAD if getattr(before, name) != getattr(after, name)]
    return Comparison(before, after, head, found)


def _said(line: QuoteLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in SAID_OF_LINE}


_LABELS = {"total": "Total", "monthly": "Every month", "yearly": "Every year", "amount": "Amount"}


def _told(before: Any, after: Any, name: str) -> tuple[str, Any, Any]:
    field = before._meta.get_field(name)
    label = _(_LABELS[name]) if name in _LABELS else str(field.verbose_name)
    display = f"get_{name}_display"
    if field.choices:
        return label, getattr(before, display)(), getattr(after, display)()
    return label, getattr(before, name), getattr(after, name)


# --- what the client reads ---


@dataclass(frozen=True)
class OfferedGroup:
    """Lines that stand together: all that is required, all that may be added, or one choice (`name`)."""

    role: str
    name: str
    key: str
    lines: list[QuoteLine]


@dataclass(frozen=True)
class ClientQuote:
    """A sent revision as the client reads it, with what was picked. `problem`: why that cannot be accepted."""

    revision: QuoteRevision
    groups: list[OfferedGroup]
    picked: frozenset[UUID]
    sums: Sums
    deposit: Assessed | None
    problem: str
    answer: QuoteAnswer | None
    newer: QuoteRevision | None
    today: date

    @property
    def can_answer(self) -> bool:
        return self.revision.can_be_answered(self.today) and self.revision.pdf_sha256 is not None

    @property
    def agreed(self) -> str:
        """The sums that the page shows; an acceptance brings them back, so that nobody agrees to others."""
        return f"{self.sums.once.total} {self.sums.monthly.total} {self.sums.yearly.total} {self.revision.currency}"

    @property
    def is_expired(self) -> bool:
        return self.revision.is_expired(self.today)

    @property
    def is_choosable(self) -> bool:
        return any(group.role != LineRole.REQUIRED for group in self.groups)


def client_quote(revision: QuoteRevision, picked: Collection[UUID] | None, today: date) -> ClientQuote:
    """`picked` None: nothing was changed yet. Works in the portal's scope: no table closed to it is asked."""
    lines = lines_of_revision(revision)
    rows, problem = offered(revision, lines), ""
    answer = QuoteAnswer.objects.filter(revision=revision).first()
    taken = preselection(rows)
    if answer is not None and answer.is_yes:
        taken = [row for row in rows if str(row.key) in answer.chosen]
    elif picked is not None:
        try:
            taken = chosen(rows, picked)
        except Refused as refused:
            problem = str(refused)
    found = sums(taken, revision.currency)
    return ClientQuote(
        revision=revision,
        groups=groups_of(lines),
        picked=frozenset(row.key for row in taken),
        sums=found,
        deposit=deposit_totals(found.once, revision.deposit_percent, revision.currency),
        problem=problem,
        answer=answer,
        newer=_newer(revision),
        today=today,
    )


def _newer(revision: QuoteRevision) -> QuoteRevision | None:
    rows = QuoteRevision.objects.filter(quote=revision.quote_id, state=RevisionState.SENT, number__gt=revision.number)
    return rows.order_by("-number").first()


def groups_of(lines: list[QuoteLine]) -> list[OfferedGroup]:
    """Required lines first, then each choice, then what may be added; each in the order of the page."""
    found = [OfferedGroup(LineRole.REQUIRED, "", "", [x for x in lines if x.role == LineRole.REQUIRED])]
    names = dict.fromkeys(line.group for line in lines if line.role == LineRole.ALTERNATIVE)
    for n, name in enumerate(names, start=1):
        found.append(OfferedGroup(LineRole.ALTERNATIVE, name, f"choice-{n}", [x for x in lines if x.group == name]))
    found.append(OfferedGroup(LineRole.OPTIONAL, "", "pick", [x for x in lines if x.role == LineRole.OPTIONAL]))
    return [group for group in found if group.lines]


def portal_quotes(params: Mapping[str, str], size: int = 30) -> Page[QuoteRevision]:
    """The client's quotes in the revision that counts, newest first."""
    rows = QuoteRevision.objects.filter(state=RevisionState.SENT).exclude(ended_as=RevisionEnd.SUPERSEDED)
    return page_of(rows, order=("-id",), params=params, size=size)


def quotes_panel(request: HttpRequest) -> dict[str, object] | None:
    """What waits for the client's answer, the first to end on top; None when nothing does."""
    today = shop_today(timezone.now())
    rows = QuoteRevision.objects.filter(state=RevisionState.SENT, ended_at=None, valid_until__gte=today)
    found = list(rows.order_by("valid_until", "id")[:5])
    says = ngettext("%d quote waits for your answer.", "%d quotes wait for your answer.", len(found)) % len(found)
    return {"quotes": found, "says": says} if found else None
