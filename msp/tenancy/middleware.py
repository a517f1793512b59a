"""One transaction and one scope per request.

Django's ATOMIC_REQUESTS covers only the view; template responses render and other middleware run outside it and would lose the
settings. So the transaction is opened here.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from .context import as_user, enter
from .scope import Scope


class StreamsOutsideScope(RuntimeError):
    """A streaming body would run after the transaction has ended, and see no rows."""


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
