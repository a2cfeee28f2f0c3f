"""Child processes with a log file each, which never outlive the program that started them."""

import atexit
import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import guard
from local.ports import wait_until


class StartFailed(Exception):
    """A server did not come up. The text ends with the last lines of its log."""


@dataclass
class Process:
    """One server of the local stack. It is ready when its log has `ready_text` and `ready` is true.

    `user` only matters to root.
    """

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ready_text: str = ""
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 60  # for a machine that is busy with other things
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    user: str | None = None
    cwd: Path | None = None
    log_offset: int = 0
    child: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "Process":
        """Starts it and waits until it is ready. Raises StartFailed."""
        self.launch()
        return self.wait_ready()

    def launch(self) -> None:
        """Starts it without waiting."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.log_offset = log.tell()
            self.child = subprocess.Popen(
                self.argv,
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **as_user(self.user),
            )
        warden().watch(self)

    def wait_ready(self) -> "Process":
        """Raises StartFailed when it ends, or is not ready in time."""
        came_up = wait_until(lambda: not self.alive or self.is_ready(), seconds=self.ready_seconds)
        if self.alive and came_up:
            return self
        what = "was not ready in time" if self.alive else f"ended with code {self.exit_code}"
        self.kill()
        raise StartFailed(f"{self.name} {what}. Its log, {self.log}, ends with:\n{self.last_lines()}")

    def is_ready(self) -> bool:
        return self.ready_text in self.output() and (self.ready is None or self.ready())

    def output(self) -> str:
        """What it has logged since its last start."""
        with self.log.open("rb") as log:
            log.seek(self.log_offset)
            return log.read().decode(errors="replace")

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    @property
    def pid(self) -> int:
        assert self.child is not None, f"{self.name} has not been started"
        return self.child.pid

    @property
    def exit_code(self) -> int | None:
        return self.child.poll() if self.child else None

    def ask_to_stop(self) -> None:
        """Returns at once; `stop` then waits."""
        if self.child is not None and self.alive:
            self.child.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Lets it finish what it is doing; by force after `stop_seconds`."""
        if self.child is not None:
            self.ask_to_stop()
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(self.stop_seconds)
            self.kill()

    def kill(self) -> None:
        """kill -9 for it and all its children."""
        if self.child is not None:
            guard.send(self.child.pid, signal.SIGKILL)
            self.child.wait()
            warden().forget(self)
            self.child = None

    def freeze(self) -> None:
        """It stays, its ports stay open, and nothing answers: the worst way to fail."""
        guard.send(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        guard.send(self.pid, signal.SIGCONT)

    def restart(self) -> "Process":
        self.stop()
        return self.start()

    def last_lines(self, count: int = 20) -> str:
        return last_lines(self.log, count)


def last_lines(log: Path, count: int = 20) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-count:])


def as_user(name: str | None) -> dict[str, Any]:
    """What makes subprocess run something as that user, in their group only. None: as ourselves. `10001:10001`: as in
    a container, a user that the system knows by number only."""
    if name is None:
        return {}
    if ":" in name:
        user, group = map(int, name.split(":"))
        return {"user": user, "group": group, "extra_groups": []}
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


_held: list[int] = []


def guard_holds(descriptor: int) -> None:
    """Shares a locked file with the guard: free again when all that we started is gone. Before the first start."""
    _held.append(descriptor)


class Warden:
    """Our end of the pipe to `guard`, which cleans up after us."""

    def __init__(self) -> None:
        # -I -S: it needs the standard library only, and so starts in a few milliseconds.
        self.guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
            pass_fds=_held,
        )
        self.running: list[Process] = []
        atexit.register(self.close)

    def watch(self, process: Process) -> None:
        self.running.append(process)
        self.tell(f"+{process.pid}")

    def forget(self, process: Process) -> None:
        self.running.remove(process)
        self.tell(f"-{process.pid}")

    def tell(self, line: str) -> None:
        assert self.guard.stdin is not None
        self.guard.stdin.write(line + "\n")
        self.guard.stdin.flush()

    def close(self) -> None:
        """At the end of our program: stops what is left, latest first; the guard removes the folders."""
        for process in reversed(self.running.copy()):
            process.stop()
        assert self.guard.stdin is not None
        self.guard.stdin.close()
        self.guard.wait()


_wardens: dict[int, Warden] = {}


def warden() -> Warden:
    """The one of this very process: a fork must not talk to its parent's."""
    if os.getpid() not in _wardens:
        _wardens[os.getpid()] = Warden()
    return _wardens[os.getpid()]


def stop_all(processes: Sequence[Process]) -> None:
    """All at once, then waits for each."""
    for process in processes:
        process.ask_to_stop()
    for process in processes:
        process.stop()


def temporary_folder(purpose: str) -> Path:
    """A folder that is removed when this program ends, however it ends.

    Others may look in, because a server may run as another user.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"peepopay-{purpose}-"))
    folder.chmod(0o755)
    remove_at_end(folder)
    return folder


def remove_at_end(folder: Path) -> None:
    warden().tell(f"tmp {folder}")
