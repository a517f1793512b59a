"""Everything that writes in billing. One module a subject."""

from __future__ import annotations

from .approving import approve_invoice, recall_invoice, retry_release
from .dispatching import dispatch_invoice
from .drafting import discard_draft, draft_invoice, start_draft
from .issuing import issue_invoice
from .lines import add_line, edit_draft, edit_line, remove_line
from .payments import record_payment, void_payment
from .settings import change_client_terms, change_settings, start_numbers_at
from .tax import retax_draft

__all__ = [
    "add_line",
    "approve_invoice",
    "change_client_terms",
    "change_settings",
    "discard_draft",
    "dispatch_invoice",
    "draft_invoice",
    "edit_draft",
    "edit_line",
    "issue_invoice",
    "recall_invoice",
    "record_payment",
    "remove_line",
    "retax_draft",
    "retry_release",
    "start_draft",
    "start_numbers_at",
    "void_payment",
]
