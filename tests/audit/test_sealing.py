from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections, transaction
from django.utils import timezone

from msp.accounts.rules import system_actor
from msp.audit.actions import record, seal_all, seal_shop, sealing
from msp.audit.models import Entry, Seal
from msp.audit.queries import Verdict, unsealed_entries, unsealed_eras, verify
from msp.audit.rules import chained, line_of
from msp.tenancy.context import enter
from tests.world import NOW, ShopWorld, World

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = system_actor("tests")


def act(shop: ShopWorld, number: int = 1) -> list[Entry]:
    with enter(shop.scope()):
        data = {"name": "Ünïcode", "was": {"b": 1.5, "a": None}, "now": [True, "x\ny"]}
        return [
            record(actor=ACTOR, verb="client.changed", subject=shop.one.client, now=NOW, data=data)
            for _ in range(number)
        ]


def sealed(shop: ShopWorld) -> Verdict:
    """The verdict once all entries are sealed: whoever else uses this cluster delays that until their transactions end."""
    until = time.monotonic() + 60
    while True:
        with enter(shop.scope()):
            seal_shop(now=NOW)
        with enter(shop.scope()):
            verdict = verify()
        if not verdict.unsealed or time.monotonic() > until:
            assert verdict.unsealed == 0
            return verdict
        time.sleep(0.1)


