"""Whether a request may have a quote: 404 for not yours, by the walls; rights are the views' doors."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from billing.choices import RevisionState
from billing.models import Quote, QuoteLine, QuoteLink, QuoteRevision
from msp.accounts.choices import Capability
from msp.accounts.requests import StaffRequest
from msp.files.models import StoredFile
from msp.tenancy.tokens import Token


def check_quote_activity(request: StaffRequest, subject_id: UUID) -> None:
    """Who sees a quote sees all that was done to it. Raises Http404 or PermissionDenied."""
    if not request.membership.can(Capability.BILLING_VIEW):
        raise PermissionDenied
    quote_or_404(subject_id)


def quote_or_404(quote_id: UUID) -> Quote:
    return get_object_or_404(Quote.objects.select_related("client", "owner"), pk=quote_id)


def latest_revision(quote: Quote) -> QuoteRevision:
    """The newest revision, knowing its quote."""
    rows = QuoteRevision.objects.filter(quote=quote).select_related("quote__client", "quote__owner")
    return rows.order_by("-number")[:1].get()


def revision_or_404(quote_id: UUID, number: int) -> QuoteRevision:
    """A revision of a quote by its number."""
    rows = QuoteRevision.objects.select_related("quote__client")
    return get_object_or_404(rows, quote=quote_id, number=number)


def quote_line_or_404(quote_id: UUID, line_id: UUID) -> QuoteLine:
    rows = QuoteLine.objects.select_related("revision__quote__client")
    return get_object_or_404(rows, pk=line_id, revision__quote=quote_id)


def sent_revision_or_404(revision_id: UUID) -> QuoteRevision:
    """A revision that its client may read; drafts are not there."""
    return get_object_or_404(
        QuoteRevision.objects.filter(state=RevisionState.SENT).select_related("pdf"), pk=revision_id
    )


def quote_pdf_or_404(revision_id: UUID) -> StoredFile:
    """The PDF of a sent revision, once it is made."""
    pdf: StoredFile | None = sent_revision_or_404(revision_id).pdf
    if pdf is None:
        raise Http404
    return pdf


def quote_link_of(token: Token) -> QuoteLink | None:
    """What a mailed link names, if its secret is right. Needs the scope of the token's shop."""
    rows = QuoteLink.objects.select_related("tenant", "revision", "contact").filter(pk=token.row_id)
    found = rows.filter(contact__archived_at=None, client__archived_at=None).exclude(secret_hash="").first()
    return found if found is not None and token.matches(found.secret_hash) else None
