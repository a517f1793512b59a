"""Paying by card at Stripe's own page: setting it up, asking for a page, making it in a worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.choices.paying import CHECKOUTS
from billing.models import CardProcessor, Checkout, Invoice, Receivable
from billing.queries.cards import card_keys, latest_checkout, takes_cards
from billing.rules import money
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, Handler, Outcome
from msp.tenancy.models import current_tenant
from msp.tenancy.secretbox import seal
from msp.tenancy.tokens import Token

from .stripe_api import Made, Wish, make_page

GOOD_FOR = timedelta(hours=20)  # Stripe's pages last a day


def set_up_cards(*, secret_key: str, signing_secret: str, is_on: bool, actor: Actor, now: datetime) -> CardProcessor:
    """Save the shop's keys; an empty one leaves what is there. Raises Refused for switching it on without both."""
    with transaction.atomic():
        row, _made = CardProcessor.objects.get_or_create()
        for name, plain in (("secret_key", secret_key), ("signing_secret", signing_secret)):
            if plain:
                setattr(row, f"{name}_sealed", seal(plain, place=row.place_of(name)))
        if is_on and not (row.secret_key_sealed and row.signing_secret_sealed and row.hook_hash):
            raise Refused(_("It needs both keys, and Stripe must know the address first."))
        row.is_on = is_on
        row.save(update_fields=["secret_key_sealed", "signing_secret_sealed", "is_on"])
        record(actor=actor, verb="cards.on" if is_on else "cards.off", subject=row, now=now)
    return row


def new_hook_address(*, actor: Actor, now: datetime) -> str:
    """A new address for Stripe to call; the old one is dead. It is shown once: only its hash is kept."""
    with transaction.atomic():
        row, _made = CardProcessor.objects.get_or_create()
        token = Token.new(row.tenant_id, row.pk)
        row.hook_hash = token.hash
        row.save(update_fields=["hook_hash"])
        record(actor=actor, verb="cards.address", subject=row, now=now)
    return current_tenant().absolute_url(reverse("billing:card-hook", args=[token]))


def ask_for_checkout(*, invoice: Invoice, actor: Actor, now: datetime) -> Checkout:
    """A page for paying what is owed; the one that was asked for before as long as it lasts and fits.

    Raises Refused when the shop takes no cards, and when nothing is owed.
    """
    with transaction.atomic():
        owed = Receivable.objects.select_for_update(of=("self",)).filter(invoice=invoice).first()
        if not takes_cards() or owed is None or owed.owed <= money.ZERO:
            raise Refused(_("There is nothing to pay by card."))
        known = latest_checkout(invoice)
        is_fresh = known is not None and known.created_at > now - GOOD_FOR and known.amount == owed.owed
        if known is not None and is_fresh and known.state != DueState.DEAD:
            return known
        values = {"client_id": owed.client_id, "currency": owed.currency, "amount": owed.owed, "created_at": now}
        try:
            with transaction.atomic():
                row = Checkout.objects.create(invoice=invoice, due_at=now, **values)
        except IntegrityError:
            return Checkout.objects.get(invoice=invoice, state=DueState.QUEUED)
        data = {"number": invoice.number}
        record(actor=actor, verb="cards.asked", subject=invoice, now=now, data=data)
        ring(CHECKOUTS)
    return row


class MakeCheckout(Handler[Checkout, Wish, Made]):
    """Asks Stripe outside any transaction; the row's key makes a repeated question one page."""

    def prepare(self, row: Checkout, now: datetime) -> Wish | Outcome:
        if row.url:
            return Ended(DueState.DONE)
        if not takes_cards():
            return Ended(DueState.CANCELLED)
        invoice, tenant = row.invoice, current_tenant()
        back = tenant.absolute_url(reverse("billing:portal-invoice", args=[invoice.pk]))
        return Wish(
            secret_key=card_keys().secret_key,
            key=str(row.pk),
            amount=row.amount,
            currency=row.currency,
            number=invoice.number or "",
            email=next(iter(invoice.recipients), ""),
            language=invoice.language,
            done_url=f"{back}?paid=card",
            back_url=back,
        )

    def work(self, prepared: Wish) -> Made:
        return make_page(prepared)

    def finish(self, row: Checkout, result: Made, now: datetime) -> Outcome:
        row.session_id, row.url = result.session_id, result.url
        row.save(update_fields=["session_id", "url"])
        return Ended(DueState.DONE)
