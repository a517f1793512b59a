"""Who hears of a query: the office in its bells and by mail, the person who asked by mail. Each once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.choices.care import QueryState
from billing.models import LineQuery, QueryMessage
from billing.queries.care import office
from msp.accounts.queries import settings_of_shop
from msp.accounts.rules import Actor
from msp.mail.actions import queue_mail
from msp.mail.documents import render_mail
from msp.notify.actions import notify
from msp.tenancy.models import current_tenant


def tell_office(*, query: LineQuery, message: QueryMessage | None, actor: Actor, now: datetime) -> None:
    """The bells of whoever checks invoices; words of the client go to the shop's own address as well."""
    said = {"client": query.client.name, "number": query.invoice.number, "line": query.line.description}
    for member in sorted(office(), key=lambda each: each.pk):
        notify(
            to=member,
            now=now,
            words=lambda: _news(query.state) % said,
            url=query.get_absolute_url(),
            key=f"line_query:{query.pk}",
            urgent=query.is_open,
        )
    shop = settings_of_shop()
    if message is None or not shop.email:
        return
    link = current_tenant().absolute_url(query.get_absolute_url())
    with timezone.override(ZoneInfo(shop.zone)):
        mail = render_mail("mail/line_queried", {"query": query, "message": message, "link": link}, shop.language)
    queue_mail(
        actor=actor, purpose_key=f"line_query:{message.pk}", to=[shop.email], subject=mail.subject, text=mail.text,
        html=mail.html, client_id=query.client_id, reply_to=query.contact.email, now=now, automatic=True,
    )  # fmt: skip


def _news(state: str) -> str:
    match state:
        case QueryState.WITHDRAWN:
            return _("%(client)s took back the query about “%(line)s” on %(number)s.")
        case QueryState.SETTLED:
            return _("%(client)s is content with your answer about “%(line)s” on %(number)s.")
    return _("%(client)s asks about “%(line)s” on %(number)s.")


def tell_client(*, query: LineQuery, message: QueryMessage, actor: Actor, now: datetime) -> None:
    """Our answer, to the person who asked last, in their language. Nobody is written to without an address."""
    contact = query.contact
    if not contact.email or contact.is_archived:
        return
    link = current_tenant().absolute_url(reverse("billing:portal-query", args=[query.pk]))
    zone = ZoneInfo(contact.site.zone if contact.site else query.client.zone)
    with timezone.override(zone):
        mail = render_mail("mail/line_answered", {"query": query, "message": message, "link": link}, contact.language)
    queue_mail(
        actor=actor, purpose_key=f"line_query:{message.pk}", to=[contact.email], subject=mail.subject,
        text=mail.text, html=mail.html, client_id=query.client_id, now=now,
    )  # fmt: skip
