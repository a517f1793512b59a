"""What quotes offer to the shell, to the workers and to the activity log."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from billing.choices import FOUND_QUOTE, QUOTE_RENDERINGS, QUOTE_TIMERS
from billing.queries.quote_detail import quotes_panel
from billing.queries.quote_lists import waiting_quotes
from msp.accounts.choices import Capability, PortalCapability
from msp.accounts.registry import Command, Counted, Hit, NavItem, PortalPanel, SearchProvider, SettingsPage
from msp.jobs.registry import Queue
from msp.search.queries import find

_VIEW = Capability.BILLING_VIEW


_WAITING = Counted(lambda _request: waiting_quotes(), "warn", _("quotes to approve"))


def _find(words: str, limit: int) -> list[Hit]:
    return find(words, kind=FOUND_QUOTE, called=_("Quote"), limit=limit)


OFFERS = (
    NavItem(_("Quotes"), "billing:quotes", "file-certificate", _VIEW, "billing", 100, key="g o", counted=_WAITING),
    NavItem(
        _("Quotes"), "billing:portal-quotes", "file-certificate", PortalCapability.QUOTES, "portal", 25, phone=True
    ),
    Command(_("New quote"), "billing:new-quote", Capability.BILLING_DRAFT),
    Command(_("Oversized hardware and licences"), "billing:quote-sizes", _VIEW),
    SettingsPage(
        _("Quotes"),
        "billing:quote-settings",
        "file-certificate",
        Capability.SETTINGS_MANAGE,
        42,
        _("How long offers stand, who approves, and what needs evidence"),
    ),
    SearchProvider(_VIEW, 42, _find),
    PortalPanel("billing/portal_quote_panel.html", quotes_panel, PortalCapability.QUOTES, "main", 5),
)

QUEUES = (
    Queue(
        QUOTE_RENDERINGS,
        _("Quote PDFs"),
        "billing.QuoteRendering",
        "billing.actions.quote_sending.RenderQuote",
        batch=4,
        lease=timedelta(seconds=180),
    ),
    Queue(QUOTE_TIMERS, _("Ends of quotes"), "billing.QuoteTimer", "billing.actions.quote_timers.EndQuote"),
)

SENTENCES = {
    "quote.created": _("%(actor)s began the quote %(number)s for %(client)s"),
    "quote.changed": _("%(actor)s changed the quote"),
    "quote.line_added": _("%(actor)s added the line “%(line)s”"),
    "quote.line_changed": _("%(actor)s changed the line “%(line)s”"),
    "quote.line_removed": _("%(actor)s removed the line “%(line)s”"),
    "quote.line_moved": _("%(actor)s moved the line “%(line)s”"),
    "quote.evidence": _("%(actor)s filled in the evidence for “%(line)s”"),
    "quote.asked": _("%(actor)s asked for approval of %(revision)s"),
    "quote.approved": _("%(actor)s approved %(revision)s"),
    "quote.sent_back": _("%(actor)s sent %(revision)s back: %(reason)s"),
    "quote.called_back": _("%(actor)s took %(revision)s back to change it"),
    "quote.sent": _("%(actor)s sent %(revision)s to %(recipients)s"),
    "quote.sent_in_spite": _("%(actor)s sent %(revision)s to %(recipients)s in spite of a warning: %(reason)s"),
    "quote.mailed": _("%(actor)s made the PDF of %(revision)s and handed it over to be sent to %(recipients)s"),
    "quote.reminded": _("%(actor)s reminded %(recipients)s of %(revision)s"),
    "quote.expired": _("%(revision)s came to its end without an answer"),
    "quote.seen": _("%(actor)s opened %(revision)s"),
    "quote.revised": _("%(actor)s began %(revision)s"),
    "quote.withdrawn": _("%(actor)s withdrew the quote: %(reason)s"),
    "quote.accepted": _("%(actor)s accepted %(revision)s"),
    "quote.declined": _("%(actor)s declined %(revision)s"),
    "quote.declined_because": _("%(actor)s declined %(revision)s: %(reason)s"),
    "quote.noted_accepted": _("%(actor)s wrote down that %(name)s accepted %(revision)s: %(reason)s"),
    "quote.noted_declined": _("%(actor)s wrote down that %(name)s declined %(revision)s: %(reason)s"),
    "quote.billed": _("%(actor)s drafted an invoice of it: %(part)s"),
    "quote.agreed": _("%(actor)s drafted of it: %(part)s"),
    "quote.settings_changed": _("%(actor)s changed how we quote: %(fields)s"),
}
