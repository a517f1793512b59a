"""Foreign keys in what people send: every form of every page, with each key in it put in the place of another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import TenantModel
from msp.tenancy.walls import tenant_models
from tests.walls import actors
from tests.walls.actors import Actor
from tests.walls.forms import Data, Form
from tests.walls.plants import Place
from tests.walls.routes import all_routes
from tests.walls.walk import forms_seen
from tests.walls.writes import grounds_of, prints_of, trespasses, writes_so_far, written_since
from tests.world import World

COLUMNS = ("pk", "slug")  # what forms call a row by
FEWEST = {"owner": 30, "contact": 8}  # so that it can't silently become empty


@pytest.mark.parametrize("who", FEWEST)
def test_no_form_takes_anothers_key(world: World, places: list[Place], who: str) -> None:
    cast = [*actors.staff(world, places), *actors.people(world, places)]
    actor = next(each for each in cast if each.name == who)
    faults, swaps = [], 0
    before = prints_of(grounds_of(actor, places))
    for form in _once(list(forms_seen(all_routes(), actor, places))):
        for data, foreign in _swapped(form, actor, places):
            swaps += 1
            if fault := _send(actor, form, data, foreign, before):
                faults.append(f"{form.method} {form.action} with {foreign._meta.label} of another: {fault}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
    assert swaps >= FEWEST[who]


def _once(forms: list[Form]) -> list[Form]:
    """One form of each address: search boxes and menus stand on every page."""
    return list({(form.method, form.action, *sorted(form.data)): form for form in forms}.values())


def _swapped(form: Form, actor: Actor, places: list[Place]) -> Iterator[tuple[Data, TenantModel]]:
    """What the form would send with one key exchanged, or with keys that it never asked for, and a row that it then names."""
    mine = {_said(row, column): (model, column) for place in places if _is_own(actor, place)
            for model, row in place.rows.items() for column in COLUMNS if _said(row, column)}  # fmt: skip
    for name, values in form.data.items():
        for at, value in enumerate(values):
            if value not in mine:
                continue
            model, column = mine[value]
            for place in places:
                theirs = place.rows[model]
                if not _is_own(actor, place) and _said(theirs, column) not in mine:
                    swapped = [*values[:at], _said(theirs, column), *values[at + 1 :]]
                    yield form.data | {name: swapped}, theirs
    for place in [each for each in places if not _is_own(actor, each)]:
        yield form.data | _unasked(place), place.client.client


def _unasked(place: Place) -> Data:
    """What no form asks for: every key of a place, under the names that our models give keys."""
    keys = {model._meta.model_name or "": [str(row.pk)] for model, row in place.rows.items()}
    return keys | {f"{name}_id": key for name, key in keys.items()} | {"tenant_id": [str(place.shop.tenant.pk)]}


def _said(row: TenantModel, column: str) -> str:
    return str(getattr(row, column, None) or "")


def _is_own(actor: Actor, place: Place) -> bool:
    if actor.contact is not None:
        return place.client.client.pk == actor.contact.client_id
    return place.shop is actor.shop


def _send(actor: Actor, form: Form, data: Data, foreign: TenantModel, before: Any) -> str:
    """Send it, say what went wrong, and undo it."""
    try:
        with transaction.atomic():
            since = writes_so_far()
            ask = actor.browser.get if form.method == "GET" else actor.browser.post
            answer = ask(form.action, data)
            fault = _fault(actor, answer, foreign)
            if not fault and answer.status_code < 400:
                connection.check_constraints()
                touched = trespasses(before, since)
                fault = f"changed {touched}" if touched else _kept(actor, foreign, written_since(since))
            transaction.set_rollback(True)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return fault


def _fault(actor: Actor, answer: Any, foreign: TenantModel) -> str:
    if answer.status_code >= 500:
        return f"answered {answer.status_code}"
    text = f"{answer.headers} {answer.content.decode(errors='replace')}".lower()
    return next((f"shows {word}" for word in actor.foreign if word in text), "")


def _kept(actor: Actor, foreign: TenantModel, written: set[str]) -> str:
    """The table of the actor's own shop in which the foreign key now stands, of those that were written to."""
    assert actor.shop is not None
    if foreign.tenant_id == actor.shop.tenant.pk:
        return ""  # another client's row stands in its own shop's tables; the fingerprints have looked at those
    with enter(system_scope(actor.shop.tenant.pk)), connection.cursor() as cursor:
        for table in written.intersection(model._meta.db_table for model in tenant_models()):
            cursor.execute(f'select 1 from "{table}" t where t::text like %s limit 1', [f"%{foreign.pk}%"])
            if cursor.fetchone():
                return f"is now kept in {table}"
    return ""
