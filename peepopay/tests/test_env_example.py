"""`.env.example` names every variable that the product reads, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

CHECKOUT = Path(settings.BASE_DIR)
READERS = [
    CHECKOUT / "peepopay" / "settings.py",
    CHECKOUT / "peepopay" / "programs.py",
    CHECKOUT / "peepopay" / "stored_files.py",
    *sorted((CHECKOUT / "deploy").glob("*.py")),
    *sorted((CHECKOUT / "local").glob("*.py")),
]
TEMPLATES = sorted((CHECKOUT / "deploy" / "traefik" / "dynamic").glob("*.yml"))
# Set by one program of ours for another, or by the system; nobody writes them into a .env.
NOT_FOR_PEOPLE = {
    "DJANGO_SETTINGS_MODULE",
    "PATH",
    "PEEPOPAY_PROGRAM",
    "PEEPOPAY_TEST_LOGS",
    "PYTEST_XDIST_WORKER",
    "PROXY_GATE",
    "ROOT_URLCONF",
    "UV_SYSTEM_CERTS",
    "WEB_SERVICE",
    "WIDGET_SERVER",
}


def variables_read(source: str) -> Iterator[str]:
    """Names in `env.str("NAME")`, `os.environ["NAME"]`, `os.environ.get("NAME")` and the like."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name
            case ast.Call(func=ast.Attribute(value=where), args=[ast.Constant(value=str(name)), *_]) if reads(
                where
            ):
                yield name
            case ast.Subscript(value=where, slice=ast.Constant(value=str(name))) if reads(where):
                yield name


def reads(node: ast.expr) -> bool:
    """`os.environ`, or `given`: the environment that a stack was given."""
    return ast.unparse(node) in {"os.environ", "given", "self.given", "stack.given"}


def test_every_variable_is_in_the_example_and_the_other_way_round() -> None:
    read = {name for path in READERS for name in variables_read(path.read_text())}
    read |= {name for path in TEMPLATES for name in re.findall(r'env "([A-Z_]+)"', path.read_text())}
    listed = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (CHECKOUT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(read - NOT_FOR_PEOPLE)


def test_the_reader_sees_every_way_to_read() -> None:
    source = """
env.str("A")
env.int("B", default=1)
os.environ["C"]
os.environ.get("D", "")
self.given["E"]
other["F"]
"""
    assert sorted(variables_read(source)) == ["A", "B", "C", "D", "E"]
