"""Agreements: made, changed from a day on, accepted, renewed, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from billing.choices import AGREEMENT_TIMERS, AgreementState, Basis, CountRule
from billing.models import (
    Acceptance,
    Agreement,
    AgreementCharge,
    AgreementItem,
    AgreementTicket,
    AgreementTimer,
    AgreementVersion,
)
from billing.queries.agreements import signed_hash, terms_columns
from billing.queries.lists import shop_today
from billing.rules import money
from billing.rules.proration import add_months
from billing.rules.refusals import Refused
from clients.models import Client
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.files.models import StoredFile
from msp.jobs.actions import ring
from msp.tenancy.ids import new_id
from msp.tenancy.once import made_by
from tickets.actions import assign_policy
from tickets.models import Ticket

from .charging import count_items

_DAY = timedelta(days=1)
_PRICES = ("hourly_rate", "on_site_rate", "travel_price")
Values = Mapping[str, Any]


def create_agreement(
    *,
    client: Client,
    values: Values,
    terms: Values,
    items: Sequence[Values],
    actor: Actor,
    now: datetime,
    form_key: UUID | None = None,
) -> Agreement:
    """Draft an agreement with its first version; `values` by column of the agreement, `terms` of the version, `items` in order.

    Sending the same form again gives the same agreement. Raises Refused for prices that the currency cannot write.
    """
    with transaction.atomic():
        said = {"client_id": client.pk, "name": values["name"]}
        twin, form_key = made_by(Agreement.objects.all(), form_key, **said)
        if twin:
            return twin
        agreement = Agreement(client=client, currency=client.currency, form_key=form_key, created_at=now, **values)
        agreement.save(force_insert=True)
        _write_version(agreement, agreement.starts_on, _Said(terms, items), actor, now)
        record(actor=actor, verb="agreement.created", subject=agreement, now=now, data={"name": agreement.name})
    return agreement


def change_agreement(*, agreement: Agreement, values: Values, actor: Actor, now: datetime) -> Agreement:
    """Change its name, dates or renewal; `values` by column. Raises Refused for a start that work or charges lie before."""
    with transaction.atomic():
        agreement = _held(agreement)
        starts_on = values.get("starts_on", agreement.starts_on)
        if starts_on != agreement.starts_on and not agreement.is_draft:
            raise Refused(_("It is in force: its start cannot move any more."))
        changed = {name: value for name, value in values.items() if getattr(agreement, name) != value}
        was = {name: str(getattr(agreement, name)) for name in changed}
        for name, value in changed.items():
            setattr(agreement, name, value)
        agreement.save(update_fields=list(changed))
        if "starts_on" in changed:
            AgreementVersion.objects.filter(agreement=agreement, number=1).update(valid_from=agreement.starts_on)
        data = {"was": was, "now": {name: str(value) for name, value in changed.items()}}
        record(actor=actor, verb="agreement.changed", subject=agreement, now=now, data=data)
    return agreement


def add_version(
    *,
    agreement: Agreement,
    valid_from: date,
    terms: Values,
    items: Sequence[Values],
    because: str,
    actor: Actor,
    now: datetime,
) -> AgreementVersion:
    """Change the terms from a day on; what lay before stays. A draft's only version is replaced.

    Raises Refused before the latest version, within a period that is charged already, and once it has ended.
    """
    with transaction.atomic():
        agreement = _held(agreement)
        if agreement.is_draft:
            AgreementItem.objects.filter(version__agreement=agreement).delete()
            AgreementVersion.objects.filter(agreement=agreement).delete()
            valid_from = agreement.starts_on
        _check_day(agreement, valid_from)
        version = _write_version(agreement, valid_from, _Said(terms, items, because), actor, now)
        data = {"number": version.number, "valid_from": valid_from.isoformat(), "because": because}
        record(actor=actor, verb="agreement.version_added", subject=agreement, now=now, data=data)
        if agreement.is_active:
            _follow_sla(agreement, version, actor, now)
    return version


def _check_day(agreement: Agreement, valid_from: date) -> None:
    if agreement.state == AgreementState.ENDED:
        raise Refused(_("It has ended."))
    latest = AgreementVersion.objects.filter(agreement=agreement).aggregate(day=Max("valid_from"))["day"]
    if valid_from < agreement.starts_on or (latest is not None and valid_from <= latest):
        raise Refused(_("A new version must take effect after the one before it."))
    if agreement.is_draft:
        return
    free = _first_free_day(agreement)
    if valid_from < free:
        words = {"day": free.isoformat()}
        raise Refused(_("It is charged already until then: the change can take effect from %(day)s on.") % words)


def _first_free_day(agreement: Agreement) -> date:
    """The first day that is not charged yet."""
    charged = AgreementCharge.objects.filter(agreement=agreement).aggregate(day=Max("period_end"))["day"]
    return agreement.charged_from if charged is None else charged + _DAY


@dataclass(frozen=True)
class _Said:
    """What a version says."""

    terms: Values
    items: Sequence[Values]
    because: str = ""


def _write_version(
    agreement: Agreement, valid_from: date, said: _Said, actor: Actor, now: datetime
) -> AgreementVersion:
    _check_prices(agreement, said.terms, said.items)
    number = AgreementVersion.objects.filter(agreement=agreement).aggregate(last=Max("number"))["last"] or 0
    version = AgreementVersion(agreement=agreement, client=agreement.client, number=number + 1, valid_from=valid_from)
    for name, value in said.terms.items():
        setattr(version, name, value)
    version.because, version.made_by, version.made_at = said.because, actor.name, now
    version.save(force_insert=True)
    for position, item in enumerate(said.items, start=1):
        row = {"key": new_id()} | dict(item)
        AgreementItem.objects.create(version=version, client=agreement.client, position=position, **row)
    return version


def _check_prices(agreement: Agreement, terms: Values, items: Sequence[Values]) -> None:
    prices = [terms.get(name) for name in _PRICES] + [item["unit_price"] for item in items]
    if not all(money.is_exact(price, agreement.currency) for price in prices if price is not None):
        raise Refused(_("The price has more decimals than %s knows.") % agreement.currency)
    if agreement.in_advance and any(_counts_late(item) for item in items):
        raise Refused(
            _("A number that is told during a period can only be charged at its end. Charge at the end of the period.")
        )


def _counts_late(item: Values) -> bool:
    counted = item.get("basis", Basis.FLAT) not in {Basis.FLAT, Basis.NUMBER}
    return counted and item.get("count_rule", CountRule.START) != CountRule.START


def accept_agreement(
    *,
    version: AgreementVersion,
    name: str,
    accepted_on: date,
    how: str,
    document: StoredFile | None,
    actor: Actor,
    now: datetime,
) -> Acceptance:
    """Keep that the client said yes to a version, with the signed document and its hash; a draft comes into force by it.

    Raises Refused without a name, and once the agreement has ended.
    """
    if not name.strip():
        raise Refused(_("Say who said yes."))
    with transaction.atomic():
        agreement = _held(version.agreement)
        if agreement.state == AgreementState.ENDED:
            raise Refused(_("It has ended."))
        acceptance = Acceptance.objects.create(
            version=version,
            client=agreement.client,
            name=name.strip(),
            accepted_on=accepted_on,
            how=how,
            document=document,
            document_sha256=document.sha256 if document else "",
            terms_sha256=signed_hash(version),
            recorded_by=actor.name,
            recorded_at=now,
        )
        data = {"name": name.strip(), "number": version.number, "sha256": acceptance.document_sha256}
        record(actor=actor, verb="agreement.accepted", subject=agreement, now=now, data=data)
        if agreement.is_draft:
            _begin(agreement, actor, now)
    return acceptance


def activate_agreement(*, agreement: Agreement, actor: Actor, now: datetime) -> Agreement:
    """Bring a draft into force without a signature: an agreement of old times, say. Raises Refused unless it is a draft."""
    with transaction.atomic():
        agreement = _held(agreement)
        if not agreement.is_draft:
            raise Refused(_("It is in force already."))
        _begin(agreement, actor, now)
    return agreement


def _begin(agreement: Agreement, actor: Actor, now: datetime) -> None:
    agreement.state = AgreementState.ACTIVE
    agreement.save(update_fields=["state"])
    record(actor=actor, verb="agreement.activated", subject=agreement, now=now, data={"name": agreement.name})
    count_items(agreement=agreement, on=shop_today(now), actor=actor, now=now)
    AgreementTimer.objects.get_or_create(agreement=agreement, defaults={"due_at": now})
    ring(AGREEMENT_TIMERS)
    _follow_sla(agreement, AgreementVersion.objects.filter(agreement=agreement).latest("valid_from"), actor, now)


def _follow_sla(agreement: Agreement, version: AgreementVersion, actor: Actor, now: datetime) -> None:
    """The service level that the agreement says holds for the client's tickets from now on, in the tickets' own words."""
    if version.sla_policy_id is not None:
        assign_policy(actor=actor, now=now, client=agreement.client, policy=version.sla_policy)


def end_agreement(*, agreement: Agreement, on: date, reason: str, actor: Actor, now: datetime) -> Agreement:
    """Let it end after a day. Raises Refused without a reason, before its start, and once it has ended."""
    if not reason.strip():
        raise Refused(_("Say why."))
    with transaction.atomic():
        agreement = _held(agreement)
        if agreement.ended_on is not None:
            raise Refused(_("It has ended already."))
        if on < agreement.starts_on:
            raise Refused(_("It cannot end before it begins."))
        agreement.ended_on, agreement.end_reason, agreement.state = on, reason.strip(), AgreementState.ENDED
        agreement.save(update_fields=["ended_on", "end_reason", "state"])
        data = {"day": on.isoformat(), "reason": reason.strip()}
        record(actor=actor, verb="agreement.ended", subject=agreement, now=now, data=data)
    return agreement


def renew_agreement(*, agreement: Agreement, actor: Actor, now: datetime) -> Agreement:
    """Let it go on for another term; where the terms say so, prices rise from the new term's first day that is not charged yet.

    Raises Refused without a term, and once it has ended.
    """
    with transaction.atomic():
        agreement = _held(agreement)
        if not agreement.is_active or agreement.ends_on is None:
            raise Refused(_("It has no term that could go on."))
        begins = agreement.ends_on + _DAY
        agreement.ends_on = add_months(begins, agreement.term_months) - _DAY
        agreement.save(update_fields=["ends_on"])
        record(
            actor=actor,
            verb="agreement.renewed",
            subject=agreement,
            now=now,
            data={"day": agreement.ends_on.isoformat()},
        )
        latest = AgreementVersion.objects.filter(agreement=agreement).latest("valid_from")
        if latest.index_percent and latest.valid_from < begins:
            # A period that is charged already stays at its price.
            day = max(begins, _first_free_day(agreement))
            index_prices(agreement=agreement, percent=latest.index_percent, valid_from=day, actor=actor, now=now)
    return agreement


def index_prices(
    *, agreement: Agreement, percent: Decimal, valid_from: date, actor: Actor, now: datetime
) -> AgreementVersion:
    """A new version with every price changed by a percentage, rounded as money is. Raises Refused as `add_version` does."""
    latest = AgreementVersion.objects.filter(agreement=agreement).latest("valid_from")
    factor = 1 + percent / 100

    def indexed(price: Decimal | None) -> Decimal | None:
        return None if price is None else money.quantise(price * factor, agreement.currency)

    terms = {name: getattr(latest, name) for name in terms_columns()}
    terms |= {name: indexed(terms[name]) for name in _PRICES}
    items = [_copy(item) | {"unit_price": indexed(item.unit_price)} for item in latest.items.order_by("position")]
    because = _("Prices changed by %(percent)s %%") % {"percent": percent.normalize()}
    return add_version(
        agreement=agreement, valid_from=valid_from, terms=terms, items=items, because=because, actor=actor, now=now
    )


_ITEM = ("key", "label", "basis", "asset_kind", "site_id", "count_rule", "quantity", "at_least", "unit_price")


def _copy(item: AgreementItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _ITEM}


def put_ticket_under(*, agreement: Agreement, ticket: Ticket, actor: Actor, now: datetime) -> AgreementTicket:
    """Let a ticket's work follow this agreement: a project's, say. Raises Refused for another client's ticket."""
    if ticket.client_id != agreement.client_id:
        raise Refused(_("That ticket is another client's."))
    with transaction.atomic():
        row, made = AgreementTicket.objects.get_or_create(
            ticket=ticket, defaults={"agreement": agreement, "client": agreement.client}
        )
        if not made and row.agreement_id != agreement.pk:
            raise Refused(_("That ticket belongs to another agreement."))
        data = {"ticket": ticket.number}
        if made:
            record(actor=actor, verb="agreement.ticket_added", subject=agreement, now=now, data=data)
    return row


def take_ticket_out(*, row: AgreementTicket, actor: Actor, now: datetime) -> None:
    """Let a ticket follow the client's agreements again."""
    with transaction.atomic():
        data = {"ticket": row.ticket.number}
        AgreementTicket.objects.filter(pk=row.pk).delete()
        record(actor=actor, verb="agreement.ticket_removed", subject=row.agreement, now=now, data=data)


def _held(agreement: Agreement) -> Agreement:
    return Agreement.objects.select_for_update(of=("self",)).select_related("client").get(pk=agreement.pk)
