"""Thanking clients: the shop's rules, and a line on a draft because of one, never twice for one occasion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.utils.translation import gettext as _

from billing.models import Invoice, LoyaltyGift, LoyaltyRule
from billing.queries.loyalty import GiftOffer, gift_offer, living_rules
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.actions.telling import change_of
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.marks import check_mark

from .besides import put_line


def give_gift(*, invoice: Invoice, actor: Actor, now: datetime, automatic: bool = False) -> LoyaltyGift | None:
    """Put the one gift that fits a draft on it, as its own line. `automatic`: only by rules that need nobody's press.

    None when nothing is to be celebrated, or the draft has its gift. Raises Refused unless it is a draft.
    """
    if not living_rules(automatic=automatic):
        return None
    with transaction.atomic():
        # Two drafts of one client come one after the other: an occasion is used once, and the cap holds.
        Client.objects.select_for_update(of=("self",)).get(pk=invoice.client_id)
        offer = gift_offer(invoice, now, automatic=automatic)
        if offer is None:
            return None
        words, rate = offer.words, offer.tax_rate
        line = put_line(invoice=invoice, words=words, amount=-offer.amount, tax_rate=rate, actor=actor, now=now)
        gift = _keep(invoice, offer, now)
        gift.line, gift.given_by = line, actor.name
        gift.save()
        data = {"rule": offer.rule.name, "client": invoice.client.name}
        record(actor=actor, verb="invoice.gift_given", subject=invoice, now=now, data=data)
    return gift


def _keep(invoice: Invoice, offer: GiftOffer, now: datetime) -> LoyaltyGift:
    """The row of the occasion: a new one, or the one whose line was taken off its draft."""
    about = {"client": invoice.client, "rule": offer.rule, "occasion": offer.occasion}
    gift = LoyaltyGift.objects.filter(**about).first() or LoyaltyGift(**about)
    gift.invoice, gift.currency, gift.amount = invoice, invoice.currency, offer.amount
    gift.given_on, gift.given_at = now.astimezone(ZoneInfo(invoice.client.zone)).date(), now
    return gift


def add_rule(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> LoyaltyRule:
    """A further rule, after the others; `values` by column."""
    with transaction.atomic():
        last = LoyaltyRule.objects.aggregate(last=models.Max("position"))["last"] or 0
        rule = LoyaltyRule.objects.create(position=last + 1, **values)
        record(actor=actor, verb="loyalty.rule_added", subject=rule, now=now, data={"rule": rule.name})
    return rule


def change_rule(
    *, rule: LoyaltyRule, values: Mapping[str, Any], actor: Actor, now: datetime, mark: str = ""
) -> LoyaltyRule:
    """Change a rule for gifts to come. Raises ChangedMeanwhile, and Refused for one that was archived."""
    with transaction.atomic():
        rule = LoyaltyRule.objects.select_for_update().get(pk=rule.pk)
        if rule.archived_at is not None:
            raise Refused(_("This rule is no more."))
        check_mark(rule, values, mark)
        before = {name: getattr(rule, name) for name in values}
        for name, value in values.items():
            setattr(rule, name, value)
        rule.save(update_fields=list(values))
        data = {"rule": rule.name} | change_of(before, values)
        record(actor=actor, verb="loyalty.rule_changed", subject=rule, now=now, data=data)
    return rule


def archive_rule(*, rule: LoyaltyRule, actor: Actor, now: datetime) -> LoyaltyRule:
    """Give nothing by it any more; what was given stays. Archived already, nothing changed."""
    with transaction.atomic():
        rule = LoyaltyRule.objects.select_for_update().get(pk=rule.pk)
        if rule.archived_at is None:
            rule.archived_at = now
            rule.save(update_fields=["archived_at"])
            record(actor=actor, verb="loyalty.rule_archived", subject=rule, now=now, data={"rule": rule.name})
    return rule
