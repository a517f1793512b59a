"""What agreements offer to the shell, to the client page, to the portal and to the workers."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.choices import AGREEMENT_TIMERS
from billing.queries.renewals import waiting_renewals
from clients.registry import ClientPanel
from msp.accounts.choices import Capability, PortalCapability
from msp.accounts.registry import Command, Counted, NavItem
from msp.jobs.registry import Queue

_RENEWALS = Counted(lambda _request: waiting_renewals(timezone.localdate()), "warn", _("agreements to decide on"))
_VIEW = Capability.BILLING_VIEW
OFFERS = (
    NavItem(_("Agreements"), "billing:agreements", "signature", _VIEW, "billing", 90, key="g a", counted=_RENEWALS),
    NavItem(_("Agreements"), "billing:portal-agreements", "signature", PortalCapability.INVOICES, "portal", 32),
    Command(_("New agreement"), "billing:new-agreement", Capability.BILLING_APPROVE),
)
CLIENT_PANEL = ClientPanel(_("Agreements"), "billing:client-agreements", _VIEW, 28)

QUEUES = (
    Queue(
        AGREEMENT_TIMERS,
        _("Nightly looks at agreements"),
        "billing.AgreementTimer",
        "billing.actions.agreement_timers.LookAtAgreement",
        longest_wait=timedelta(hours=6),
    ),
)

SENTENCES = {
    "agreement.created": _("%(actor)s drafted the agreement “%(name)s”"),
    "agreement.changed": _("%(actor)s changed the agreement"),
    "agreement.version_added": _("%(actor)s wrote version %(number)s, in effect from %(valid_from)s"),
    "agreement.accepted": _("%(actor)s recorded that %(name)s said yes to version %(number)s"),
    "agreement.activated": _("%(actor)s brought the agreement into force"),
    "agreement.ended": _("%(actor)s let the agreement end on %(day)s: %(reason)s"),
    "agreement.renewed": _("%(actor)s renewed the agreement until %(day)s"),
    "agreement.counted": _("%(actor)s counted %(label)s: %(became)s"),
    "agreement.covered": _("%(actor)s settled #%(ticket)s: the agreement covers it"),
    "agreement.uncovered": _("%(actor)s made the work on #%(ticket)s billable again: %(reason)s"),
    "agreement.ticket_added": _("%(actor)s put ticket #%(ticket)s under the agreement"),
    "agreement.ticket_removed": _("%(actor)s took ticket #%(ticket)s out of the agreement"),
    "agreement.milestone_added": _("%(actor)s added the milestone “%(title)s”"),
    "agreement.template_kept": _("%(actor)s kept the agreement as the template “%(name)s”"),
    "agreement.template_archived": _("%(actor)s archived the template “%(name)s”"),
    "block.added": _("%(actor)s added a block of %(size)s"),
    "block.adjusted": _("%(actor)s put a block right by %(amount)s: %(reason)s"),
    "block.closed": _("%(actor)s closed a block of %(size)s"),
    "invoice.client_asked": _("%(actor)s asked %(name)s of the client to approve %(amount)s"),
    "invoice.client_approved": _("%(actor)s approved the draft for the client. %(words)s"),
    "invoice.client_declined": _("%(actor)s said no to the draft for the client: %(words)s"),
    "invoice.client_approval_kept": _("%(actor)s wrote down that the client approved it in writing: %(reason)s"),
    "invoice.period_drafted": _("%(actor)s drafted %(agreement)s from %(from)s to %(until)s"),
    "invoice.block_drafted": _("%(actor)s drafted a prepaid block of %(agreement)s"),
    "invoice.milestone_drafted": _("%(actor)s drafted the milestone “%(title)s”"),
    "invoice.time_corrected": _("%(actor)s corrected billed time from %(was)s to %(minutes)s minutes: %(reason)s"),
}
