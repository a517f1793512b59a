"""A shop's way of sending and looking, and its outbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from msp.accounts.models import ShopSettings
from msp.accounts.queries import settings_of_shop
from msp.accounts.requests import is_at_home
from msp.mail.choices import WRONG, MailState
from msp.mail.models import MailSettings, OutgoingMail, SignInMail
from msp.mail.rules import Look, Sender, Server, hex_of
from msp.tenancy.context import current_scope
from msp.tenancy.kept import kept
from msp.tenancy.models import current_tenant
from msp.tenancy.secretbox import unseal


@kept(MailSettings)
def mail_settings() -> MailSettings:
    """The current shop's mail settings; a shop that has set nothing yet reads as the defaults."""
    return MailSettings.objects.first() or MailSettings(tenant_id=current_scope().tenant_id)


def installation_server() -> Server | None:
    """The server that the installation offers to all shops, or None where nothing may leave."""
    if settings.MAIL_CAPTURE or not settings.MAIL_HOST:
        return None
    return Server(
        settings.MAIL_HOST, settings.MAIL_PORT, settings.MAIL_SECURITY, settings.MAIL_USER, settings.MAIL_PASSWORD
    )


def installation_sender() -> Sender:
    """For mail of no shop."""
    return Sender("Mainstay", settings.MAIL_FROM, "", installation_server())


def sender_of_shop(*, lets_in: bool = False) -> Sender:
    """In whose name and through what the current shop's mail goes. Raises SecretUnreadable.

    `lets_in`: the mail holds a way in, and so never goes through the shop's own server: whoever runs that could read it,
    make an account in the invited person's name and wait for another shop to invite them.
    """
    own, shop = mail_settings(), current_tenant()
    name, reply_to = own.from_name or shop.name, own.reply_to or settings_of_shop().email
    if lets_in or not own.own_server:
        return Sender(name, settings.MAIL_FROM, reply_to, installation_server())
    password = unseal(own.password_sealed, place=own.password_place) if own.password_sealed else ""
    server = Server(own.host, own.port, own.security, own.user, password, shop.pk)
    return Sender(name, own.from_address, reply_to, None if settings.MAIL_CAPTURE else server)


def look_of_shop() -> Look:
    """How the current shop looks in mail and on paper."""
    shop, tenant = settings_of_shop(), current_tenant()
    return Look(
        name=tenant.name,
        accent=hex_of(0.480, 0.125, shop.hue),  # static/app/css/tokens.css, --accent and --accent-soft
        soft=hex_of(0.962, 0.018, shop.hue),
        address=shop.address,
        phone=shop.phone,
        website=shop.website,
        reply_to=mail_settings().reply_to or shop.email,
        has_logo=bool(shop.logo_hash),
    )


def logo_of_shop() -> bytes:
    """The logo's bytes, empty without one."""
    found = ShopSettings.objects.values_list("logo", flat=True).first()
    return bytes(found) if found else b""


def outbox(*, state: str = "", words: str = "") -> QuerySet[OutgoingMail]:
    """The current shop's messages: of one state (or "wrong": those that need a person), with words in subject or address."""
    found = OutgoingMail.objects.defer("text", "html")
    if state:
        found = found.filter(state__in=WRONG) if state == "wrong" else found.filter(state=state)
    if words:
        found = found.filter(Q(subject__icontains=words) | Q(to__icontains=words) | Q(cc__icontains=words))
    return found


def sign_in_outbox() -> QuerySet[SignInMail]:
    """Mail of no shop that was kept instead of sent."""
    return SignInMail.objects.filter(state=MailState.CAPTURED)


def shows_secrets(request: HttpRequest) -> bool:
    """Whether codes and reset links may be read on a page: only in a demo, on its own machine."""
    return bool(settings.DEMO and is_at_home(request))


def wrong_mail() -> QuerySet[OutgoingMail, Any]:
    """Messages that need a person, to be counted."""
    return OutgoingMail.objects.filter(state__in=WRONG).values("pk")
