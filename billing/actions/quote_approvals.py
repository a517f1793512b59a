"""Above the shop's limit a second person says yes before a quote may leave."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import QuoteState, RevisionState
from billing.models import QuoteRevision
from billing.queries.quotes import lines_of_revision, readiness, sheets_of
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.queries import staff
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.notify.actions import notify

from .quoting import locked_draft, locked_quote


def ask_for_approval(*, revision: QuoteRevision, actor: Actor, now: datetime) -> QuoteRevision:
    """Let a second person look at a draft; nobody changes it meanwhile. Raises Refused while something is missing."""
    with transaction.atomic():
        revision = locked_draft(revision)
        check_ready(revision)
        revision.state, revision.asked_at = RevisionState.WAITING, now
        revision.asked_by, revision.asked_by_id = actor.name, actor.id
        revision.save(update_fields=["state", "asked_at", "asked_by", "asked_by_id"])
        _wait(revision, True)
        _tell_approvers(revision, actor, now)
        data = {"revision": revision.name}
        record(actor=actor, verb="quote.asked", subject=revision.quote, now=now, data=data)
    return revision


def approve_quote(*, revision: QuoteRevision, words: str, actor: Actor, now: datetime) -> QuoteRevision:
    """Say yes to a revision that waits. Raises Refused for whoever asked, and unless it waits."""
    with transaction.atomic():
        revision = _locked_waiting(revision)
        if actor.id == revision.asked_by_id:
            raise Refused(_("You asked for the approval yourself: a second person must give it."))
        revision.state, revision.approved_at = RevisionState.APPROVED, now
        revision.approved_by, revision.approval_words = actor.name, words.strip()
        revision.save(update_fields=["state", "approved_at", "approved_by", "approval_words"])
        _wait(revision, False)
        data = {"revision": revision.name, "words": words.strip()}
        record(actor=actor, verb="quote.approved", subject=revision.quote, now=now, data=data)
        if (owner := revision.quote.owner) is not None:
            said = {"name": actor.name, "revision": revision.name}
            words_of = lambda: _("%(name)s approved %(revision)s: it can be sent.") % said  # noqa: E731
            notify(to=owner, now=now, words=words_of, url=revision.quote.get_absolute_url(), key=_key(revision))
    return revision


def send_quote_back(*, revision: QuoteRevision, reason: str, actor: Actor, now: datetime) -> QuoteRevision:
    """Say no to a revision that waits: it is a draft again. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Say why."))
    with transaction.atomic():
        revision = _to_draft(_locked_waiting(revision))
        data = {"revision": revision.name, "reason": reason.strip()}
        record(actor=actor, verb="quote.sent_back", subject=revision.quote, now=now, data=data)
        if (owner := revision.quote.owner) is not None:
            said = {"name": actor.name, "revision": revision.name, "reason": reason.strip()}
            words_of = lambda: _("%(name)s sent %(revision)s back: %(reason)s") % said  # noqa: E731
            notify(to=owner, now=now, words=words_of, url=revision.quote.get_absolute_url(), key=_key(revision))
    return revision


def call_quote_back(*, revision: QuoteRevision, actor: Actor, now: datetime) -> QuoteRevision:
    """Take a revision that waits or is approved back to change it; a yes that was given counts no more."""
    with transaction.atomic():
        revision = _to_draft(_locked(revision, RevisionState.WAITING, RevisionState.APPROVED))
        data = {"revision": revision.name}
        record(actor=actor, verb="quote.called_back", subject=revision.quote, now=now, data=data)
    return revision


def check_ready(revision: QuoteRevision) -> None:
    """Raises Refused while a revision has flaws, or a line lacks its evidence."""
    lines = lines_of_revision(revision)
    found = readiness(revision, lines, sheets_of(lines))
    if found.flaws:
        raise Refused(found.flaws[0])
    if found.unproven:
        raise Refused(_("Fill in the evidence for “%s” first.") % found.unproven[0].description)


def _locked(revision: QuoteRevision, *states: RevisionState) -> QuoteRevision:
    quote = locked_quote(revision.quote)
    row = QuoteRevision.objects.select_for_update(of=("self",)).get(pk=revision.pk)
    if row.state not in states or quote.state == QuoteState.ACCEPTED:
        raise Refused(_("It stands otherwise by now. Reload the page."))
    row.quote = quote
    return row


def _locked_waiting(revision: QuoteRevision) -> QuoteRevision:
    return _locked(revision, RevisionState.WAITING)


def _to_draft(revision: QuoteRevision) -> QuoteRevision:
    revision.state, revision.asked_at, revision.approved_at = RevisionState.DRAFT, None, None
    revision.asked_by = revision.asked_by_id = revision.approved_by = revision.approval_words = ""
    columns = ["state", "asked_at", "asked_by", "asked_by_id", "approved_at", "approved_by", "approval_words"]
    revision.save(update_fields=columns)
    _wait(revision, False)
    return revision


def _wait(revision: QuoteRevision, is_waiting: bool) -> None:
    revision.quote.is_waiting = is_waiting
    revision.quote.save(update_fields=["is_waiting"])


def _tell_approvers(revision: QuoteRevision, actor: Actor, now: datetime) -> None:
    said = {"name": actor.name, "revision": revision.name, "client": revision.quote.client.name}
    for member in staff().order_by("pk"):
        if member.can(Capability.BILLING_APPROVE) and member.as_actor().id != actor.id:
            notify(
                to=member,
                now=now,
                words=lambda: _("%(name)s asks you to approve %(revision)s for %(client)s.") % said,
                url=revision.quote.get_absolute_url(),
                key=_key(revision),
            )


def _key(revision: QuoteRevision) -> str:
    return f"quote:{revision.quote_id}"
