"""`python -m peepopay.alive web|worker|beat|relay`: what the orchestrator asks a container now and then; 0 is well.

Web is asked over HTTP, as its proxy does. The others touch a file from the very loop that does their work, whatever
else is away: one whose file has grown old hangs, and is started anew. So a lost broker or database restarts nothing.
Standard library only: it must answer in a fraction of a second, inside the container's memory.
"""

from __future__ import annotations

import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

FILE = (
    "ALIVE_FILE"  # the variable by which a program is told where its file is; without it nothing is written
)
OLD_SECONDS = 60
TIMEOUT_SECONDS = 4


def file_of(name: str, scratch: Path) -> Path:
    return scratch / f"alive-{name}"


def touch() -> None:
    """This process has come round again. Cheap enough for every round."""
    if path := os.environ.get(FILE):
        Path(path).touch()


def problem_with_web() -> str:
    """Nothing if it is well."""
    site = urlsplit(os.environ.get("SITE_URL", ""))
    link = http.client.HTTPConnection(
        "127.0.0.1", int(os.environ.get("PORT") or "8000"), timeout=TIMEOUT_SECONDS
    )
    try:
        link.request("GET", "/health", headers={"Host": site.netloc} if site.netloc else {})
        status = link.getresponse().status
    except OSError as problem:
        return type(problem).__name__
    return "" if status == 200 else f"/health answers {status}"


def problem_with_loop(name: str, scratch: Path) -> str:
    """Nothing if it is well."""
    try:
        age = time.time() - file_of(name, scratch).stat().st_mtime
    except FileNotFoundError:
        return "has not begun"
    return f"silent for {age:.0f} s" if age > OLD_SECONDS else ""


def main(name: str, scratch: str = tempfile.gettempdir()) -> None:
    problem = problem_with_web() if name == "web" else problem_with_loop(name, Path(scratch))
    sys.exit(f"{name}: {problem}" if problem else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
