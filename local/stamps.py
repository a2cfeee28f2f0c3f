"""Has anything changed since the last time? Standard library only: it runs before anything is installed."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SKIPPED = {"node_modules", "dist", "__pycache__"}


class Stamp:
    """A file that holds the hash of its sources (files, or folders with all that is in them)."""

    def __init__(self, path: Path, sources: list[Path]) -> None:
        self.path = path
        self.sources = sources

    def fresh(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.digest()

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.digest())

    def digest(self) -> str:
        total = hashlib.sha256()
        for source in self.sources:
            for path in files_of(source):
                total.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
        return total.hexdigest()


def files_of(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    found = (path for path in sorted(source.rglob("*")) if path.is_file())
    return [path for path in found if not SKIPPED & set(path.relative_to(source).parts)]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One program at a time; the others wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
