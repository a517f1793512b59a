"""The tree keeps the house rules, and each rule is shown to be awake by planting what it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from msp.celery import app
from msp.jobs.registry import JOB_KINDS, QUEUES
from msp.launch.paths import ROOT
from tests import conventions

RULES: list[Callable[[Path], list[str]]] = [
    conventions.unplaced,
    conventions.vague_names,
    conventions.over_budget,
    conventions.stray_writes,
    conventions.careless_tasks,
    conventions.unsafe_templates,
    conventions.machine_names,
]
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the apps and the settings that rules read."""
    for name in [*sorted({name.split(".")[0] for name in conventions.local_apps(ROOT)}), "templates"]:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "manage.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(path.read_text() + text if path.exists() else text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps(rule: Callable[[Path], list[str]]) -> None:
    assert rule(ROOT) == []


@pytest.mark.django_db(databases=["default", "owner", "timers"])
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_bell_that_is_rung_hangs() -> None:
    rung = conventions.rung_bells(ROOT)
    assert "jobs" in rung
    assert {name: where for name, where in rung.items() if name not in {*QUEUES, *JOB_KINDS}} == {}


def test_the_scheduler_rings_only_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


TASK = "from celery import shared_task\n\n\n{decorator}\ndef work({arguments}) -> None:\n    pass\n"
PLANTED = [
    (conventions.unplaced, "guests/apps.py", "", "guests stands in no layer of the apps' order"),
    (conventions.unplaced, "clients/extras.py", "", "clients.extras stands in no file role"),
    (conventions.vague_names, "clients/helpers.py", "", "clients/helpers.py: name it after what it holds"),
    (conventions.over_budget, "clients/rules.py", "x = 1\n" * 400, "lines: make it a package"),
    (conventions.over_budget, "clients/rules.py", "def f():\n" + "    x = 1\n" * 40, "f has 41 lines"),
    (conventions.over_budget, "clients/views.py", "def f():\n" + "    x = 1\n" * 20, "f has 21 lines"),
    (conventions.stray_writes, "clients/views.py", "client.save()\n", "writes outside actions: client.save()"),
    (conventions.stray_writes, "clients/queries.py", "rows.update(a=1)\n", "writes outside actions: rows.update()"),
    (
        conventions.careless_tasks,
        "clients/tasks.py",
        TASK.format(decorator="@shared_task", arguments="*, tenant_id, **later"),
        "work has no explicit name",
    ),
    (
        conventions.careless_tasks,
        "clients/tasks.py",
        TASK.format(decorator='@shared_task(name="clients.work")', arguments="tenant_id, **later"),
        "work takes positional arguments",
    ),
    (
        conventions.careless_tasks,
        "clients/tasks.py",
        TASK.format(decorator='@shared_task(name="clients.work")', arguments="*, client_id, **later"),
        "work does not take tenant_id first",
    ),
    (
        conventions.careless_tasks,
        "clients/tasks.py",
        TASK.format(decorator='@shared_task(name="clients.work")', arguments="*, tenant_id"),
        "work refuses unknown arguments",
    ),
    (conventions.unsafe_templates, "templates/a.html", '<a onclick="go()">', "an inline handler"),
    (conventions.unsafe_templates, "templates/a.html", '<a hx-on:click="go()">', "an inline handler"),
    (conventions.unsafe_templates, "templates/a.html", '<p style="color:red">', "an inline style"),
    (conventions.unsafe_templates, "templates/a.html", "<script>go()</script>", "a script without src"),
    (conventions.unsafe_templates, "templates/a.html", "<body hx-headers='{}'>", "hx-headers reaches no child"),
    (conventions.machine_names, "clients/rules.py", "DATA = '/" + "root/data'\n", "belongs to a machine"),
]


@pytest.mark.parametrize(
    ("rule", "name", "text", "complaint"), PLANTED, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_planted_violation_is_found(
    copy: Path, rule: Callable[[Path], list[str]], name: str, text: str, complaint: str
) -> None:
    plant(copy, name, text)
    assert [found for found in rule(copy) if complaint in found] != []


@pytest.mark.parametrize(
    ("name", "text", "contract"),
    [
        ("clients/rules.py", "from tickets import models\n", "apps point one way, and none imports the wiring"),
        ("clients/rules.py", "from clients import models\n", "files inside an app point one way"),
        ("clients/extras.py", "", "files inside an app point one way"),
        ("msp/launch/paths.py", "import django\n", "the launcher runs before Django does"),
        ("msp/urls.py", "from clients import models\n", "the wiring names apps by string only"),
        ("clients/rules.py", "from msp import urls\n", "apps point one way, and none imports the wiring"),
    ],
)
def test_a_planted_import_breaks_its_contract(copy: Path, name: str, text: str, contract: str) -> None:
    plant(copy, name, text)
    done = run(copy, PROGRAMS / "lint-imports", "--no-cache")
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_a_planted_bell_is_found(copy: Path) -> None:
    plant(copy, "clients/actions/extra.py", "ring('nobody')\nadd_job(kind='nothing')\n")
    assert {"nobody", "nothing"} <= set(conventions.rung_bells(copy))


def test_a_planted_model_without_a_wall_fails_the_checks(copy: Path) -> None:
    plant(copy, "clients/models/records.py", "\n\nclass Stray(models.Model):\n    name = models.TextField()\n")
    done = run(copy, sys.executable, "manage.py", "check")
    assert done.returncode == 1
    assert "clients.Stray is neither a TenantModel nor listed with a reason in GLOBAL_MODELS" in done.stderr


def run(root: Path, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False)
