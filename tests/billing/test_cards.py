"""Card payments: Stripe's library against a server of our own that answers as Stripe's documents say, and signed messages.

Nothing here has met the real Stripe.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from billing import actions
from billing.models import CardEvent, Checkout, Invoice, JournalLine, Payment, Receivable
from billing.rules.refusals import Refused
from msp.jobs.actions import run_queue
from msp.tenancy.context import enter
from tests.billing.reading import page, post, today  # noqa: F401
from tests.world import World

from .conftest import Office

SIGNING = "whsec_invented"


@dataclass
class Stripe:
    """What came in, and what it answers with."""

    base: str = ""
    asked: list[tuple[dict[str, list[str]], dict[str, str]]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def stripe(settings: Settings) -> Iterator[Stripe]:
    """A server in Stripe's place."""
    told = Stripe()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.asked.append((parse_qs(body), dict(self.headers)))
            said: dict[str, Any] = {
                "id": "cs_test_1",
                "object": "checkout.session",
                "url": "https://checkout.stripe.com/c/pay/1",
            }
            if told.status != 200:
                said = {"error": {"message": "Invalid API Key provided", "type": "invalid_request_error"}}
            content = json.dumps(said).encode()
            self.send_response(told.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.STRIPE_API = told.base = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


def switch_on(office: Office) -> str:
    """The shop takes cards; returns the path that Stripe calls."""
    with enter(office.shop.scope()):
        who = {"actor": office.actor, "now": timezone.now()}
        with pytest.raises(Refused, match="both keys"):
            actions.set_up_cards(secret_key="sk_test_x", signing_secret="", is_on=True, **who)
        address = actions.new_hook_address(**who)
        actions.set_up_cards(secret_key="sk_test_x", signing_secret=SIGNING, is_on=True, **who)
    return urlsplit(address).path


def signed(event: dict[str, Any], secret: str = SIGNING, age: int = 0) -> tuple[bytes, str]:
    """A message and its Stripe-Signature, as Stripe's documents say that it is made."""
    payload = json.dumps(event).encode()
    at = int(time.time()) - age
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return payload, f"t={at},v1={digest}"


def tell(path: str, event: dict[str, Any], **given: Any) -> HttpResponse:
    payload, signature = signed(event, **given)
    answer: HttpResponse = Browser().post(
        path, payload, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return answer


def paid(checkout: Checkout, key: str = "evt_1", **given: Any) -> dict[str, Any]:
    session = {
        "id": "cs_test_1",
        "object": "checkout.session",
        "amount_total": 10800,
        "currency": "gbp",
        "payment_intent": "pi_1",
        "payment_status": "paid",
        "metadata": {"checkout": str(checkout.pk)},
    }
    data = {"object": session | given}
    return {
        "id": key,
        "object": "event",
        "type": "checkout.session.completed",
        "data": data,
        "created": int(time.time()),
    }


def refunded(cents: int, key: str) -> dict[str, Any]:
    charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount_refunded": cents, "currency": "gbp"}
    return {"id": key, "object": "event", "type": "charge.refunded", "data": {"object": charge}}


@pytest.mark.django_db(transaction=True)
def test_a_client_is_led_to_stripe_by_a_plain_link(world: World, office: Office, stripe: Stripe) -> None:
    invoice, contact = office.issued(world.north.one), world.north.portal(world.north.one.anna)
    path = f"/portal/invoices/{invoice.pk}/"
    assert "Pay by card" not in page(contact, path)
    assert "nothing to pay by card" in post(contact, f"{path}pay/")
    switch_on(office)
    assert "Pay by card" in page(contact, path)
    html = post(contact, f"{path}pay/")
    post(contact, f"{path}pay/")
    assert "is being made" in html
    assert run_queue(queue_name="checkouts", clock=timezone.now) == 1
    [(said, headers)] = stripe.asked
    assert said["line_items[0][price_data][unit_amount]"] == ["10800"]
    assert said["line_items[0][price_data][currency]"] == ["gbp"]
    with enter(world.north.scope()):
        row = Checkout.objects.get()
    assert (said["metadata[checkout]"], headers["Idempotency-Key"]) == ([str(row.pk)], f"checkout-{row.pk}")
    assert headers["Authorization"] == "Bearer sk_test_x"
    answer = contact.get(f"/portal/pay/{invoice.pk}/")
    assert b'href="https://checkout.stripe.com/c/pay/1"' in answer.content
    assert "form-action 'self';" in answer.headers["Content-Security-Policy"]  # a link is no form
    assert world.north.portal(world.north.two.anna).get(f"/portal/pay/{invoice.pk}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_stripe_refuses_and_nothing_is_promised(world: World, office: Office, stripe: Stripe) -> None:
    invoice, contact = office.issued(world.north.one), world.north.portal(world.north.one.anna)
    switch_on(office)
    stripe.status = 401
    post(contact, f"/portal/invoices/{invoice.pk}/pay/")
    run_queue(queue_name="checkouts", clock=timezone.now)
    with enter(world.north.scope()):
        row = Checkout.objects.get()
        assert (row.url, row.state, "Invalid API Key" in row.last_error) == ("", "queued", True)


@pytest.fixture
def checkout(world: World, office: Office) -> tuple[Checkout, Invoice, str]:
    invoice, path = office.issued(world.north.one), switch_on(office)
    with enter(world.north.scope()):
        row = actions.ask_for_checkout(invoice=invoice, actor=office.actor, now=timezone.now())
    return row, invoice, path


def test_a_signed_message_is_booked_once(world: World, checkout: tuple[Checkout, Invoice, str]) -> None:
    row, _invoice, path = checkout
    for key in ("evt_1", "evt_1", "evt_2"):  # sent again, and told again by another event
        assert tell(path, paid(row, key)).status_code == 200
    with enter(world.north.scope()):
        payment = Payment.objects.get()
        assert (payment.amount, payment.method, payment.external_id, payment.recorded_by) == (
            108,
            "card",
            "stripe:pi_1",
            "Stripe",
        )
        assert (Receivable.objects.get().owed, CardEvent.objects.count()) == (0, 2)
        assert sum(JournalLine.objects.filter(account="card").values_list("amount", flat=True)) == 108


def test_refunds_are_told_as_a_sum_and_booked_as_what_is_new(
    world: World, checkout: tuple[Checkout, Invoice, str]
) -> None:
    row, _invoice, path = checkout
    tell(path, paid(row))
    for cents, key in ((800, "r1"), (800, "r2"), (10800, "r3")):
        assert tell(path, refunded(cents, key)).status_code == 200
    with enter(world.north.scope()):
        assert list(Payment.objects.order_by("id").values_list("amount", flat=True)) == [108, -8, -100]
        assert Receivable.objects.get().owed == 108
        assert sum(JournalLine.objects.values_list("amount", flat=True)) == 0


@pytest.mark.parametrize("given", [{"secret": "whsec_other"}, {"age": 3600}])
def test_a_forged_or_stale_message_is_refused(
    world: World, checkout: tuple[Checkout, Invoice, str], given: dict[str, Any]
) -> None:
    row, _invoice, path = checkout
    assert tell(path, paid(row), **given).status_code == 400
    assert Browser().post(path, b"{}", content_type="application/json").status_code == 400
    assert tell(path.replace(path.split("/")[3], "1.2.3"), paid(row)).status_code == 404
    with enter(world.north.scope()):
        assert (Payment.objects.count(), CardEvent.objects.count()) == (0, 0)


def test_what_is_signed_and_not_ours_is_kept_and_books_nothing(
    world: World, checkout: tuple[Checkout, Invoice, str]
) -> None:
    row, _invoice, path = checkout
    odd = [
        paid(row, "e1", currency="eur"),
        paid(row, "e2", payment_status="unpaid"),
        paid(row, "e3", metadata={"checkout": "nonsense"}),
        paid(row, "e4", payment_intent=None),
        paid(row, "e5", amount_total=0),
        {"id": "e6", "object": "event", "type": "customer.created", "data": {"object": {"object": "customer"}}},
        refunded(100, "e7"),
    ]
    for event in odd:
        assert tell(path, event).status_code == 200
    with enter(world.north.scope()):
        assert (Payment.objects.count(), CardEvent.objects.count()) == (0, 7)


def test_keys_are_typed_once_and_never_shown(world: World) -> None:
    owner = world.north.browser("owner")
    wrong = owner.post("/settings/billing/cards/", {"secret_key": "pk_public", "signing_secret": "", "is_on": ""})
    assert wrong.status_code == 422
    html = page(owner, "/settings/billing/cards/")
    assert "Make the address" in html
    made = owner.post("/settings/billing/cards/address/").content.decode()
    assert "/hooks/stripe/" in made
    keys = {"secret_key": "sk_test_verysecret", "signing_secret": "whsec_verysecret", "is_on": "on"}
    assert "Saved." in post(owner, "/settings/billing/cards/", **keys)
    shown = page(owner, "/settings/billing/cards/")
    assert "verysecret" not in shown
    assert "/hooks/stripe/" not in shown
    assert world.north.browser("technician").get("/settings/billing/cards/").status_code == 403
