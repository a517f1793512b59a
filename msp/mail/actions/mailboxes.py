"""A shop's mailboxes: set up, changed, tried."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.jobs.actions import ring
from msp.mail.choices import MailboxKind, MailboxState
from msp.mail.models import InboundAddress, Mailbox, MailboxPoll
from msp.mail.rules.threads import without_addition
from msp.tenancy.context import current_scope
from msp.tenancy.models import current_tenant
from msp.tenancy.secretbox import seal
from msp.tenancy.tokens import Token

FIELDS = (
    *("address", "is_active", "is_main", "plus_works", "acknowledges", "trusted_server", "believes_staff"),
    *("host", "port", "security", "user", "sign_in", "token_url", "oauth_client", "oauth_scope", "folder"),
    *("takes_old", "after", "move_to"),
)
# What makes it another folder, in which we have no place yet.
_PLACE = ("host", "user", "folder")


def add_mailbox(
    *, actor: Actor, kind: MailboxKind, values: Mapping[str, Any], sealed: Mapping[str, str], now: datetime
) -> Mailbox:
    """Set a mailbox up. `sealed` are its secrets in clear, kept encrypted; the shop's first mailbox is its main one."""
    with transaction.atomic():
        mailbox = Mailbox(kind=kind, created_at=now)
        mailbox.is_main = not Mailbox.objects.exists()
        _fill(mailbox, values, sealed)
        mailbox.save(force_insert=True)
        if kind == MailboxKind.FORWARD:
            _give_address(mailbox)
        _arm(mailbox, now)
        record(actor=actor, verb="mailbox.added", subject=mailbox, now=now, data={"address": mailbox.address})
    return mailbox


def change_mailbox(
    *, actor: Actor, mailbox: Mailbox, values: Mapping[str, Any], sealed: Mapping[str, str], now: datetime
) -> Mailbox:
    """Change a mailbox; a secret that is not in `sealed` stays. Another server, user or folder is begun anew."""
    with transaction.atomic():
        mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        before = [getattr(mailbox, name) for name in _PLACE]
        _fill(mailbox, values, sealed)
        if before != [getattr(mailbox, name) for name in _PLACE]:
            mailbox.uid_validity, mailbox.last_uid, mailbox.old_up_to, mailbox.begun_at = None, 0, 0, None
        if mailbox.kind == MailboxKind.IMAP:
            mailbox.state, mailbox.last_error, mailbox.failing_since = MailboxState.NEW, "", None
            mailbox.access_until = None
        mailbox.save()
        _arm(mailbox, now)
        record(actor=actor, verb="mailbox.changed", subject=mailbox, now=now, data={"address": mailbox.address})
    return mailbox


def try_mailbox(*, actor: Actor, mailbox: Mailbox, now: datetime) -> None:
    """Look into a fetched mailbox now instead of at its turn. The page shows what came of it."""
    with transaction.atomic():
        MailboxPoll.objects.filter(mailbox=mailbox).update(due_at=now)
        Mailbox.objects.filter(pk=mailbox.pk).update(state=MailboxState.NEW, last_error="")
        record(actor=actor, verb="mailbox.tried", subject=mailbox, now=now, data={"address": mailbox.address})
        ring("mail_poll")


def renew_hook(*, actor: Actor, mailbox: Mailbox, now: datetime) -> Token:
    """A fresh secret for the address that a provider posts to; the old one ends. It can be read this once only."""
    with transaction.atomic():
        mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        token = Token.new(mailbox.tenant_id, mailbox.pk)
        mailbox.secret_hash = token.hash
        mailbox.save(update_fields=["secret_hash"])
        record(actor=actor, verb="mailbox.hook_renewed", subject=mailbox, now=now, data={"address": mailbox.address})
    return token


def _fill(mailbox: Mailbox, values: Mapping[str, Any], sealed: Mapping[str, str]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(mailbox, name, values[name])
    if mailbox.tenant_id is None:
        mailbox.tenant_id = current_scope().tenant_id
    for name, plain in sealed.items():
        setattr(mailbox, f"{name}_sealed", seal(plain, place=mailbox.place_of(name)))
    if mailbox.is_main:
        Mailbox.objects.exclude(pk=mailbox.pk).filter(is_main=True).update(is_main=False)


def _give_address(mailbox: Mailbox) -> InboundAddress:
    """An address of our own SMTP door, which tells nothing but the shop's short name."""
    shop = current_tenant()
    local = f"{slugify(shop.slug)[:30]}-{secrets.token_hex(5)}"
    return InboundAddress.objects.create(
        address=without_addition(f"{local}@{settings.MAIL_IN_DOMAIN}"),
        tenant_id=mailbox.tenant_id,
        mailbox_id=mailbox.pk,
    )


def _arm(mailbox: Mailbox, now: datetime) -> None:
    """A fetched mailbox has one row that says when it is looked into; no other has."""
    polls = MailboxPoll.objects.filter(mailbox=mailbox)
    if mailbox.kind != MailboxKind.IMAP:
        return
    if not polls.update(due_at=now):
        MailboxPoll.objects.create(mailbox=mailbox, due_at=now)
    ring("mail_poll")