def tamper(statement: str, *values: Any) -> None:
    """As somebody who holds the owner role, because the app role may not."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def test_committed_entries_are_sealed_in_a_chain(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    act(world.north, 5)
    verdict = sealed(world.north)
    assert (verdict.seals, verdict.entries, verdict.problems) == (3, 5, [])
    act(world.north)
    verdict = sealed(world.north)
    assert (verdict.seals, verdict.entries, verdict.problems) == (4, 6, [])
    with enter(world.north.scope()):
        seals = list(Seal.objects.order_by("number"))
        assert [seal.entries for seal in seals] == [2, 2, 1, 1]
        assert [seal.previous for seal in seals] == ["0" * 64, *[seal.hash for seal in seals[:-1]]]
        assert verdict.head == seals[-1].hash
        assert seal_shop(now=NOW) == 0
    with enter(world.low.scope()):
        assert verify() == Verdict(0, 0, "0" * 64, [], 0, None)


def test_an_entry_whose_transaction_runs_is_not_sealed_and_not_lost(world: World) -> None:
    """The trap of sealing by time or key: a slow transaction commits below what was sealed already."""
    with connections["owner"].cursor() as slow, transaction.atomic(using="owner"):
        slow.execute("select pg_current_xact_id()")
        act(world.north)
        with enter(world.north.scope()):
            assert seal_shop(now=NOW) == 0
            assert verify().unsealed == 1
        slow.execute(
            "insert into audit_entry (id, tenant_id, at, verb, subject_kind, subject_id, actor_kind, actor_id, actor_name, data)"
            " select gen_random_uuid(), tenant_id, at, verb, subject_kind, subject_id, actor_kind, actor_id, actor_name, data"
            " from audit_entry"
        )
    verdict = sealed(world.north)
    assert (verdict.entries, verdict.problems) == (2, [])


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("update audit_entry set actor_name = 'Nobody' where id = %s", "are not what was sealed"),
        ("update audit_entry set data = '{}' where id = %s", "are not what was sealed"),
        ("delete from audit_entry where id = %s", "covers 3 entries, but there are 2"),
        ("update audit_entry set at = at + interval '1 microsecond' where id = %s", "are not what was sealed"),
        (
            "insert into audit_entry (id, tenant_id, at, verb, subject_kind, subject_id, actor_kind, actor_id, actor_name,"
            " data, era, transaction) select gen_random_uuid(), tenant_id, at, verb, subject_kind, subject_id, actor_kind,"
            " actor_id, 'Added later', data, era, transaction - 1 from audit_entry where id = %s",
            "covers 3 entries, but there are 4",
        ),
    ],
)
def test_the_verifier_finds_what_was_changed(world: World, statement: str, problem: str) -> None:
    entry = act(world.north, 3)[1]
    sealed(world.north)
    tamper(statement, entry.pk)
    with enter(world.north.scope()):
        assert problem in " ".join(verify().problems)


def test_the_verifier_finds_a_missing_and_a_rewritten_seal(world: World) -> None:
    for _ in range(3):
        act(world.north)
        sealed(world.north)
    tamper("delete from audit_seal where number = 2")
    with enter(world.north.scope()):
        problems = verify().problems
    assert problems[:2] == ["seal 2 is missing", "seal 3 does not stand on the one before it"]
    tamper("update audit_seal set hash = repeat('a', 64) where number = 1")
    with enter(world.north.scope()):
        assert any(problem.startswith("seal 1: entries from") for problem in verify().problems)


def test_the_app_may_neither_change_nor_remove_entries_and_seals(world: World) -> None:
    act(world.north)
    sealed(world.north)
    for table in ("audit_entry", "audit_seal"):
        for forbidden in (f"delete from {table}", f"update {table} set tenant_id = tenant_id", f"truncate {table}"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                enter(world.north.scope()),
                connection.cursor() as cursor,
            ):
                cursor.execute(forbidden)


def test_two_workers_at_once_make_one_chain(world: World) -> None:
    act(world.north, 3)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with enter(world.north.scope()):
            assert seal_shop(now=NOW) >= 0
        with connections["owner"].cursor() as other, transaction.atomic(using="owner"):
            other.execute("select pg_advisory_xact_lock(hashtextextended('audit.seal', %s))", [world.north.tenant.pk])
            with enter(world.north.scope()):
                assert seal_shop(now=NOW) == 0
        with enter(world.north.scope()):
            if verify().unsealed == 0:
                break
    assert sealed(world.north).problems == []


def test_entries_of_another_cluster_are_sealed_after_a_move(world: World) -> None:
    """Transaction numbers begin anew there, so a number alone would put new entries below sealed ones."""
    old = act(world.north, 2)
    tamper("update audit_entry set era = 7, transaction = transaction + 1000000000")
    act(world.north)
    with enter(world.north.scope()):
        assert len(unsealed_eras()) == 2
        assert {entry.pk for entry in unsealed_entries(7)} == {entry.pk for entry in old}
    verdict = sealed(world.north)
    assert (verdict.seals, verdict.entries, verdict.problems) == (2, 3, [])


def test_every_shop_is_sealed_and_one_failure_leaves_the_others_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    act(world.north), act(world.low)
    real: Callable[..., int] = sealing.seal_shop
    turns = iter([ValueError("a broken shop")])

    def first_fails(**given: Any) -> int:
        for error in turns:
            raise error
        return real(**given)

    until = time.monotonic() + 60
    while time.monotonic() < until and not Seal.unscoped.using("owner").exists():
        turns = iter([ValueError("a broken shop")])
        monkeypatch.setattr(sealing, "seal_shop", first_fails)
        seal_all(NOW)
    assert Seal.unscoped.using("owner").count() == 1


def test_the_command_tells_and_fails_on_a_broken_chain(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    entry = act(world.north)[0]
    head = sealed(world.north).head
    with enter(world.low.scope()):
        record(
            actor=ACTOR, verb="client.changed", subject=world.low.one.client, now=timezone.now() - timedelta(minutes=9)
        )
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert f"north: whole, 1 entries in 1 seals, head {head}" in said
    assert "low: whole, 0 entries" in said
    assert "not sealed yet: 1 entries, the oldest 54" in said
    call_command("verify_audit", shop="north")
    assert "low" not in capsys.readouterr().out
    tamper("update audit_entry set verb = 'client.created' where id = %s", entry.pk)
    with pytest.raises(CommandError, match="1 shops"):
        call_command("verify_audit")
    assert "north: BROKEN" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no shop nowhere"):
        call_command("verify_audit", shop="nowhere")


def test_a_line_is_the_same_for_the_same_values_and_the_chain_binds_order() -> None:
    assert line_of({"b": 1, "a": [None, "é"]}) == '{"a":[null,"é"],"b":1}' == line_of({"a": [None, "é"], "b": 1})
    assert chained("x", ["a", "b"]) != chained("x", ["b", "a"])
    assert chained("x", ["a", "b"]) != chained("x", ["a\nb", ""])
    assert chained("0" * 64, []) != "0" * 64
