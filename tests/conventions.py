"""The house rules that no linter knows, as functions over a source tree: each returns what breaks its rule.

They take the root so that tests/test_conventions.py can plant a violation in a copy and see it found.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_VIEW = 20
# What a checkout holds besides the repository's own files.
NOT_SOURCE = {
    *(".venv", ".git", ".data", "__pycache__", "staticfiles", ".coverage"),
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"),
}
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "common", "service", "services", "manager", "misc"}
OUTSIDE_THE_ORDER = {"apps", "checks", "registry", "migrations", "management", "templatetags"}
VIEW_MODULES = {"views", "portal"}

# Besides actions: what may write, and why. Paths are prefixes.
WRITERS = {
    "msp/tenancy/": "keeps the walls themselves: its save() and managers are what everybody else's writes go through",
    "tests/": "tests make the rows they need",
}
WRITES = {
    "save",
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "update",
    "delete",
    "acreate",
    "asave",
    "adelete",
    "aupdate",
}
# Tasks over all shops, which have no tenant to begin with.
SWEEPS = {
    "jobs.run_queue": "claims a queue's rows of every shop, then enters each row's own",
    "jobs.sweep": "looks for due rows of every shop and rings",
    "jobs.clean": "deletes what has expired in tables of no shop",
    "audit.seal": "seals what is final in every shop, each in its own scope",
}


def python_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if not NOT_SOURCE.intersection(parts) and "migrations" not in parts:
            yield path


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def local_apps(root: Path) -> dict[str, Path]:
    """Dotted name → directory of every Django app in the tree."""
    found = [path.parent for pattern in ("*/apps.py", "msp/*/apps.py") for path in root.glob(pattern)]
    return {".".join(path.relative_to(root).parts): path for path in found}


def role_of(path: Path, root: Path) -> str:
    """The file role of a module: `actions` for tickets/actions.py and tickets/actions/appointments.py."""
    parts = path.relative_to(root).with_suffix("").parts
    inside = parts[2:] if parts[0] == "msp" else parts[1:]
    return inside[0] if inside else parts[-1]


# --- orders ---


def unplaced(root: Path) -> list[str]:
    """Apps and modules that stand in no order of pyproject.toml's import contracts."""
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    linter = settings["tool"]["importlinter"]
    layers = [contract for contract in linter["contracts"] if contract["type"] == "layers"]
    whole = [names_in(contract) for contract in layers if "containers" not in contract]
    roles = {container: contract for contract in layers for container in contract.get("containers", [])}
    found = []
    for app, directory in local_apps(root).items():
        if not all(app in names for names in whole):
            found.append(f"{app} stands in no layer of the apps' order")
        if app.split(".")[0] not in linter["root_packages"]:
            found.append(f"{app} is not among import-linter's root packages")
        if not any(app == name or app.startswith(f"{name}.") for name in settings["tool"]["mypy"]["files"]):
            found.append(f"{app} is not type checked")
        if app not in roles:
            found.append(f"{app} has no order of its files")
        else:
            placed = names_in(roles[app]) | set(roles[app]["exhaustive_ignores"])
            found += [f"{app}.{name} stands in no file role" for name in modules(directory) if name not in placed]
    return found


def names_in(contract: dict[str, Any]) -> set[str]:
    return {name.strip(" ()") for layer in contract["layers"] for name in re.split(r"[|:]", layer)}


def modules(directory: Path) -> list[str]:
    packages = [path.parent.name for path in directory.glob("*/__init__.py")]
    return sorted([path.stem for path in directory.glob("*.py") if path.stem != "__init__"] + packages)


def vague_names(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}: name it after what it holds"
        for path in python_files(root)
        if VAGUE_NAMES.intersection(path.relative_to(root).with_suffix("").parts)
    ]


# --- code ---


def over_budget(root: Path) -> list[str]:
    found = []
    for path in python_files(root):
        name, text = path.relative_to(root), path.read_text()
        lines = text.count("\n")
        if lines >= LONGEST_FILE:
            found.append(f"{name} has {lines} lines: make it a package of the same name")
        limit = LONGEST_VIEW if role_of(path, root) in VIEW_MODULES else LONGEST_FUNCTION
        for function in functions(ast.parse(text)):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > limit:
                found.append(f"{name}:{function.lineno} {function.name} has {length} lines, {limit} are enough")
    return found


def stray_writes(root: Path) -> list[str]:
    """Calls that write rows outside actions, where no audit entry and no transaction would be."""
    found = []
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        if any(name.startswith(prefix) for prefix in WRITERS) or role_of(path, root) in {"actions", "management"}:
            continue
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        found += [
            f"{name}:{call.lineno} writes outside actions: {ast.unparse(call.func)}()"
            for call in calls
            if writes_rows(call)
        ]
    return found


