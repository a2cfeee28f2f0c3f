"""The seconds between being told to stop and stopping."""

import subprocess
import sys
import time

SERVER = """
import os, signal, sys, time
from peepopay import leaving

leaving.leave_before(lambda number, frame: sys.exit(number), seconds=1)
os.kill(os.getpid(), signal.SIGTERM)
assert leaving.is_leaving()
print("still here", flush=True)
time.sleep(60)
"""


def test_a_server_goes_on_for_the_seconds_it_has_and_then_stops() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", SERVER], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout, done.stderr) == (15, "still here\n", "")
    assert time.monotonic() - began >= 1
