"""Who is told of what becomes of a promise: the person it was made to by mail, who must keep it in their bell."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Promise
from clients.registry import kind_of
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.mail.actions import queue_mail
from msp.mail.documents import render_mail
from msp.mail.models import OutgoingMail
from msp.notify.actions import notify


def tell_of_move(*, actor: Actor, now: datetime, promise: Promise, was: datetime, because: str) -> OutgoingMail | None:
    """Write to the contact, in their language and zone. None where nobody outside was promised anything, or has no address."""
    contact = promise.contact
    if contact is None or not promise.tells:
        return None
    zone = ZoneInfo(contact.site.zone if contact.site else promise.client.zone)
    context = {
        "promise": promise,
        "what": kind_of(promise.kind).portal_words,
        "was": was,
        "becomes": promise.promised_at,
        "because": because,
        "author": actor.name,
    }
    with timezone.override(zone):
        mail = render_mail("mail/promise_moved", context, contact.language)
    return queue_mail(
        actor=actor,
        purpose_key=f"promise:{promise.pk}:moved:{promise.round}",
        to=[contact.email],
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        client_id=promise.client_id,
        now=now,
    )


def tell_of_handover(*, actor: Actor, now: datetime, promise: Promise, owner: Membership) -> None:
    """Let a colleague know that a promise is theirs to keep now."""
    said = {"name": actor.name, "what": promise.words, "client": promise.client.name}
    notify(
        to=owner,
        now=now,
        words=lambda: _("%(name)s handed you a promise to %(client)s: %(what)s") % said,
        url=promise.get_absolute_url(),
        key=f"promise:{promise.pk}",
    )
