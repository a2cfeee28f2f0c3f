"""This machine's Python in the place of a base image's."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from local.postgres import may_enter


def lend_python(files: Path) -> dict[str, str]:
    """The variables that lead to a `python` below `files` which the image's own user may run too: if this one lies in a
    home that nobody else can enter, all of it is linked or copied."""
    home, here = Path(sys.base_prefix), files / "usr" / "local"
    commands = here / "bin"
    if os.geteuid() == 0 and not may_enter(home / "bin" / "python3", "nobody"):
        shutil.copytree(home, here, symlinks=True, copy_function=link_or_copy, ignore=not_of_a_base_image)
        found = {
            "LD_LIBRARY_PATH": str(here / "lib")
        }  # its library, if it was built with one, was left behind
    else:
        commands.mkdir(parents=True)
        (commands / "python").symlink_to(home / "bin" / "python3")
        found = {}
    return found | {"PATH": f"{commands}:{os.environ['PATH']}"}


def not_of_a_base_image(folder: str, names: list[str]) -> list[str]:
    """Its own tests, and what was installed here but pip."""
    if Path(folder).name == "site-packages":
        return [name for name in names if not name.startswith("pip")]
    return [name for name in names if name in {"test", "include", "__pycache__"}]


def link_or_copy(source: str, target: str) -> None:
    """A second name for the same file where that can be: nothing here is written to afterwards."""
    with suppress(OSError):
        os.link(source, target, follow_symlinks=False)
        return
    shutil.copy2(source, target)