def writes_rows(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
        return False
    target = call.func.value
    if isinstance(target, ast.Call) and isinstance(target.func, ast.Name) and target.func.id == "super":
        return False  # a model's own save(), called by an action
    if call.func.attr == "save" and call.args:
        return False  # a picture's, into a file: a row is saved by keywords
    if call.func.attr == "update":  # a queryset takes only keywords, a dict or a hash something else
        return bool(call.keywords) and not call.args
    return True


def careless_tasks(root: Path) -> list[str]:
    """Celery tasks that are no good interface: no explicit name, positional arguments, no shop first."""
    found = []
    for path in python_files(root):
        if role_of(path, root) != "tasks" or path.relative_to(root).parts[0] == "tests":
            continue
        for function in functions(ast.parse(path.read_text())):
            decorator = task_decorator(function)
            if decorator is not None:
                complaints = complaints_about(function, decorator)
                found += [f"{path.relative_to(root)}:{function.lineno} {function.name} {text}" for text in complaints]
    return found


def task_decorator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(target).split(".")[-1] in {"shared_task", "task"}:
            return decorator
    return None


def complaints_about(function: ast.FunctionDef | ast.AsyncFunctionDef, decorator: ast.expr) -> Iterator[str]:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    names = {word.arg: word.value.value for word in keywords if isinstance(word.value, ast.Constant)}
    bound = names.get("bind") is True
    if "name" not in names:
        yield "has no explicit name"
    if len(function.args.args) > (1 if bound else 0):
        yield "takes positional arguments"
    if function.args.kwarg is None:
        yield "refuses unknown arguments, so an older worker fails on a newer call"
    first = next((argument.arg for argument in function.args.kwonlyargs), None)
    if first != "tenant_id" and names.get("name") not in SWEEPS:
        yield "does not take tenant_id first"


def rung_bells(root: Path) -> dict[str, str]:
    """Queue or kind of job that some code names → where. The names themselves are known to the running registry."""
    found = {}
    for path in python_files(root):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func).split(".")[-1]
            said = [*call.args[:1], *(word.value for word in call.keywords if word.arg in {"queue", "kind"})]
            if name in {"ring", "add_job"} and path.relative_to(root).parts[0] != "tests":
                where = f"{path.relative_to(root)}:{call.lineno}"
                found.update({str(word.value): where for word in said if isinstance(word, ast.Constant)})
    return found


# --- templates and texts ---

TEMPLATE_RULES = {
    r"\s(on[a-z]+|hx-on[^=\s]*)\s*=": "an inline handler: the content security policy drops it, use static/app/js",
    r"\sstyle\s*=": "an inline style: the content security policy drops it, use a class",
    r"<style[\s>]": "a style element: use static/app/css",
    r"<script(?![^>]*\ssrc=)[^>]*>": "a script without src: use static/app/js",
    r"\shx-headers\s*=": "hx-headers reaches no child in htmx 4, use hx-headers:inherited",
    r"[\"']\s*(javascript|js):": "a script in an attribute",
}
# Mail readers and the PDF renderer read no files of ours; no browser with our policy ever shows these.
TEMPLATES_APART = {"mail", "pdf"}
# Written apart, so that this file does not find itself.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(" + "|".join(["work/", "root/", "home/[a-z]", "opt/wh" + "eels"]) + ")")
REGISTRIES = re.compile("|".join([r"pypi\.or" + "g", r"pythonhosted\.or" + "g", r"registry\.npm" + "js"]))
TEXTS = {".py", ".html", ".txt", ".md", ".toml", ".yml", ".yaml", ".css", ".js", ".json", ".sh", ".lock", ".conf", ""}


def unsafe_templates(root: Path) -> list[str]:
    found = []
    for path in sorted((root / "templates").rglob("*.html")):
        if TEMPLATES_APART.intersection(path.relative_to(root).parts):
            continue
        text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
        for pattern, complaint in TEMPLATE_RULES.items():
            found += [
                f"{path.relative_to(root)}: {m.group().strip()!r} is {complaint}" for m in re.finditer(pattern, text)
            ]
    return found


def machine_names(root: Path) -> list[str]:
    """Paths of somebody's machine and hosts of package registries in the texts of the repository."""
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if NOT_SOURCE.intersection(name.parts) or path.suffix not in TEXTS or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        for pattern in (MACHINE_PATHS, REGISTRIES):
            found += [f"{name}: {match.group()!r} belongs to a machine" for match in pattern.finditer(text)]
    return found
