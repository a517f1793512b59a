"""The HTTP door: mail providers post messages as they are."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from msp.accounts.doors import public
from msp.mail.access import hook_or_404
from msp.mail.actions import Arrival, keep_arrival
from msp.mail.choices import InDoor


@csrf_exempt
@require_POST
@public("a mail provider has no session; the address carries the mailbox's secret")
def take_mail(request: HttpRequest, mail_token: str) -> HttpResponse:
    """Take one message (RFC 5322) as the body of a POST. 202 once it is committed; anything else: post it again."""
    token = hook_or_404(mail_token)
    raw = _body(request)
    if isinstance(raw, HttpResponse):
        return raw
    try:
        keep_arrival(
            tenant_id=token.tenant_id, mailbox_id=token.row_id, arrival=Arrival(InDoor.HTTP, raw), now=timezone.now()
        )
    except OSError:
        return _plain("It could not be kept. Post it again.", 503)
    return _plain("Kept.", 202)


def _body(request: HttpRequest) -> bytes | HttpResponse:
    """The message, or what is wrong with the request. Read in one go that is never longer than the limit."""
    if (request.content_type or "").startswith(
        ("multipart/form-data", "application/x-www-form-urlencoded", "application/json")
    ):
        return _plain("Post the message itself (message/rfc822), not a form around it.", 415)
    raw = request.read(settings.MAIL_IN_LIMIT + 1)
    if len(raw) > settings.MAIL_IN_LIMIT:
        return _plain(f"More than {settings.MAIL_IN_LIMIT} bytes.", 413)
    return raw if raw.strip() else _plain("There is no message in it.", 400)


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
