"""What is started ends with the program that started it, however that one ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.ports import wait_until
from local.processes import Process, StartFailed

# Starts a child that has a child of its own and ignores the polite signals, then waits to be killed.
RUNNER = """
import sys, time
from pathlib import Path
from local.processes import Process, temporary_folder
folder = temporary_folder("guard-test")
stubborn = "trap '' TERM INT; sleep 60 & echo $! ready; wait"
process = Process(name="stubborn", argv=["sh", "-c", stubborn], log=folder / "log", ready_text="ready").start()
print(process.pid, process.output().split()[0], folder, flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    """A zombie is dead: where init does not collect it, it stays in the table."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_runner_that_is_killed(number: int) -> None:
    with subprocess.Popen([sys.executable, "-c", RUNNER], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        child, grandchild, folder = runner.stdout.readline().split()
        os.kill(runner.pid, number)
    gone = [
        lambda: not is_alive(int(child)),
        lambda: not is_alive(int(grandchild)),
        lambda: not Path(folder).exists(),
    ]
    assert wait_until(lambda: all(check() for check in gone), seconds=15)


def test_a_process_that_ends_at_once_shows_the_end_of_its_log(tmp_path: Path) -> None:
    broken = Process(
        name="broken", argv=["sh", "-c", "echo no such file; exit 3"], log=tmp_path / "log", ready_text="up"
    )
    with pytest.raises(StartFailed, match=r"broken ended with code 3(.|\n)*no such file"):
        broken.start()


def test_a_process_that_never_gets_ready_is_stopped(tmp_path: Path) -> None:
    slow = Process(
        name="slow", argv=["sleep", "60"], log=tmp_path / "log", ready_text="up", ready_seconds=0.2
    )
    with pytest.raises(StartFailed, match="not ready in time"):
        slow.start()
    assert not slow.alive


def test_ready_text_of_an_earlier_start_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("ready\n")
    process = Process(name="quiet", argv=["sleep", "60"], log=log, ready_text="ready", ready_seconds=0.2)
    with pytest.raises(StartFailed):
        process.start()


def test_restart_gives_a_new_process(tmp_path: Path) -> None:
    process = Process(
        name="shell", argv=["sh", "-c", "echo up; sleep 60"], log=tmp_path / "log", ready_text="up"
    ).start()
    first = process.pid
    assert process.restart().pid != first
    process.kill()
    assert not process.alive
