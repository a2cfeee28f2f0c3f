"""`make run`: starts the product for a person, says where everything is, and stops it all on Ctrl-C."""

import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from local.paths import CHECKOUT
from local.ports import is_free, wait_until
from local.postgres import shared_folder
from local.processes import StartFailed, guard_holds
from local.stack import Stack
from local.welcome import welcome

FOLDER = CHECKOUT / ".data"
STOPPERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, kill, the terminal closes
GUARD_SECONDS = 12  # what a guard needs at most to clean up after a runner that was killed


def main() -> int:
    """Returns the exit code."""
    for number in STOPPERS:
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    try:
        given = dotenv(CHECKOUT / ".env") | os.environ
        port = web_port(given)
        take_folder(FOLDER)
        require_free_ports(port)
        stack = Stack(folder=FOLDER, given=given, web_port=port, disposable=False, tell=progress)
        stack.start()
    except (StartFailed, OSError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    stack.write_environment()
    print(welcome(stack, seconds=time.monotonic() - started), flush=True)
    return serve(stack)


def serve(stack: Stack) -> int:
    """Until Ctrl-C (0), or until one of the processes ends by itself (1)."""
    try:
        while all(process.alive for process in stack.processes.values()):
            time.sleep(0.5)
        report_ended(stack)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for number in STOPPERS:
            signal.signal(number, signal.SIG_IGN)
        progress("Stopping")
        stack.stop()


def report_ended(stack: Stack) -> None:
    for process in stack.processes.values():
        if not process.alive:
            print(
                f"\n{process.name} ended by itself (code {process.exit_code}). Its log, {process.log}, ends with:"
            )
            print(process.last_lines())


def dotenv(path: Path) -> dict[str, str]:
    """NAME=value lines; nothing if there is no such file. What the shell has set wins over it."""
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs if value.strip()}


def web_port(given: dict[str, str]) -> int:
    """Raises StartFailed."""
    chosen = given.get("PORT") or "8000"
    if not chosen.isdigit() or not 1 <= int(chosen) <= 65_533:
        raise StartFailed(
            f"PORT={chosen} is not a port: it needs a number up to 65533 (the next two are used too)."
        )
    return int(chosen)


def take_folder(folder: Path) -> None:
    """One runner per checkout. The guard shares the lock, so it is free only when everything has been stopped.

    Raises StartFailed when another one runs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "runner.pid", os.O_RDWR | os.O_CREAT, 0o644)
    if not wait_until(lambda: locks(lock), seconds=0 if runs(folder / "runner.pid") else GUARD_SECONDS):
        raise StartFailed(
            f"PeepoPay already runs from this folder (process {(folder / 'runner.pid').read_text()}). "
            "Stop it with Ctrl-C there first; two at once would share one database."
        )
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    guard_holds(lock)


def locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def runs(pid_file: Path) -> bool:
    text = pid_file.read_text()
    try:
        os.kill(int(text), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def require_free_ports(web: int) -> None:
    """Raises StartFailed."""
    for port in (web, web + 1, web + 2):
        if not is_free(port):
            raise StartFailed(
                f"Port {port} is taken by another program. Stop that one, or choose other ports: PORT=9000 make run "
                f"(PeepoPay uses three: {web}, {web + 1} and {web + 2})."
            )


def clean() -> int:
    """Removes what PostgreSQL keeps elsewhere; `make clean` removes the rest. Returns the exit code."""
    try:
        take_folder(FOLDER)
    except StartFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    shutil.rmtree(shared_folder(), ignore_errors=True)
    return 0


def progress(line: str) -> None:
    print(f"==> {line}", flush=True)
