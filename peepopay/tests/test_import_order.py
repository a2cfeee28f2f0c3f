"""An app imports itself and apps to its left; `web` imports all; nobody imports `web`, nor `local`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDER = [
    "peepopay",
    "accounts",
    "notifications",
    "availability",
    "bookings",
    "ledger",
    "payments",
    "invoicing",
    "web",
    "local",
]


def modules() -> Iterator[Path]:
    """Everything that the product runs."""
    for app in ORDER:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "tests" not in path.relative_to(ROOT).parts:
                yield path


def imported(path: Path) -> Iterator[str]:
    """Dotted names of what a file imports, wherever in the file."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join([*base, *([node.module] if node.module else [])])


MODULES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in modules()]


@pytest.mark.parametrize("path", MODULES)
def test_a_module_imports_its_own_app_and_those_to_the_left(path: Path) -> None:
    mine = ORDER.index(path.relative_to(ROOT).parts[0])
    apps = {name.split(".")[0] for name in imported(path)} & set(ORDER)
    assert not [app for app in apps if ORDER.index(app) > mine]


def test_only_the_gateway_talks_to_stripe() -> None:
    importers = {path for path in modules() if any(name.split(".")[0] == "stripe" for name in imported(path))}
    assert importers - set((ROOT / "local").rglob("*.py")) == {ROOT / "payments" / "stripe_gateway.py"}
