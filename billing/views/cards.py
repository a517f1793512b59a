"""Card payments: the shop's keys, and the door that Stripe calls at."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access import card_hook_or_404
from billing.actions.stripe_api import ForgedMessage
from billing.forms.cards import CardsForm
from billing.queries.cards import card_processor
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import public, staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.context import enter, system_scope

MOST_BYTES = 512 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def settings(request: StaffRequest) -> HttpResponseBase:
    """Keys, and whether clients may pay by card."""
    row = card_processor()
    form = CardsForm(request.POST or None, initial={"is_on": row.is_on})
    if form.is_bound and form.is_valid():
        try:
            actions.set_up_cards(actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("billing:cards")
        except Refused as refused:
            form.add_error("is_on", str(refused))
    return render(request, "billing/cards.html", {"form": form, "row": row}, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def address(request: StaffRequest) -> HttpResponseBase:
    """A new address for Stripe, shown this once."""
    made = actions.new_hook_address(actor=request.actor, now=timezone.now())
    form = CardsForm(initial={"is_on": card_processor().is_on})
    return render(request, "billing/cards.html", {"form": form, "row": card_processor(), "address": made})


@csrf_exempt
@require_POST
@public("Stripe has no session; the address carries the shop's secret, and each message is signed")
def hook(request: HttpRequest, card_token: str) -> HttpResponse:
    """Take one message. 200 once it is committed, 400 for a wrong signature: then Stripe tries again."""
    token = card_hook_or_404(card_token)
    payload = request.read(MOST_BYTES + 1)
    if len(payload) > MOST_BYTES:
        return _plain("Too long.", 413)
    try:
        with enter(system_scope(token.tenant_id)):
            signature = request.headers.get("Stripe-Signature", "")
            actions.take_card_event(payload=payload, signature=signature, now=timezone.now())
    except ForgedMessage:
        return _plain("The signature is not right.", 400)
    return _plain("Taken.", 200)


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
