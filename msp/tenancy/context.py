"""The scope of the running transaction, told to Python and to Postgres together.

Postgres hears it by `set_config(…, true)`, which ends with the transaction: behind a pooler in transaction mode nothing
stays on the connection for the next shop.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction

from .kept import nothing_kept
from .scope import Audience, NoTenant, Scope

_scope: ContextVar[Scope | None] = ContextVar("tenancy_scope", default=None)

_SET = """select set_config('app.tenant_id', %s, true), set_config('app.audience', %s, true),
    set_config('app.client_id', %s, true), set_config('app.contact_id', %s, true), set_config('app.user_id', %s, true),
    set_config('app.is_owner', %s, true)"""


def scope_or_none() -> Scope | None:
    """The scope in force, or None outside any."""
    return _scope.get()


def current_scope() -> Scope:
    """The scope in force. Raises NoTenant outside `enter`."""
    scope = _scope.get()
    if scope is None:
        raise NoTenant("no shop is set: enter a scope before touching tenant data")
    return scope


def _tell_postgres(scope: Scope | None) -> None:
    values = (
        (
            scope.tenant_id,
            scope.audience,
            scope.client_id,
            scope.contact_id,
            scope.user_id,
            "yes" if scope.is_owner else None,
        )
        if scope
        else (None,) * 6
    )
    with connection.cursor() as cursor:
        cursor.execute(_SET, ["" if value is None else str(value) for value in values])


@contextmanager
def enter(scope: Scope, *, savepoint: bool = True) -> Iterator[Scope]:
    """Open a transaction (or savepoint) in which `scope` holds; the outer scope holds again afterwards.

    Without `savepoint` an open transaction is used as it is, and its settings stay until it ends.
    """
    outer, nested = _scope.get(), connection.in_atomic_block
    token = _scope.set(scope)
    try:
        with transaction.atomic(savepoint=savepoint), nothing_kept():
            _tell_postgres(scope)
            yield scope
            # A released savepoint keeps its settings, a rolled back one loses them: only the first needs putting back.
            if nested and savepoint and not connection.needs_rollback:
                _tell_postgres(outer)
    finally:
        _scope.reset(token)


@contextmanager
def as_user(user_id: UUID) -> Iterator[None]:
    """A transaction in which, before a shop is chosen, a person's own memberships can be read."""
    outer, nested = _scope.get(), connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.user_id', %s, true)", [str(user_id)])
        yield
        if nested and not connection.needs_rollback:
            _tell_postgres(outer)


def staff_scope(tenant_id: int) -> Scope:
    """Everything of one shop, as its staff see it."""
    return Scope(tenant_id, Audience.STAFF)


def system_scope(tenant_id: int) -> Scope:
    """Everything of one shop, for workers."""
    return Scope(tenant_id, Audience.SYSTEM)


@contextmanager
def on_behalf() -> Iterator[Scope]:
    """Run one action for a portal contact: the portal itself writes nothing.

    The audience becomes `system`, still narrowed to the contact's client in every table that has one.
    Raises NoTenant outside a scope, ValueError outside a portal scope.
    """
    scope = current_scope()
    if scope.audience is not Audience.PORTAL:
        raise ValueError("only a portal contact is acted for")
    with enter(replace(scope, audience=Audience.SYSTEM)) as widened:
        yield widened
