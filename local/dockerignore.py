"""Which files of a folder Docker would send to its builder: .dockerignore, where the last line that fits decides."""

from __future__ import annotations

import re
from pathlib import Path


class Ignored:
    def __init__(self, context: Path) -> None:
        self.context = context
        lines = (context / ".dockerignore").read_text().splitlines()
        self.rules = [
            (not line.startswith("!"), pattern(line.lstrip("!")))
            for line in map(str.strip, lines)
            if line and not line.startswith("#")
        ]

    def is_out(self, path: Path) -> bool:
        """Whether a file, or a folder and all that no later line brings back, stays away."""
        name = path.relative_to(self.context).as_posix()
        out = False
        for excludes, fits in self.rules:
            if fits.match(name):
                out = excludes
        return out

    def inside(self, folder: str, names: list[str]) -> list[str]:
        """For shutil.copytree."""
        return [name for name in names if self.is_out(Path(folder, name))]


def pattern(line: str) -> re.Pattern[str]:
    """It fits the path itself and everything below it."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = "".join(
        parts.get(piece, re.escape(piece)) for piece in re.split(r"(\*\*/|\*\*|\*|\?)", line.strip("/"))
    )
    return re.compile(f"{text}(?:/.*)?$")
