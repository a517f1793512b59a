"""Who had an invoice in hand. The activity log knows: every act writes its entry in the same transaction."""

from __future__ import annotations

from billing.models import Invoice
from billing.rules.approving import Hands
from msp.audit.models import Entry

from .terms import shop

# What leaves the invoice as it is.
_NO_CHANGE = (
    "invoice.approved",
    "invoice.approved_with_reason",
    "invoice.approved_first",
    "invoice.recalled",
    "invoice.client_asked",
    "invoice.client_approved",
    "invoice.client_declined",
    "invoice.client_approval_kept",
)


def hands_of(invoice: Invoice) -> Hands:
    """Who changed and who approved a draft so far. Two queries, none below the limit."""
    hands = Hands(invoice.total, shop().billing.second_person_above, "", invoice.checked_by_id)
    if not hands.needs_two:
        return hands
    entries = Entry.objects.filter(subject_kind="billing.invoice", subject_id=invoice.pk).exclude(verb__in=_NO_CHANGE)
    last = entries.order_by("-at", "-id").values_list("actor_id", flat=True).first()
    return Hands(hands.total, hands.limit, last or "", hands.first_by)


def approval_of(invoice: Invoice | None, person: str) -> dict[str, object]:
    """For a page: the hands an unnumbered invoice went through, and why this person may not approve it."""
    if invoice is None or not invoice.is_draft:
        return {}
    hands = hands_of(invoice)
    return {"hands": hands, "why_not": hands.refuses(person)}
