"""Stops what a runner started when the runner is gone, however it went (also by kill -9).

The runner holds the write end of our stdin. It tells us `+PGID` for a process group that it started, `-PGID`
for one that it stopped, `tmp PATH` for a folder to remove. End of file means that the runner is gone. A pipe
works on every Unix and for whole groups; PR_SET_PDEATHSIG is Linux only and reaches one process, not a group.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress


def main() -> None:
    groups: list[int] = []
    folders: list[str] = []
    for line in sys.stdin:
        word = line.rstrip("\n")
        if word.startswith("+"):
            groups.append(int(word[1:]))
        elif word.startswith("-"):
            groups.remove(int(word[1:]))
        elif word.startswith("tmp "):
            folders.append(word[4:])
    stop_groups(groups[::-1])
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def stop_groups(groups: list[int], *, patience: float = 8.0) -> None:
    """Asks each group to end (latest first), and ends by force what is left after `patience` seconds."""
    for group in groups:
        send(group, signal.SIGTERM)
        send(group, signal.SIGINT)  # PostgreSQL's TERM waits for its clients; INT does not.
    deadline = time.monotonic() + patience
    while any(send(group, 0) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """True if the group still exists."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    main()
