"""An accepted quote becomes an agreement for what is paid again and again, or a project with its milestones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import AgreedPart, AgreementKind, Basis, BillingPeriod, Every, QuotePart
from billing.models import Agreement, Quote, QuoteAgreement, QuoteAnswer, QuoteLine, QuoteRevision
from billing.queries.lists import shop_today
from billing.queries.quotes import offered
from billing.rules import money
from billing.rules.quoting import deposit, sums
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record

from .agreeing import create_agreement
from .charging import add_milestone
from .quote_billing import billed_parts, chosen_lines
from .quoting import locked_quote

_RHYTHM = {AgreedPart.MONTHLY: Every.MONTH, AgreedPart.YEARLY: Every.YEAR, AgreedPart.PROJECT: Every.ONCE}


def agree_on_quote(*, answer: QuoteAnswer, part: str, actor: Actor, now: datetime) -> Agreement:
    """Draft the agreement of a part of an accepted quote, at the quoted prices; once for each part. It comes into force on its own page.

    Raises Refused when there is nothing of it, when it is an agreement already, or what is paid once is billed otherwise.
    """
    with transaction.atomic():
        quote, wanted = locked_quote(Quote(pk=answer.quote_id)), AgreedPart(part)
        kept = QuoteAgreement.objects.filter(answer=answer, part=wanted).select_related("agreement").first()
        if kept is not None:
            made: Agreement = kept.agreement
            return made
        lines = [line for line in chosen_lines(answer) if line.every == _RHYTHM[wanted]]
        if not answer.is_yes or not lines:
            raise Refused(_("Nothing of it is paid this way."))
        if wanted == AgreedPart.PROJECT and billed_parts(answer):
            raise Refused(_("What is paid once is billed already."))
        revision = QuoteRevision.objects.get(pk=answer.revision_id)
        name = f"{revision.title} ({revision.name})"[:120]
        values = _values(name, wanted, now)
        items = [] if wanted == AgreedPart.PROJECT else [_item(line) for line in lines]
        said: dict[str, Any] = {"values": values, "terms": {}, "items": items}
        agreement = create_agreement(client=quote.client, actor=actor, now=now, **said)
        if wanted == AgreedPart.PROJECT:
            _milestones(agreement, revision, lines, actor, now)
        QuoteAgreement.objects.create(answer=answer, agreement=agreement, client_id=answer.client_id, part=wanted)
        data = {"part": str(wanted.label), "agreement": str(agreement.pk)}
        record(actor=actor, verb="quote.agreed", subject=quote, now=now, data=data)
    return agreement


def _values(name: str, part: AgreedPart, now: datetime) -> dict[str, Any]:
    return {
        "kind": AgreementKind.PROJECT if part == AgreedPart.PROJECT else AgreementKind.FIXED,
        "name": name,
        "starts_on": shop_today(now),
        "period": BillingPeriod.YEAR if part == AgreedPart.YEARLY else BillingPeriod.MONTH,
    }


def _item(line: QuoteLine) -> dict[str, Any]:
    return {
        "label": line.description[:160],
        "basis": Basis.NUMBER,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
    }


def _milestones(
    agreement: Agreement, revision: QuoteRevision, lines: list[QuoteLine], actor: Actor, now: datetime
) -> None:
    once = sums(offered(revision, lines), revision.currency).once
    first = sum((amount for amount, _tax in deposit(once, revision.deposit_percent, revision.currency)), money.ZERO)
    steps = [(QuotePart.DEPOSIT.label, first, True)] if first else []
    for title, amount, is_deposit in [*steps, (_("Everything delivered"), once.net - first, False)]:
        values = {"title": str(title), "amount": amount, "is_deposit": is_deposit}
        add_milestone(agreement=agreement, values=values, actor=actor, now=now)
