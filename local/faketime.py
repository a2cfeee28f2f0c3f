"""A wrong clock for one program, by Debian's libfaketime; for tests."""

from pathlib import Path

PLACES = ("/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime")


def library() -> Path | None:
    found = (Path(place) / "libfaketimeMT.so.1" for place in PLACES)
    return next((path for path in found if path.exists()), None)


def why_missing() -> str | None:
    """None if a program's clock can be set here, else a sentence."""
    return None if library() else "libfaketime is not installed: apt-get install libfaketime"


def environment(minutes: int) -> dict[str, str]:
    """Makes a program believe that it is so much later. What it waits for takes as long as ever."""
    return {
        "LD_PRELOAD": str(library()),
        "FAKETIME": f"{minutes:+d}m",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",  # the times of its files stay true
    }
