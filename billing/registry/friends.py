"""What queries about lines, reminders of payment and loyalty offer to the shell and to the workers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.choices.care import DUNNING_ROUNDS, DUNNING_SWEEPS, PROMISE_ANSWER
from clients.registry import PANELS, ClientPanel, PromiseKind, PromiseSubject, offer_promises
from msp.accounts.choices import Capability
from msp.accounts.registry import NavItem, SettingsPage, offer
from msp.audit.registry import say
from msp.jobs.registry import Queue
from msp.jobs.registry import register as register_queues


def _query_urls(ids: Sequence[UUID]) -> dict[UUID, str]:
    return {pk: reverse("billing:query", args=[pk]) for pk in ids}


def _portal_query_urls(ids: Sequence[UUID]) -> dict[UUID, str]:
    return {pk: reverse("billing:portal-query", args=[pk]) for pk in ids}


OFFERS = (
    NavItem(_("Reminders"), "billing:reminders", "bell", Capability.BILLING_VIEW, "billing", 80),
    NavItem(_("Loyalty"), "billing:loyalty", "heart-handshake", Capability.BILLING_VIEW, "billing", 110),
    SettingsPage(
        _("Loyalty"),
        "billing:loyalty-settings",
        "heart-handshake",
        Capability.SETTINGS_MANAGE,
        43,
        _("What clients who stay are thanked with, and what it may cost"),
    ),
    SettingsPage(
        _("Reminders and queries"),
        "billing:care-settings",
        "bell",
        Capability.SETTINGS_MANAGE,
        42,
        _("When clients are reminded of what they owe, in which words, and by when you answer their queries"),
    ),
    NavItem(_("Queries"), "billing:queries", "help-circle", Capability.BILLING_VIEW, "billing", 50),
)
CLIENT_PANEL = ClientPanel(_("Reminders and queries"), "billing:care-panel", Capability.BILLING_VIEW, 32)
PROMISES = (
    PromiseSubject("billing.linequery", _query_urls, _portal_query_urls),
    PromiseKind(
        PROMISE_ANSWER, _("Answer about an invoice"), portal_words=_("We answer your question about an invoice")
    ),
)
QUEUES = (
    Queue(
        DUNNING_SWEEPS, _("Looking for reminders"), "billing.DunningSweep", "billing.actions.dunning.LookForReminders"
    ),
    Queue(DUNNING_ROUNDS, _("Reminders of payment"), "billing.DunningRound", "billing.actions.dunning.RemindClient"),
)
SENTENCES: dict[str, StrOrPromise] = {
    "invoice.reminded": _("%(actor)s sent “%(step)s” to %(recipients)s"),
    "invoice.reminder_skipped": _("%(actor)s left “%(step)s” out: %(because)s"),
    "invoice.payment_promised": _("%(actor)s wrote down that %(who)s wants to pay on %(day)s"),
    "invoice.payment_promise_ended": _("%(actor)s forgot the promise to pay"),
    "invoice.fee_waived": _("%(actor)s waived the reminder fee of %(amount)s: %(because)s"),
    "reminders.paused": _("%(actor)s paused the reminders of %(client)s: %(because)s"),
    "reminders.paused_until": _("%(actor)s paused the reminders of %(client)s until %(until)s: %(because)s"),
    "reminders.resumed": _("%(actor)s lets %(client)s be reminded again"),
    "care.settings_changed": _("%(actor)s changed the settings of reminders and queries: %(fields)s"),
    "dunning.step_added": _("%(actor)s added the reminder “%(step)s”"),
    "dunning.step_changed": _("%(actor)s changed the reminder “%(step)s”"),
    "dunning.step_archived": _("%(actor)s took the reminder “%(step)s” out of the ladder"),
    "dunning.text_changed": _("%(actor)s changed what “%(step)s” says (%(language)s)"),
    "invoice.gift_given": _("%(actor)s thanked %(client)s by the rule “%(rule)s”"),
    "loyalty.rule_added": _("%(actor)s added the loyalty rule “%(rule)s”"),
    "loyalty.rule_changed": _("%(actor)s changed the loyalty rule “%(rule)s”"),
    "loyalty.rule_archived": _("%(actor)s ended the loyalty rule “%(rule)s”"),
    "line.queried": _("%(actor)s asked about the line “%(line)s”: %(words)s"),
    "line.query_answered": _("%(actor)s answered about the line “%(line)s”: %(words)s"),
    "line.query_credited": _("%(actor)s agreed to credit the line “%(line)s”: %(words)s"),
    "line.query_withdrawn": _("%(actor)s took the query about the line “%(line)s” back"),
    "line.query_cleared": _("%(actor)s said that the answer about the line “%(line)s” is enough"),
}


def register() -> None:
    offer(*OFFERS)
    say(SENTENCES)
    offer_promises(*PROMISES)
    register_queues(*QUEUES)
    PANELS.append(CLIENT_PANEL)
