"""A shop's way of sending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from msp.accounts.actions.telling import change_of
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.mail.documents import render_mail
from msp.mail.models import MailSettings, OutgoingMail
from msp.mail.queries import mail_settings
from msp.tenancy.ids import new_id
from msp.tenancy.secretbox import seal

from .queueing import queue_mail

FIELDS = ("from_name", "reply_to", "own_server", "from_address", "host", "port", "security", "user")


def save_settings(*, actor: Actor, values: Mapping[str, Any], password: str, now: datetime) -> MailSettings:
    """Keep the current shop's mail settings; an empty `password` keeps the one there is. Unchanged values write nothing."""
    with transaction.atomic():
        row = mail_settings()
        before = {name: getattr(row, name) for name in FIELDS}
        changed = {name: values[name] for name in FIELDS if values[name] != before[name]}
        for name, value in changed.items():
            setattr(row, name, value)
        sealed = row.password_sealed
        if password:
            row.password_sealed = seal(password, place=row.password_place)
        if not row.own_server or not row.user:
            row.password_sealed = ""
        if changed or row.password_sealed != sealed:
            row.save()
            data = change_of(before, changed) | {"password_changed": row.password_sealed != sealed}
            record(actor=actor, verb="mail.settings_changed", subject=row, now=now, data=data)
    return row


def send_test(*, actor: Actor, to: str, language: str, now: datetime) -> OutgoingMail:
    """Send a message to see whether sending works."""
    rendered = render_mail("mail/test", {"name": actor.name}, language)
    with transaction.atomic():
        return queue_mail(
            actor=actor,
            purpose_key=f"test:{new_id()}",
            to=[to],
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            now=now,
        )
