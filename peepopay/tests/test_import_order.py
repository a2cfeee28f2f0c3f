"""The import rule: accounts <- notifications <- availability <- bookings <- payments. CONTRIBUTING.md says why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["accounts", "notifications", "availability", "bookings", "payments"]
WIRING = {"urls.py", "wsgi.py", "testing.py"}  # these put the apps together
ENTRY_POINTS = {"api", "views", "webhooks", "tasks", "admin", "urls", "management", "apps"}


def modules() -> Iterator[tuple[str, Path]]:
    for app in ORDER:
        for path in sorted((ROOT / app).rglob("*.py")):
            inside = path.relative_to(ROOT / app).parts
            if not {"tests", "migrations", "demo_stripe"} & set(inside):
                yield app, path


def is_entry_point(parts: tuple[str, ...]) -> bool:
    return bool(ENTRY_POINTS & {part.removesuffix(".py") for part in parts})


def imported(path: Path) -> Iterator[str]:
    """Dotted names of the project's own modules that a file imports, wherever in the file."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def may_import_entry_point(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """The address map may; so may files of the same entry point (`bookings/api/views.py` and `answers.py`), and
    whoever enqueues a task."""
    return mine[-1] == "urls.py" or mine[:2] == theirs[:2] or "tasks" in theirs


CASES = [pytest.param(app, path, id=str(path.relative_to(ROOT))) for app, path in modules()]


@pytest.mark.parametrize(("app", "path"), CASES)
def test_a_module_imports_only_what_it_may(app: str, path: Path) -> None:
    mine = path.relative_to(ROOT).parts
    for name in imported(path):
        parts = tuple(name.split("."))
        if parts[0] not in ORDER:
            continue
        if is_entry_point(parts[1:]):
            assert may_import_entry_point(mine, parts), (
                f"{name} is an entry point; nobody but urls.py imports one"
            )
        if not is_entry_point(mine[1:]):
            assert ORDER.index(parts[0]) <= ORDER.index(app), f"{name} lies to the right of {app}"


@pytest.mark.parametrize("path", sorted((ROOT / "peepopay").glob("*.py")), ids=lambda path: path.name)
def test_shared_files_know_no_app(path: Path) -> None:
    if path.name in WIRING:
        return
    assert not [name for name in imported(path) if name.split(".")[0] in ORDER]


def test_only_the_gateway_talks_to_stripe() -> None:
    importers = {
        path.name for app, path in modules() if any(n.split(".")[0] == "stripe" for n in imported(path))
    }
    assert importers == {"stripe_gateway.py"}
