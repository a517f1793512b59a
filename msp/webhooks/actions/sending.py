"""How deliveries are worked: one request each, outside any transaction, to the address that was judged and no other.

A worker that dies after the receiver took it and before that is written down sends it again: at least once, with the same webhook-id.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from msp.accounts.rules import system_actor
from msp.audit.actions import record
from msp.jobs.actions.outbound import NotAllowed
from msp.jobs.actions.posting import post
from msp.jobs.rules import Ended, Failed, Handler, Later
from msp.jobs.rules import Outcome as Settled
from msp.webhooks.choices import DeliveryState
from msp.webhooks.models import Delivery, Endpoint
from msp.webhooks.queries import secrets_of
from msp.webhooks.rules import GONE, KEPT_BYTES, PATIENCE, Outcome, Parcel, is_hopeless, signed_headers
from msp.webhooks.signals import endpoint_gave_up

SENDER = system_actor("Mainstay")
ERROR_LENGTH = 300
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Mainstay-Webhooks/1", "Connection": "close"}
_TRIED = ("tried_at", "status", "answer", "milliseconds")
_ENDPOINT = ("failures", "failing_since", "last_error", "delivered_at", "rests_until", "paused_at", "paused_because")


class SendDelivery(Handler[Delivery, Parcel, Outcome]):
    """Sends a delivery. The row's lock comes before its endpoint's, everywhere."""

    def prepare(self, row: Delivery, now: datetime) -> Parcel | Settled:
        endpoint = _hold(row)
        if endpoint.is_paused:
            return Ended(DeliveryState.HELD)
        if endpoint.rests_until and endpoint.rests_until > now:
            if endpoint.failures:  # counts as a try: nothing waits for a dead endpoint for ever
                return Failed(_("The endpoint is failing: %(error)s") % {"error": endpoint.last_error})
            return Later(endpoint.rests_until, _("The endpoint is slow; others go first."))
        if endpoint.failures:
            # While it fails, one delivery at a time finds out whether it still does, and no second worker waits for it.
            endpoint.rests_until = now + timedelta(seconds=PATIENCE)
            endpoint.save(update_fields=["rests_until"])
        return Parcel(endpoint.url, row.event_id, row.body, secrets_of(endpoint, now), now)

    def work(self, prepared: Parcel) -> Outcome:
        return send(prepared)

    def finish(self, row: Delivery, result: Outcome, now: datetime) -> Settled:
        endpoint = _hold(row)
        row.tried_at, row.status, row.answer = now, result.status, result.answer
        row.milliseconds = result.milliseconds
        row.save(update_fields=_TRIED)
        _note(endpoint, result, now)
        endpoint.save(update_fields=_ENDPOINT)
        return Failed(result.error, result.for_good) if result.error else Ended(DeliveryState.DELIVERED)


def send(parcel: Parcel) -> Outcome:
    """Post a signed delivery. Whatever goes wrong is an outcome: its words stand on the endpoint's page."""
    began, status, content = time.monotonic(), None, b""
    try:
        answer = post(
            parcel.url,
            parcel.body.encode(),
            _HEADERS | signed_headers(parcel),
            timeout=PATIENCE,
            limit=KEPT_BYTES,
            anywhere=settings.WEBHOOK_PRIVATE_HOSTS,
        )
        status, content, error = answer.status, answer.content, _verdict(answer.status)
    except NotAllowed as why:
        return Outcome(None, "", _milliseconds(began), str(why), for_good=True)
    except TimeoutError:
        error = _("No answer within %(seconds)d seconds.") % {"seconds": PATIENCE}
    except (OSError, http.client.HTTPException, ValueError) as why:
        error = _in_words(why)
    text = content.decode(errors="replace").replace("\x00", "")
    return Outcome(status, text, _milliseconds(began), error[:ERROR_LENGTH].replace("\x00", ""))


def _in_words(why: Exception) -> str:
    """What went wrong on the way, for who keeps the shop's programs; a rare kind says what the library says."""
    if isinstance(why, socket.gaierror):
        return _("The name of its server could not be found.")
    if isinstance(why, ssl.SSLCertVerificationError):
        return _("Its certificate cannot be trusted: %(reason)s.") % {"reason": why.verify_message}
    if isinstance(why, ConnectionRefusedError):
        return _("Nothing listens at that address.")
    return f"{type(why).__name__}: {why}"


def _verdict(status: int) -> str:
    if status // 100 == 2:
        return ""
    if status // 100 == 3:
        return _("It answered %(status)d: redirects are not followed.") % {"status": status}
    return _("It answered %(status)d.") % {"status": status}


def _hold(row: Delivery) -> Endpoint:
    # Without the key: an act that writes a delivery for it need not wait.
    return Endpoint.objects.select_for_update(no_key=True).get(pk=row.endpoint_id)


def _note(endpoint: Endpoint, result: Outcome, now: datetime) -> None:
    """Set what the endpoint shows of a try; unsaved. A hopeless one is paused, and the people who may mend it hear of it."""
    endpoint.rests_until = now + result.rests if result.rests else None
    if not result.error:
        endpoint.failures, endpoint.failing_since, endpoint.last_error, endpoint.delivered_at = 0, None, "", now
        return
    endpoint.failures, endpoint.last_error = endpoint.failures + 1, result.error
    endpoint.failing_since = endpoint.failing_since or now
    gone = result.status == GONE
    if not endpoint.is_paused and (gone or is_hopeless(endpoint.failing_since, endpoint.failures, now)):
        _give_up(endpoint, gone=gone, now=now)


def _give_up(endpoint: Endpoint, *, gone: bool, now: datetime) -> None:
    because = _("It said that it wants no more (410).") if gone else _("Nothing got through for three days.")
    endpoint.paused_at, endpoint.paused_because = now, because
    data = {"name": endpoint.name, "because": because}
    record(actor=SENDER, verb="webhook.gave_up", subject=endpoint, now=now, data=data)
    endpoint_gave_up.send(sender=Endpoint, endpoint=endpoint, now=now)


def _milliseconds(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
