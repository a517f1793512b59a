"""What billing offers to the shell, to the client page and to the workers."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from billing.choices import FOUND_INVOICE, RELEASES, RENDERINGS
from billing.models import BillingSettings
from billing.queries.counts import clients_to_bill, drafts_to_check
from billing.queries.portal import home_panel
from clients.registry import ClientPanel
from msp.accounts.choices import Capability, PortalCapability
from msp.accounts.registry import (
    ChecklistStep,
    Command,
    Counted,
    Hit,
    NavItem,
    PortalPanel,
    SearchProvider,
    SettingsPage,
)
from msp.jobs.registry import Queue
from msp.search.queries import find

from . import agreements, paying, profit, quotes

_UNBILLED = Counted(lambda _request: clients_to_bill(), "", _("clients with finished work"))
_REVIEW = Counted(lambda _request: drafts_to_check(), "warn", _("invoices to check"))


def _find(words: str, limit: int) -> list[Hit]:
    return find(words, kind=FOUND_INVOICE, called=_("Invoice"), limit=limit)


def _has_rates() -> bool:
    return BillingSettings.objects.filter(hourly_rate__isnull=False, tax_rate__isnull=False).exists()


_VIEW, _PAY = Capability.BILLING_VIEW, Capability.PAYMENTS_RECORD
OFFERS = (
    *quotes.OFFERS,
    *agreements.OFFERS,
    *profit.OFFERS,
    NavItem(
        _("Unbilled work"), "billing:unbilled", "clipboard-list", _VIEW, "billing", 10, key="g b", counted=_UNBILLED
    ),
    NavItem(
        _("Invoice review"),
        "billing:review",
        "file-invoice",
        _VIEW,
        "billing",
        20,
        key="g i",
        phone=True,
        counted=_REVIEW,
    ),
    NavItem(_("Invoices"), "billing:invoices", "receipt", _VIEW, "billing", 30, phone=True),
    NavItem(_("Payments"), "billing:payments", "cash", _PAY, "billing", 60),
    *paying.OFFERS,
    NavItem(_("Invoices"), "billing:portal-invoices", "receipt", PortalCapability.INVOICES, "portal", 30, phone=True),
    Command(_("Record a payment"), "billing:payments", _PAY),
    SettingsPage(
        _("Billing"),
        "billing:settings",
        "file-invoice",
        Capability.SETTINGS_MANAGE,
        40,
        _("Rates, tax, invoice numbers and what is printed"),
    ),
    SearchProvider(_VIEW, 40, _find),
    ChecklistStep(
        _("Set your hourly rate and tax"),
        _("Finished work becomes an invoice at this rate."),
        "billing:settings",
        Capability.SETTINGS_MANAGE,
        50,
        _has_rates,
    ),
    PortalPanel("billing/portal_panel.html", home_panel, PortalCapability.INVOICES, "side", 10),
)
CLIENT_PANEL = ClientPanel(_("Billing"), "billing:client-panel", _VIEW, 30)

QUEUES = (
    *quotes.QUEUES,
    *paying.QUEUES,
    *agreements.QUEUES,
    Queue(RELEASES, _("Approved invoices"), "billing.Release", "billing.actions.releasing.IssueApproved"),
    Queue(
        RENDERINGS,
        _("Invoice PDFs"),
        "billing.Rendering",
        "billing.actions.rendering.RenderInvoice",
        batch=4,
        lease=timedelta(seconds=180),  # 2,000 lines take seconds; a loaded machine may take many times as long
    ),
)

SENTENCES = (
    quotes.SENTENCES
    | agreements.SENTENCES
    | profit.SENTENCES
    | paying.SENTENCES
    | {
        "invoice.drafted": _("%(actor)s drafted an invoice for %(client)s"),
        "invoice.started": _("%(actor)s began an invoice for %(client)s"),
        "invoice.changed": _("%(actor)s changed the draft"),
        "invoice.credit_drafted": _("%(actor)s drafted a credit note for %(number)s: %(reason)s"),
        "invoice.deposit_taken_off": _("%(actor)s took the deposit %(number)s off"),
        "invoice.from_proforma": _("%(actor)s drafted the invoice of %(number)s"),
        "billing.tax_added": _("%(actor)s set the tax “%(name)s” to %(rate)s %% from %(day)s"),
        "billing.tax_removed": _("%(actor)s removed the tax “%(name)s” of %(rate)s %% from %(day)s"),
        "invoice.debit_drafted": _("%(actor)s drafted a debit note for %(number)s: %(reason)s"),
        "invoice.line_added": _("%(actor)s added the line “%(line)s”"),
        "invoice.line_reworded": _("%(actor)s reworded “%(line)s”"),
        "invoice.line_repriced": _("%(actor)s changed quantity or price of “%(line)s”: %(reason)s"),
        "invoice.retaxed": _("%(actor)s took over the client's tax: %(became)s, %(rate)s %%"),
        "invoice.line_removed": _("%(actor)s removed the line “%(line)s”"),
        "invoice.line_removed_because": _("%(actor)s removed the line “%(line)s”: %(reason)s"),
        "invoice.discarded": _("%(actor)s discarded the draft"),
        "invoice.discarded_because": _("%(actor)s discarded the draft: %(reason)s"),
        "invoice.approved": _("%(actor)s approved the invoice"),
        "invoice.approved_with_reason": _("%(actor)s approved the invoice in spite of a warning: %(reason)s"),
        "invoice.recalled": _("%(actor)s called the invoice back"),
        "invoice.issued": _("%(actor)s issued it as %(number)s"),
        "invoice.dispatched": _("%(actor)s made the PDF and handed it over to be sent to %(recipients)s"),
        "billing.settings_changed": _("%(actor)s changed the billing settings: %(fields)s"),
        "billing.terms_changed": _("%(actor)s changed the billing terms: %(fields)s"),
        "billing.numbers_start": _("%(actor)s let invoice numbers go on from %(number)s"),
    }
)
