"""How django-allauth behaves here: nobody signs up, mails go the way of all mail, second factors are kept encrypted."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import unstash_login
from allauth.core import context as running
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from msp.tenancy.context import as_user
from msp.tenancy.ids import new_id
from msp.tenancy.models import Tenant
from msp.tenancy.secretbox import SecretUnreadable, seal, unseal

from .models import User
from .requests import memberships_of
from .rules import Letter
from .signals import letter_written

CODE_GOOD_FOR = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by e-mail; accounts arise from invitations and `create_shop` only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        # Not the running one: some notices are written after commit, when none runs.
        request: HttpRequest = self.request
        shop = _sender_of(request, email)
        site = SimpleNamespace(name=shop.name if shop else "Mainstay", domain=request.get_host())
        message = self.render_mail(
            template_prefix, email, {"request": request, "email": email, "current_site": site} | context
        )
        now = timezone.now()
        good_until = now + CODE_GOOD_FOR if "code" in context else None
        letter = Letter(f"sign-in:{new_id()}", None, email, message.subject, message.body, good_until)
        letter_written.send(sender=None, letter=letter, now=now)


def _sender_of(request: HttpRequest, email: str) -> Tenant | None:
    """The shop that the mail names: the one whose host the person is on, if it is theirs, else their first."""
    user = request.user if request.user.is_authenticated else User.objects.filter(email=email.lower()).first()
    if user is None:
        return None
    with as_user(user.pk):
        shops = [row.tenant for row in memberships_of(user)]
    here: Tenant | None = getattr(request, "host_tenant", None)
    return here if here in shops else next(iter(shops), None)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery seeds open for their own person only; passkeys are good on every host under the base."""

    def encrypt(self, text: str) -> str:
        return seal(text, place=("mfa.Authenticator", str(_whose_factor())))

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, place=("mfa.Authenticator", str(_whose_factor())))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": settings.BASE_HOST, "name": "Mainstay"}


def _whose_factor() -> UUID:
    """Who is signed in, or half-way through signing in: allauth does not pass it. Raises SecretUnreadable for nobody."""
    request: HttpRequest = running.request
    if isinstance(request.user, User):
        return request.user.pk
    login = unstash_login(request, peek=True)
    if login is None or login.user is None:
        raise SecretUnreadable("second factors are opened only while their owner signs in")
    return cast(UUID, login.user.pk)
