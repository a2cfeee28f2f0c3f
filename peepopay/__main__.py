"""`python -m peepopay web|worker|beat|relay|migrate|check`: what a container of the image runs.

With a bad configuration nothing starts: what is wrong is told in sentences that name the variable, with an example.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from . import programs

PROJECT = Path(__file__).resolve().parent.parent
SCRATCH = Path(tempfile.gettempdir())  # the one folder that a container may write into
BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits.h


def main(words: list[str]) -> None:
    """Becomes the program, or ends with a sentence."""
    name, *more = words or [""]
    if name not in programs.PROGRAMS:
        sys.exit(
            f"python -m peepopay {'|'.join(programs.PROGRAMS)}: there is no {name or 'program without a name'}."
        )
    program = programs.PROGRAMS[name](os.environ, SCRATCH)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "peepopay.settings", **program.environment}
    if found := list(problems()):
        sys.stderr.write("\n- ".join([f"{name} can't start like this:", *found]) + "\n")
        sys.exit(BAD_CONFIGURATION)
    os.chdir(PROJECT)
    os.execv(sys.executable, [*program.argv, *more])  # noqa: S606


def problems() -> Iterator[str]:
    """Without the apps, so that a program which loads none stays small while it is looked at."""
    from django.core import checks

    try:
        from . import checks as ours
        from . import message_checks  # noqa: F401  (registers its own)

        found = checks.run_checks(tags=[ours.CONFIGURATION], include_deployment_checks=True)
    except ImproperlyConfigured as problem:
        yield from str(problem).splitlines()
        return
    # Django runs them in an order of its own, another each time.
    serious = sorted(
        (message for message in found if message.is_serious()), key=lambda message: message.id or ""
    )
    yield from (f"{message.msg} {message.hint}" for message in serious)


if __name__ == "__main__":
    main(sys.argv[1:])
