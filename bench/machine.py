"""On what was measured."""

import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import django
from django.db import connection

from bench.servers import CHECKOUT


def facts() -> dict[str, str]:
    """What a reader needs to compare the figures with their own, by name."""
    memory = int(_first(r"MemTotal: +(\d+)", "/proc/meminfo") or 0) / 1024**2
    return {
        "Date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Commit": _commit(),
        "CPU": _first(r"model name\s*: (.+)", "/proc/cpuinfo") or platform.machine(),
        "Cores": str(_cores()),
        "Memory": f"{memory:.1f} GiB",
        "Busy with other things at the start": f"{Path('/proc/loadavg').read_text().split()[0]} processes (load)",
        "Kernel": f"{platform.system()} {platform.release()}",
        "PostgreSQL": _postgres(),
        "Python": platform.python_version(),
        "Django": django.get_version(),
    }


def _first(pattern: str, path: str) -> str:
    found = re.search(pattern, Path(path).read_text())
    return found[1].strip() if found else ""


def _cores() -> int:
    return len(re.findall(r"^processor", Path("/proc/cpuinfo").read_text(), re.M))


def _commit() -> str:
    def git(*words: str) -> str:
        ran = subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, text=True, check=False)
        return ran.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":!docs")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" with changes" if changed else "")


def _postgres() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])
