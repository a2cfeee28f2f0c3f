"""A private RabbitMQ node from Debian's package: own ports, own name, own folder, loopback only."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from local.ports import LOOPBACK, answers, free_port
from local.processes import Process

# Debian's wrapper in /usr/sbin insists on the system's user and folders; this is what it wraps.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def why_missing() -> str | None:
    """None if a node can be started here, else a sentence."""
    if not SERVER.exists():
        return "RabbitMQ is not installed: apt-get install rabbitmq-server"
    if shutil.which("epmd") is None:
        return "Erlang's epmd is not on the PATH: apt-get install erlang-base"
    return None


@dataclass
class RabbitMQ:
    """A node and the epmd (Erlang's port mapper) that it needs. Its queues outlive `stop` and `kill`."""

    folder: Path
    port: int = field(default_factory=free_port)
    epmd_port: int = field(default_factory=free_port)
    distribution_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = {LOOPBACK}:{self.port}\n")
        (self.folder / "plugins").write_text("[].\n")
        self.epmd = Process(
            name="epmd",
            argv=["epmd", "-address", LOOPBACK, "-port", str(self.epmd_port)],
            log=self.folder / "epmd.log",
            ready=lambda: answers(self.epmd_port),
        )
        self.node = Process(
            name="RabbitMQ",
            argv=[str(SERVER)],
            env=os.environ | self.environment(),
            log=self.folder / "rabbitmq.log",
            ready_text="Server startup complete",
            ready_seconds=60,
            stop_seconds=30,
        )

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),  # the cookie that lets nodes talk to each other
            "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_NODENAME": f"peepopay-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_LOGS": "-",
            # Erlang's threads spin while idle by default, which takes the cores from what is being tested.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
            ),
            # Makes the script exec Erlang, so that our signals reach the server itself.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}//"

    def start(self) -> "RabbitMQ":
        """Raises StartFailed."""
        if not self.epmd.alive:
            self.epmd.start()
        self.node.start()
        return self

    def stop(self) -> None:
        self.node.stop()

    def kill(self) -> None:
        self.node.kill()

    def restart(self) -> None:
        self.node.restart()

    def freeze(self) -> None:
        self.node.freeze()

    def thaw(self) -> None:
        self.node.thaw()

    def close(self) -> None:
        """Stops the node and its epmd."""
        self.node.stop()
        self.epmd.stop()
