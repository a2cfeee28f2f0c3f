"""`manage.py` that stays: starting Django anew for every command takes seconds, and tests ask their stacks often.

The program (`python -m local.console`) reads a command's words as a line of JSON and answers with a line: whether it
failed, and what it said. `Console` is its other end.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping

from local.paths import CHECKOUT
from local.processes import StartFailed


class Console:
    """Started with the first command, and again should it have died. One command at a time."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)
        self._program: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def run(self, *words: str) -> str:
        """What `manage.py WORDS` said. Raises StartFailed with it."""
        with self._one_at_a_time:
            failed, said = self._ask(words)
        if failed:
            raise StartFailed(f"manage.py {' '.join(words)} failed:\n{said[-4000:]}")
        return said

    def _ask(self, words: tuple[str, ...]) -> tuple[bool, str]:
        if self._program is None or self._program.poll() is not None:
            self._program = subprocess.Popen(
                [sys.executable, "-m", "local.console"],
                env=self._env,
                cwd=CHECKOUT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(words) + "\n")
        self._program.stdin.flush()
        line = self._program.stdout.readline()
        if not line:
            return True, f"It ended with {self._program.wait()}."
        failed, said = json.loads(line)
        return failed, said

    def close(self) -> None:
        """It ends by itself once nobody can ask it any more."""
        if self._program is not None:
            with self._program:
                pass
            self._program = None


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints past a command is no answer
    import django

    django.setup()
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


def _answer(words: list[str]) -> tuple[bool, str]:
    from django.core.management import call_command
    from django.db import connections

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            call_command(*words)
            failed = False
        except SystemExit as end:
            failed = end.code not in (None, 0)
        except Exception:
            traceback.print_exc()
            failed = True
    for connection in connections.all(
        initialized_only=True
    ):  # PostgreSQL may have been restarted by the next command
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    return failed, said.getvalue()


if __name__ == "__main__":
    main()
