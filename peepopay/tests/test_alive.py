"""What a container's health check sees of each program."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from local.ports import free_port
from local.stack import Stack
from peepopay import alive


def ask(name: str, *scratch: str, **environment: str) -> tuple[int, str]:
    """As the orchestrator does: exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "peepopay.alive", name, *scratch],
        env=os.environ | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr.strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["worker", "beat", "relay"])
def test_a_program_that_goes_round_is_well(unlimited_stack: Stack, name: str) -> None:
    assert ask(name, str(unlimited_stack.folder)) == (0, "")


@pytest.mark.slow
def test_web_is_asked_as_its_proxy_asks(unlimited_stack: Stack) -> None:
    assert ask("web", PORT=str(unlimited_stack.web_port), SITE_URL="http://localhost") == (0, "")


def test_a_web_server_that_is_not_there_is_not_well() -> None:
    assert ask("web", PORT=str(free_port())) == (1, "web: ConnectionRefusedError")


def test_a_program_that_fell_silent_is_not_well(tmp_path: Path) -> None:
    file = alive.file_of("relay", tmp_path)
    file.touch()
    long_ago = time.time() - alive.OLD_SECONDS - 10
    os.utime(file, (long_ago, long_ago))
    code, told = ask("relay", str(tmp_path))
    assert (code, told.partition(" for ")[0]) == (1, "relay: silent")


def test_a_program_that_never_began_is_not_well(tmp_path: Path) -> None:
    assert ask("beat", str(tmp_path)) == (1, "beat: has not begun")
