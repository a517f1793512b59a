"""The mailboxes of a shop and what came in through them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from msp.mail.choices import INCOMING_OPEN, IncomingState, MailboxKind, MailboxState
from msp.mail.models import InboundAddress, InboundMessage, Mailbox, MailSettings
from msp.mail.rules.threads import without_addition
from msp.tenancy.kept import kept

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.|$)")  # how our own ids begin; see actions.queueing


def mailboxes() -> QuerySet[Mailbox]:
    """The current shop's, the main one first."""
    return Mailbox.objects.order_by("-is_main", "-is_active", "address", "pk")


def mailbox_for_answers(came_by: UUID | None = None) -> Mailbox | None:
    """Where answers to a mail of ours are to go: to the mailbox that the conversation came by, else the shop's main one."""
    theirs = Mailbox.objects.filter(is_active=True, pk=came_by).first() if came_by else None
    return theirs or main_mailbox()


@kept(Mailbox)
def main_mailbox() -> Mailbox | None:
    """The shop's main mailbox, or else its oldest, of those in use."""
    return Mailbox.objects.filter(is_active=True).order_by("-is_main", "created_at").first()


def mailbox_at(address: str) -> tuple[int, UUID] | None:
    """The shop and mailbox of an address of the SMTP door, over all shops; None when nobody's."""
    found = InboundAddress.objects.filter(address=without_addition(address)).first()
    return (found.tenant_id, found.mailbox_id) if found else None


def address_of(mailbox: Mailbox) -> str:
    """The address of the SMTP door that a forwarding mailbox was given, or ""."""
    found = InboundAddress.objects.filter(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk).first()
    return found.address if found else ""


def tray(*, state: str = "", words: str = "") -> QuerySet[InboundMessage]:
    """What came in: of one state (or "waiting": those that nobody has looked at yet), with words in subject or sender."""
    found = InboundMessage.objects.defer("raw", "text", "html").select_related("mailbox")
    if state:
        found = found.filter(state__in=INCOMING_OPEN) if state == "waiting" else found.filter(state=state)
    if words:
        named = Q(subject__icontains=words) | Q(from_address__icontains=words) | Q(from_name__icontains=words)
        found = found.filter(named | Q(envelope_from__icontains=words))
    return found


def own_addresses() -> frozenset[str]:
    """Every address that the current shop's own mail is from or comes to, in lower case."""
    found = set(Mailbox.objects.values_list("address", flat=True))
    found |= set(MailSettings.objects.values_list("from_address", flat=True))
    return frozenset(each.lower() for each in found if each)


def is_our_own(message: InboundMessage) -> bool:
    """Whether a message is one that we sent ourselves and that came back.

    Its id tells, and the installation's address, which nobody else writes from. A mailbox's own address does not: the form on a
    shop's website writes from it.
    """
    if message.from_address == settings.MAIL_FROM.lower():
        return True
    name, _at, host = message.message_id.strip("<>").rpartition("@")
    return host.lower() == settings.BASE_HOST.lower() and _UUID.match(name) is not None


def mailbox_health(now: datetime) -> list[dict[str, object]]:
    """For the system page: each mailbox, how it goes, and what came in by it within a day. Three queries."""
    found = list(mailboxes())
    by_mailbox = InboundMessage.objects.order_by().values_list("mailbox").annotate(number=Count("pk"))
    recent = dict(by_mailbox.filter(received_at__gt=now - timedelta(days=1))) if found else {}
    failed = dict(by_mailbox.filter(state=IncomingState.FAILED)) if found else {}
    return [
        {"mailbox": row, "recent": recent.get(row.pk, 0), "failed": failed.get(row.pk, 0), "fails": is_failing(row)}
        for row in found
    ]


def is_failing(mailbox: Mailbox) -> bool:
    """Whether somebody must look after it."""
    return mailbox.is_active and mailbox.kind == MailboxKind.IMAP and mailbox.state == MailboxState.FAILING


def failed_mail() -> QuerySet[InboundMessage, Any]:
    """Incoming messages that need a person, to be counted."""
    return InboundMessage.objects.filter(state=IncomingState.FAILED).values("pk")
