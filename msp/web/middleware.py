"""What every response carries: security headers, and what htmx needs to hear."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from msp.accounts.queries import shop_settings
from msp.accounts.registry import PortalIdentity

from .errors import error_page

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Constant, without nonces: no page has an inline script or style. A response that shows strangers' HTML or a PDF
# (mail, documents) sets a stricter, sandboxing policy itself; frame-src lets our pages show it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self)",
}
UNDO = "undo="


class SecurityHeaders:
    """Adds the policy and its companions to every response that did not set its own.

    A browser applies form-action to the redirect that follows a post, too. So the sign-in pages name the configured
    providers (settings.SIGN_IN_ORIGINS), and a view whose form leads elsewhere sets `request.form_action = (origin, …)`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(targets=" ".join(self._targets(request))))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _targets(self, request: HttpRequest) -> list[str]:
        signs_in = request.path.startswith(reverse("account_login").removesuffix("login/"))
        providers = settings.SIGN_IN_ORIGINS if signs_in else ()
        return ["'self'", *providers, *getattr(request, "form_action", ())]


class Reader:
    """Speaks the signed-in person's language; tells staff times in the shop's zone, and contacts in their site's or client's.

    Stands inside the tenancy middleware.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        member: Any = request
        if not hasattr(request, "membership"):
            return self.get_response(request)
        identity: PortalIdentity | None = getattr(request, "identity", None)
        zone = identity.zone if identity else shop_settings(member).zone
        with translation.override(member.user.language), timezone.override(zone):
            return self.get_response(request)


class Htmx:
    """Turns what a plain view says into what htmx understands, so that views know one way only.

    A redirect becomes a change of page; messages become toasts; an error keeps the page as it is.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
        if response.status_code == 405 and not getattr(response, "content", b"-"):
            allowed = response.headers.get("Allow", "")
            response = error_page(request, 405)
            response.headers["Allow"] = allowed
        if request.headers.get("HX-Request"):
            self._translate(request, response)
        return response

    def _translate(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if response.status_code in (301, 302, 303):
            response.headers["HX-Redirect"] = _page_after_sign_in(request, response.headers["Location"])
            del response.headers["Location"]
            response.status_code = 200  # messages stay for the page that follows
            return
        if response.status_code >= 400 and response.status_code not in (409, 422):
            response.headers.setdefault("HX-Reswap", "none")
        if toasts := [toast(message) for message in get_messages(request)]:
            said = json.loads(response.headers.get("HX-Trigger", "{}"))
            response.headers["HX-Trigger"] = json.dumps({"toast": toasts} | said)


def toast(message: Message) -> dict[str, str | bool]:
    """What static/app/js/toast.js shows for a message; extra_tags="undo=<url>" gives it an Undo button."""
    said: dict[str, str | bool] = {"text": str(message.message), "error": message.level_tag == "error"}
    undo = next((tag for tag in (message.extra_tags or "").split() if tag.startswith(UNDO)), "")
    return said | ({"undo": undo.removeprefix(UNDO)} if undo else {})


def _page_after_sign_in(request: HttpRequest, location: str) -> str:
    """A fragment's redirect to the sign-in page should come back to the page, not to the fragment."""
    if not location.startswith(reverse("account_login")):
        return location
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    return redirect_to_login(page.path + (f"?{page.query}" if page.query else "")).url
