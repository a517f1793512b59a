"""Whose host a request came to, and one transaction and one scope for it.

Django's ATOMIC_REQUESTS covers only the view; template responses render and other middleware run outside it and would lose the
settings. So the transaction is opened here.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port, validate_host
from django.utils.module_loading import import_string

from .context import as_user, enter
from .models import Tenant
from .scope import Scope


class StreamsOutsideScope(RuntimeError):
    """A streaming body would run after the transaction has ended, and see no rows."""


class HostMiddleware:
    """Answers 400 on a host that is neither the installation's nor a shop's; `request.host_tenant` is the shop, or None.

    Links are built from the host, so a stranger's Host header must not reach a view. The installation's own names stand in
    ALLOWED_HOSTS; its "*" only makes Django hand the other names on to here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        domain, _port = split_domain_port(request.get_host())
        shop = None
        if not validate_host(domain, [name for name in settings.ALLOWED_HOSTS if name != "*"]):
            shop = Tenant.objects.filter(host=domain).first()
            if shop is None:
                raise DisallowedHost(f"{domain} is no host of this installation nor of a shop")
        request.host_tenant = shop  # type: ignore[attr-defined]
        return self.get_response(request)


class TenancyMiddleware:
    """Opens the scope that `settings.TENANCY_RESOLVER` finds for a signed-in person; nobody else gets one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.resolve: Callable[[HttpRequest], Scope | None] = import_string(settings.TENANCY_RESOLVER)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with as_user(request.user.pk):
            scope = self.resolve(request)
            if scope is None:
                return self._answer(request)
            with enter(scope, savepoint=False):
                return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        if response.streaming and not getattr(response, "reads_no_rows", False):
            raise StreamsOutsideScope(request.path)
        return response
